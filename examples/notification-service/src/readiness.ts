// Whether this process can work, and whether it does: its dependencies are checked in the background, and each change is logged once.

import { setTimeout as pause } from 'node:timers/promises';

import type { Logger } from 'pino';

type Options = {
  /** By name: rejects while the dependency is down, within a deadline of its own. */
  readonly dependencies: Readonly<Record<string, () => Promise<unknown>>>;
  readonly intervalMs: number;
  readonly isJoined: () => boolean;
  readonly isClosing: () => boolean;
  readonly logger: Logger;
};

export const makeReadiness = ({ dependencies, intervalMs, isJoined, isClosing, logger }: Options) => {
  const up = new Map<string, boolean>();
  let wasReady: boolean | undefined;

  const isAble = (): boolean => Object.keys(dependencies).every((name) => up.get(name) === true);
  const isReady = (): boolean => isAble() && isJoined() && !isClosing();

  const update = (dependency: string, isUp: boolean, err?: unknown): void => {
    if (up.get(dependency) === isUp) return;
    up.set(dependency, isUp);
    if (isUp) logger.info({ dependency }, 'dependency is up');
    else logger.warn({ dependency, err }, 'dependency is down');
  };
  const runCheck = ([name, check]: [string, () => Promise<unknown>]): Promise<void> =>
    check().then(
      () => {
        update(name, true);
      },
      (err: unknown) => {
        update(name, false, err);
      },
    );
  const reportStatus = (): void => {
    const ready = isReady();
    if (ready !== wasReady) logger.info({ joined: isJoined() }, ready ? 'process is ready' : 'process is not ready');
    wasReady = ready;
  };

  return {
    isReady,
    /** Checks until the process ends, and tells `watcher` each result: whether every dependency is up. */
    start: async (watcher: { able(): void; unable(): void }): Promise<void> => {
      while (!isClosing()) {
        await Promise.all(Object.entries(dependencies).map(runCheck));
        if (isAble()) watcher.able();
        else watcher.unable();
        reportStatus();
        await pause(intervalMs, undefined, { ref: false });
      }
    },
  };
};
