import type { Drill } from '../../drill.ts';

export const drill: Drill = {
  name: 'feature-flags-invalid',
  title: 'The kill switch for orders gets a text instead of true or false.',
  alert: 'FeatureFlagsInvalid',
  runbook: 'feature-flags-invalid',
  blocks: ['which-processes', 'why', 'content', 'correct', 'is-valid-again'],
  fillIn: () => Promise.resolve({ FLAG_CHANGE: 'accept-orders=default' }),
  question:
    'Somebody changed a feature flag, and nothing happened. Are orders accepted now, and after a restart of the api?',
  answer:
    'Both times yes: a running process keeps the last valid values, and one that starts uses the defaults. So a switch that was off before the mistake would be on ' +
    'again after a restart: correct the file before anything restarts.',
  log: { process: 'api', line: /the file of feature flags is not valid/ },
  inject: (stack) => stack.writeFlags('{"accept-orders": "off"}'),
  undo: (stack) => stack.writeFlags('{}'),
};
