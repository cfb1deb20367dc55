// The programs that the demo needs, and where to get those that are missing.

import { env } from 'node:process';
import { variable } from '../../src/config/environment.ts';
import { CommandError, run } from '../kubernetes/run.ts';

const PROGRAMS = {
  docker: { name: () => 'docker', check: ['--version'], page: 'https://docs.docker.com/get-started/get-docker/' },
  kind: {
    name: () => 'kind',
    check: ['version'],
    page: 'https://kind.sigs.k8s.io/docs/user/quick-start/#installation',
  },
  kubectl: {
    name: () => variable(env, 'KUBECTL') ?? 'kubectl',
    check: ['version', '--client'],
    page: 'https://kubernetes.io/docs/tasks/tools/',
  },
  helm: {
    name: () => variable(env, 'HELM') ?? 'helm',
    check: ['version'],
    page: 'https://helm.sh/docs/intro/install/',
  },
} as const;

export type Program = keyof typeof PROGRAMS;

/** Something is not installed. The message lists everything that is missing, with the page that says how to install it. */
export class MissingProgramError extends Error {}

const isMissing = async (program: Program): Promise<boolean> => {
  const { name, check } = PROGRAMS[program]; // eslint-disable-line security/detect-object-injection -- a name of the type
  try {
    await run(name(), check, { quiet: true });
    return false;
  } catch (error) {
    if (error instanceof CommandError && error.reason === 'missing') return true;
    throw error;
  }
};

/** @throws MissingProgramError */
export const requirePrograms = async (programs: readonly Program[]): Promise<void> => {
  const found = await Promise.all(programs.map(isMissing));
  const missing = programs.filter((_, index) => found.at(index));
  if (missing.length === 0) return;
  // eslint-disable-next-line security/detect-object-injection -- names of the type
  const lines = missing.map((program) => `  ${program.padEnd(8)} ${PROGRAMS[program].page}`);
  const hint = missing.includes('kind') ? '\nOr set KUBECONFIG to use a cluster that is there already.' : '';
  throw new MissingProgramError(
    `The demo needs programs that are not installed, or not on the PATH:\n${lines.join('\n')}${hint}`,
  );
};

/** @throws CommandError when the engine does not run */
export const requireDockerEngine = async (): Promise<void> => {
  await run('docker', ['version', '--format', '{{.Server.Version}}'], { quiet: true });
};
