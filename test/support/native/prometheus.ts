import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { eventually } from '../eventually.ts';
import { freePort } from '../free-port.ts';
import { endsWithThisProcess } from './ends-with-this-process.ts';

const START_MS = 30_000;
const KEPT_CHARACTERS = 4000;

/**
 * Starts a Prometheus, which ends with this process at the latest.
 * @param folder with prometheus.yml; it gets the data
 * @throws Error with the end of its log when it is not ready after 30 s
 */
export const startNativePrometheus = async (program: string, folder: string, flags: readonly string[] = []) => {
  const url = `http://127.0.0.1:${await freePort()}`;
  const child = spawn(
    program,
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${new URL(url).host}`,
      '--log.level=warn',
      ...flags,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  if (child.pid !== undefined) child.once('exit', endsWithThisProcess(child.pid));
  const ended = once(child, 'close');
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-KEPT_CHARACTERS)));
  await eventually(
    async () => {
      const { status } = await fetch(`${url}/-/ready`);
      if (status !== 200) throw new Error(`Prometheus is not ready: ${output}`);
    },
    { deadlineMs: START_MS },
  );
  return {
    url,
    close: async (): Promise<void> => {
      child.kill('SIGKILL');
      await ended;
    },
  };
};
