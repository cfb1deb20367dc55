// Preload of a process under test: it kills itself with SIGKILL at a given statement, like a power failure, without a change to the service.
// CRASH_AT is `<before|after>:<statement>:<n>`: before or after the n-th execution of the statement with this name or text.

import { env } from 'node:process';
import pg from 'pg';

const [moment = '', statement = '', count = '1'] = (env.CRASH_AT ?? '').split(':');
let left = Number(count);

type Query = (this: pg.Client, config: unknown, ...rest: unknown[]) => unknown;

const die = (): void => {
  process.kill(process.pid, 'SIGKILL');
};

/** Whether this execution is the n-th; a fetch without rows does not count. */
const isDue = (result?: { rowCount: number | null }): boolean => {
  if (result !== undefined && statement === 'fetch-outbox' && result.rowCount === 0) return false;
  left -= 1;
  return left === 0;
};

const namesOf = (config: unknown): unknown[] => {
  if (typeof config !== 'object' || config === null) return [];
  const { name, text } = config as { name?: unknown; text?: unknown };
  return [name, text];
};

if (statement !== '') {
  const query = Reflect.get(pg.Client.prototype, 'query') as Query;
  const crashing: Query = function (config, ...rest) {
    const named = namesOf(config).includes(statement);
    if (named && moment === 'before' && isDue()) die();
    const result = query.call(this, config, ...rest);
    if (!named || moment !== 'after') return result;
    return (result as Promise<{ rowCount: number | null }>).then((reply) => {
      if (isDue(reply)) die();
      return reply;
    });
  };
  Reflect.set(pg.Client.prototype, 'query', crashing);
}
