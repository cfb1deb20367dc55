// promtool query instant|range URL EXPRESSION

import type { ProgramRule } from '../command-rules.ts';
import { queryFaults } from '../queries.ts';
import { readArguments, unknownFlags } from './flags.ts';

const FLAGS = ['--start=', '--end=', '--step=', '--format=', '-o='];

export const promtoolFaults: ProgramRule = (args, { world }) => {
  const read = readArguments(args, FLAGS);
  const [query, kind = '', url, expr = '', ...more] = read.operands;
  if (query !== 'query' || !['instant', 'range'].includes(kind))
    return ['promtool is for: query instant | query range'];
  return [
    ...unknownFlags('promtool', read, FLAGS),
    ...(url === '$PROMETHEUS_URL' ? [] : [`the server is "$PROMETHEUS_URL", not ${url ?? 'missing'}`]),
    ...(more.length > 0 ? ['the query is one argument in single quotes'] : []),
    ...queryFaults(expr, world.emitted),
  ];
};
