import type { Drill } from '../../drill.ts';

export const drill: Drill = {
  name: 'api-absent',
  title: 'All api processes are killed and nothing starts them again.',
  alert: 'ApiAbsent',
  runbook: 'api-absent',
  blocks: ['ask-api', 'processes', 'log', 'start', 'verify'],
  question: 'Every request fails. Did a release break the api, does it hang, or is it gone? What tells you?',
  answer:
    'It is gone: nothing listens, and the log ends with a request like any other, without an error or a shutdown. A bad release would have printed why; ' +
    'a process that hangs would still be listed as running.',
  log: { process: 'api', line: /api is listening/ },
  inject: (stack) => stack.kill('api'),
  undo: (stack) => stack.start('api'),
};
