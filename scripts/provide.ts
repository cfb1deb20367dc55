// Programs and servers that npm does not bring: .ci/engine finds, downloads or starts them.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { env } from 'node:process';

const ENGINE = join(import.meta.dirname, '../.ci/engine');

export type Need =
  'helm' | 'prometheus' | 'postgres' | 'docker' | 'cluster' | 'vault' | 'injector' | 'sops' | 'gitleaks';

/** @returns environment variables with which they are used, or the reason why they are not available */
export const provide = (need: Need): Record<string, string> | string => {
  // eslint-disable-next-line sonarjs/no-os-command-from-path -- runs on a developer's machine and in CI
  const { status, stdout, stderr } = spawnSync('bash', [ENGINE, need], { encoding: 'utf8', env });
  if (status !== 0) return stderr.trim().split('\n').at(-1) ?? '';
  const pairs = [...stdout.matchAll(/^(\w+)=(.*)$/gm)];
  return Object.fromEntries(pairs.map(([, variable = '', value = '']) => [variable, value]));
};

/** Ends what `provide` has started. */
export const endProvided = (): void => {
  spawnSync('bash', [ENGINE, 'down'], { stdio: 'ignore' }); // eslint-disable-line sonarjs/no-os-command-from-path -- as above
};
