import { createInterface } from 'node:readline/promises';

import { BackupError } from './backup-error.ts';

/** @throws BackupError unless a person, or `--yes`, agrees */
export const ask = async (question: string, isAnswered: boolean): Promise<void> => {
  if (isAnswered) return;
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await Promise.race([
    lines.question(`${question} Continue? [y/N] `),
    new Promise<string>((resolve) => {
      lines.once('close', () => {
        resolve('');
      });
    }),
  ]);
  lines.close();
  if (answer.trim().toLowerCase() !== 'y') throw new BackupError('Nothing was changed.');
};
