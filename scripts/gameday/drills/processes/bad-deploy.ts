import type { Drill } from '../../drill.ts';

export const drill: Drill = {
  name: 'bad-deploy',
  title: 'A release of the api has an invalid setting: each process ends with exit code 78.',
  alert: 'ApiAbsent',
  runbook: 'bad-deploy',
  blocks: ['release', 'why', 'errors-by-version', 'rollback', 'verify'],
  notOn: {
    kubectl:
      'the chart refuses a setting that is not valid, and Kubernetes keeps the old pods until new ones are ready: the api stays up',
  },
  question: 'No api process is up, a minute after a release. Which setting is wrong, and what do you do first?',
  answer:
    'The log names HTTP_REQUEST_TIMEOUT_MS and what was expected. Roll back first, with code and settings together; correct the setting in the next release.',
  log: { process: 'api', line: /invalid configuration/ },
  inject: (stack) => stack.deploy('api', { HTTP_REQUEST_TIMEOUT_MS: '10s' }),
  undo: (stack) => stack.rollBack('api'),
};
