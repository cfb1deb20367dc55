import { strict as assert } from 'node:assert';

import type { Drill } from '../../drill.ts';
import type { Stack } from '../../stacks/stack.ts';

/** One statement each: ALTER SYSTEM refuses to run in a transaction. */
const apply = async (stack: Stack, change: string): Promise<void> => {
  await stack.sql(`ALTER SYSTEM ${change}`);
  await stack.sql('SELECT pg_reload_conf()');
};

export const drill: Drill = {
  name: 'postgres-read-only',
  title:
    'PostgreSQL accepts no writes, as the former primary after a fail-over, or as a server whose disk somebody protects.',
  alert: 'DependencyDown',
  labels: { dependency: 'postgres' },
  runbook: 'postgres-unreachable',
  blocks: ['who-sees-it', 'reason', 'accepts-writes', 'end-read-only', 'verify'],
  question: 'PostgreSQL runs and answers SELECT at once. Why are all processes unready?',
  answer:
    'It accepts no writes. A process does not serve from such a server: it is probably the former primary, and its rows are old. pg_settings says who made it ' +
    'read-only: here the configuration file, so ALTER SYSTEM RESET ends it.',
  log: { process: 'api', line: /the server accepts no writes/ },
  inject: (stack) => apply(stack, 'SET default_transaction_read_only = on'),
  recovered: async (stack) => {
    const [row] = await stack.sql('SHOW default_transaction_read_only');
    assert.deepEqual(row, { default_transaction_read_only: 'off' });
  },
  undo: (stack) => apply(stack, 'RESET default_transaction_read_only'),
};
