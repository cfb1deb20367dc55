import type { Drill } from '../../drill.ts';

export const drill: Drill = {
  name: 'postgres-unreachable',
  title: 'PostgreSQL hangs: connections stay open, and nothing is answered. On a cluster it is scaled to zero.',
  alert: 'DependencyDown',
  labels: { dependency: 'postgres' },
  runbook: 'postgres-unreachable',
  blocks: ['who-sees-it', 'reason', 'server', 'restart', 'verify'],
  question: 'Everything answers 503, and no connection is refused. What is down, and what must you not restart?',
  answer:
    'PostgreSQL hangs: checks and statements end by their timeouts, not with ECONNREFUSED. Restart the server, not the processes: they reconnect by themselves, and ' +
    'what was accepted before is in the outbox.',
  log: { process: 'api', line: /"dependency":"postgres".*dependency is down/ },
  inject: (stack) => (stack.target === 'kubectl' ? stack.kill('postgres') : stack.pause('postgres')),
  recovered: async (stack) => {
    await stack.sql('SELECT 1');
  },
  undo: (stack) => stack.restart('postgres'),
};
