// curl: paths of the public port, of the management port and of Prometheus.

import type { Context, ProgramRule } from '../command-rules.ts';
import { oneOf } from '../fault.ts';
import { queryFaults } from '../queries.ts';
import { readArguments, unknownFlags } from './flags.ts';

/* eslint-disable security/detect-object-injection -- they read our own files */

const FLAGS = [
  ...[
    '-s',
    '-S',
    '-sS',
    '-sf',
    '-f',
    '-fsS',
    '-sSf',
    '-sSi',
    '-i',
    '-I',
    '-G',
    '-k',
    '-v',
    '--silent',
    '--show-error',
    '--fail',
  ],
  ...[
    '--fail-with-body',
    '--get',
    '--include',
    '-X=',
    '-H=',
    '-d=',
    '-o=',
    '-w=',
    '--request=',
    '--header=',
    '--data=',
  ],
  ...[
    '--data-urlencode=',
    '--output=',
    '--write-out=',
    '--max-time=',
    '--connect-timeout=',
    '--cacert=',
    '--resolve=',
    '--retry=',
    '--retry-delay=',
    '--retry-all-errors',
    '--retry-connrefused',
    '--retry-max-time=',
  ],
];

const PROMETHEUS =
  /^\/(?:-\/(?:healthy|ready|reload)|api\/v1\/(?:alerts|query|query_range|query_exemplars|rules|series|targets|status\/\w+))$/;
const SERVERS: Readonly<Record<string, 'api' | 'management' | 'prometheus'>> = {
  $API_URL: 'api',
  $MANAGEMENT_URL: 'management',
  $RELAY_MANAGEMENT_URL: 'management',
  $WORKER_MANAGEMENT_URL: 'management',
  'http://localhost:8081': 'management',
  'http://127.0.0.1:8081': 'management',
  $PROMETHEUS_URL: 'prometheus',
};

const matches = (pattern: string, path: string): boolean => {
  const parts = pattern.split('/');
  const given = path.split('/');
  return (
    parts.length === given.length &&
    parts.every(
      (part, index) => part.startsWith(':') || part === given[index] || given[index]?.startsWith('$') === true,
    )
  );
};

const urlFaults = (url: string, { world }: Context): string[] => {
  const [, base = '', path = ''] = /^(\$\{?\w+\}?|https?:\/\/[^/]+)([^?]*)/.exec(url) ?? [];
  const server = SERVERS[base.replaceAll(/[{}]/g, '')];
  if (server === undefined) return [`curl calls ${url}; known are ${oneOf(Object.keys(SERVERS))}`];
  if (server === 'prometheus') return PROMETHEUS.test(path) ? [] : [`Prometheus has no path ${path}`];
  const paths = world.paths[server];
  return paths.some((pattern) => matches(pattern, path))
    ? []
    : [`the ${server} port has no path ${path === '' ? '/' : path}; there are ${oneOf(paths)}`];
};

export const curlFaults: ProgramRule = (args, context) => {
  const read = readArguments(args, FLAGS);
  const queries = read.flags
    .filter(([, value]) => value.startsWith('query='))
    .map(([, value]) => value.slice('query='.length));
  return [
    ...unknownFlags('curl', read, FLAGS),
    ...(read.operands.length === 0 ? ['curl has no URL'] : read.operands.flatMap((url) => urlFaults(url, context))),
    ...queries.flatMap((expr) => queryFaults(expr, context.world.emitted)),
  ];
};
