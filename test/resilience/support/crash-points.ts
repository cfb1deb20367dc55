// Preloaded into a process under test: it kills itself with SIGKILL at a chosen statement, as a power cut would, without any change of the
// service's own code. CRASH_AT is `<before|after>:<statement>:<n>`, the n-th time that the statement of this name or text is sent; after means
// when its answer is there.

import { env } from 'node:process';
import pg from 'pg';

const [moment = '', statement = '', count = '1'] = (env.CRASH_AT ?? '').split(':');
let left = Number(count);

type Query = (this: pg.Client, config: unknown, ...rest: unknown[]) => unknown;

const die = (): void => {
  process.kill(process.pid, 'SIGKILL');
};

/** Whether this statement is the one, now; a fetch that finds nothing does not count. */
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
    return (result as Promise<{ rowCount: number | null }>).then((answer) => {
      if (isDue(answer)) die();
      return answer;
    });
  };
  Reflect.set(pg.Client.prototype, 'query', crashing);
}
