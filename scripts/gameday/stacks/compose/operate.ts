// What a drill can do to the stack of Docker Compose.

import { docker } from '../../../../test/support/docker-command.ts';
import type { Part, Stack } from '../stack.ts';
import type { Checkout } from './checkout.ts';

export type Compose = (args: readonly string[], input?: string) => Promise<string>;

type State = { readonly State: string };

/** @param variables of Compose */
export const composeIn =
  (folder: string, variables: Readonly<Record<string, string>>): Compose =>
  (args, input = '') =>
    docker(['compose', '--progress', 'quiet', ...args], variables, { cwd: folder, input });

const stateOf = async (compose: Compose, part: Part): Promise<string> => {
  const rows = await compose(['ps', '--all', '--format', 'json', part]);
  return rows === '' ? 'missing' : (JSON.parse(rows.split('\n')[0] ?? '') as State).State;
};

type Operations = Pick<Stack, 'kill' | 'pause' | 'resume' | 'start' | 'restart' | 'deploy' | 'rollBack' | 'scale'>;

export const operations = (compose: Compose, { release, rollBack }: Checkout): Operations => {
  const up = async (part: Part, ...options: string[]): Promise<void> => {
    await compose(['up', '--detach', '--no-deps', ...options, part]);
  };
  const resume = async (part: Part): Promise<void> => {
    if ((await stateOf(compose, part)) === 'paused') await compose(['unpause', part]);
  };
  return {
    /** A container that was killed by a command is not restarted by `unless-stopped`. */
    kill: async (part) => {
      await resume(part);
      if ((await stateOf(compose, part)) !== 'exited') await compose(['kill', part]);
    },
    pause: async (part) => {
      await compose(['pause', part]);
    },
    resume,
    start: async (part) => {
      await resume(part);
      await up(part, '--wait');
    },
    restart: async (part) => {
      await resume(part);
      await compose(['restart', part]);
      await up(part, '--wait');
    },
    deploy: async (process, settings) => {
      await release(process, settings);
      await up(process);
    },
    rollBack: async (process) => {
      await rollBack();
      await up(process);
    },
    scale: (process, instances) => up(process, '--wait', '--no-recreate', '--scale', `${process}=${instances}`),
  };
};
