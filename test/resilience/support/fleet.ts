// Processes of the service that are restarted whenever they end, as on a platform, and killed by a seeded plan.

import { setTimeout as pause } from 'node:timers/promises';
import { join } from 'node:path';

import { startProgram } from '../../support/child-process.ts';
import { freePort } from '../../support/free-port.ts';

const CRASH_POINTS = join(import.meta.dirname, 'crash-points.ts');

type Options = {
  readonly role: 'api' | 'relay' | 'worker';
  readonly env: Readonly<Record<string, string>>;
  /**
   * The next crash point, undefined for none. `before|after:<statement>:<n>` is reached inside the process; `random` and `in shutdown` are signals
   * from here.
   */
  readonly nextPoint: () => string | undefined;
  readonly chance: () => number;
  /** Called after each kill. */
  readonly onKilled: (point: string) => void;
};

export const startMember = async ({ role, env, nextPoint, chance, onKilled }: Options) => {
  const [port, managementPort] = [await freePort(), await freePort()];
  const failures: string[] = [];
  let program: ReturnType<typeof startProgram> | undefined;
  const stop = new AbortController();

  const runOnce = async (): Promise<void> => {
    const point = nextPoint();
    const inside = point?.includes(':') ? point : '';
    const started = startProgram(role, {
      execArgv: ['--import', CRASH_POINTS],
      env: { ...env, HTTP_PORT: String(port), HTTP_MANAGEMENT_PORT: String(managementPort), CRASH_AT: inside },
    });
    program = started;
    if (point !== undefined && inside === '') void killFromOutside(started, point);
    const code = await started.exited;
    if (point !== undefined && (code === null || (point === 'in shutdown' && code === 0))) onKilled(point);
    else if (!stop.signal.aborted)
      failures.push(
        `${role} ended with ${String(code)}: ${started.output.stdout.slice(-2000)}${started.output.stderr}`,
      );
  };

  const killFromOutside = async (victim: ReturnType<typeof startProgram>, point: string): Promise<void> => {
    await pause(800 + chance() * 1500);
    if (point === 'in shutdown') {
      victim.kill('SIGTERM');
      await pause(chance() * 60);
    }
    victim.kill('SIGKILL');
  };

  const running = (async () => {
    while (!stop.signal.aborted) await runOnce();
  })();

  return {
    url: `http://127.0.0.1:${port}/api/v1`,
    managementUrl: `http://127.0.0.1:${managementPort}`,
    /** Processes that ended without being killed. */
    failures,
    kill: (): void => {
      program?.kill('SIGKILL');
    },
    stop: async (): Promise<void> => {
      stop.abort();
      program?.kill('SIGKILL');
      await running;
    },
  };
};

export type Member = Awaited<ReturnType<typeof startMember>>;
