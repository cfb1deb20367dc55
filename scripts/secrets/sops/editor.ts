// The editor of `sops edit`. sops asks again and again for YAML that is not valid, endlessly without a terminal, and knows nothing of the values.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { env, stdin, stdout } from 'node:process';

import { variable } from '../../../src/config/environment.ts';
import { valueFaults } from './values.ts';

const path = process.argv[2] ?? '';

const openEditor = (): boolean => {
  // Through a shell, as git does: EDITOR may have arguments.
  const { status } = spawnSync(`${variable(env, 'SECRETS_EDITOR') ?? 'vi'} "$SECRETS_FILE"`, {
    ...{ shell: true, stdio: 'inherit' },
    env: { ...env, SECRETS_FILE: path },
  });
  return status === 0;
};

const wantsAgain = async (): Promise<boolean> => {
  if (!stdin.isTTY) return false;
  const terminal = createInterface({ input: stdin, output: stdout });
  const answer = await terminal.question('Open the editor again? Otherwise nothing is changed. [Y/n] ');
  terminal.close();
  return answer === '' || answer.toLowerCase().startsWith('y');
};

const edit = async (): Promise<boolean> => {
  const faults = openEditor() ? valueFaults(readFileSync(path, 'utf8')) : ['the editor failed'];
  for (const fault of faults) stdout.write(`- ${fault}\n`);
  if (faults.length === 0) return true;
  return (await wantsAgain()) && edit();
};

process.exitCode = (await edit()) ? 0 : 1;
