// What became of acknowledged orders, by the database.

import { kubectl } from '../../../scripts/kubernetes/run.ts';
import { eventually } from '../../support/eventually.ts';
import type { OrderFigures } from '../figures.ts';

const COUNT_ORDERS = `
SELECT count(*) FILTER (WHERE orders.id IS NULL), count(*) FILTER (WHERE orders.status = 'placed')
FROM acknowledged LEFT JOIN orders USING (id)`;

const count = async (namespace: string, ids: readonly string[]): Promise<OrderFigures> => {
  const input = `CREATE TEMPORARY TABLE acknowledged (id uuid);\nCOPY acknowledged FROM STDIN;\n${ids.join('\n')}\n\\.\n${COUNT_ORDERS};\n`;
  const psql = ['psql', '--username=postgres', '--dbname=user_service', '--quiet', '--tuples-only', '--no-align'];
  const text = await kubectl(['exec', '--namespace', namespace, '--stdin', 'service/postgres', '--', ...psql], {
    input,
  });
  const [lost = Number.NaN, undecided = Number.NaN] = text.split('|').map(Number);
  return { lost, undecided };
};

/**
 * Waits until all orders are decided, at most until the deadline.
 * @param ids of acknowledged orders
 * @returns the figures at that moment, and how long it took
 */
export const judgeOrders = async (
  namespace: string,
  ids: readonly string[],
  deadlineMs: number,
): Promise<OrderFigures & { readonly tookMs: number }> => {
  const begin = performance.now();
  let figures: OrderFigures = { lost: 0, undecided: 0 };
  if (ids.length === 0) return { ...figures, tookMs: 0 };
  await eventually(
    async () => {
      figures = await count(namespace, ids);
      if (figures.undecided > 0) throw new Error(`${figures.undecided} orders are undecided`);
    },
    { deadlineMs, everyMs: 500 },
  ).catch((error: unknown) => {
    if (figures.undecided === 0) throw error;
  });
  return { ...figures, tookMs: performance.now() - begin };
};
