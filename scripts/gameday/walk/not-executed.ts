// Blocks of runbooks that neither a drill nor the walk executes on a kind of stack, and why. A gate compares the rows with the pages.

import type { Target } from '../stacks/stack.ts';

export type NotExecuted = {
  readonly page: string;
  readonly blocks: readonly string[];
  readonly on: readonly Target[];
  /** One sentence. */
  readonly why: string;
};

export const NOT_EXECUTED: readonly NotExecuted[] = [
  {
    page: 'restore-from-backup',
    blocks: ['newest', 'restore', 'look', 'reconcile'],
    on: ['compose', 'kubectl'],
    why: 'These servers archive nothing. The blocks are the same everywhere, and the drill on processes of this machine executes them.',
  },
  {
    page: 'certificate',
    blocks: ['stored', 'write-pair'],
    on: ['kubectl'],
    why: 'The release of a game day has no ingress, and so no Secret with a certificate.',
  },
  {
    page: 'age-key',
    blocks: ['recipient-of-key', 'take-out', 'new-passwords', 'check', 'let-in'],
    on: ['local', 'compose', 'kubectl'],
    why: 'They change the encrypted secrets of the repository. test/secrets/runbook.test.ts executes them in a copy of it, with keys of its own.',
  },
  {
    page: 'age-key',
    blocks: ['deploy'],
    on: ['kubectl'],
    why: 'The release of a game day has its own secrets. test/secrets/deployment.test.ts renders the chart with decrypted values in the same way.',
  },
  {
    page: 'notification-service-absent',
    blocks: ['processes', 'log', 'start'],
    on: ['kubectl'],
    why: 'The charts install no notification-service, which belongs to another team.',
  },
  {
    page: 'high-memory-usage',
    blocks: ['heap-snapshot'],
    on: ['kubectl'],
    why: 'The limit of the chart is too low for a snapshot, and the page says to release a higher one first.',
  },
];
