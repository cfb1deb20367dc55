// The command line of `npm run demo:kind`.

import { parseOptions, readInteger, rejectArgument, UsageError } from '../../src/composition/command-line.ts';

export const HELP = `Usage: npm run demo:kind -- [options]

Installs user-service with PostgreSQL, Redis, Kafka and a schema registry on a cluster of kind, or on the cluster of KUBECONFIG when that is set.
It can be repeated: it checks what is there and adds what is missing. Press Ctrl-C to end the port-forwards; the demo stays installed.

  --load <seconds>     send requests from a pod for 5 to 240 seconds and print how many failed
  --status             what is installed
  --down               remove what this command made: its namespace, its cluster of kind, its images
  --namespace <name>   default: user-service-demo
  --port <number>      port of the API on this machine (default: 8080; the next free one if it is taken)
  --help               print this text

KUBECONFIG   the cluster, instead of one of kind
LOAD_IMAGE   command that takes a docker archive on standard input and loads it into that cluster
Exit codes: 0 done, 1 failed, 64 wrong usage, 130 interrupted.`;

export const DEFAULT_NAMESPACE = 'user-service-demo';

export type DemoArguments = {
  readonly task: 'up' | 'down' | 'status' | 'load';
  readonly namespace: string;
  readonly port: number;
  readonly seconds: number;
};

const OPTIONS = {
  load: { type: 'string' },
  status: { type: 'boolean', default: false },
  down: { type: 'boolean', default: false },
  namespace: { type: 'string', default: DEFAULT_NAMESPACE },
  port: { type: 'string', default: '8080' },
} as const;

/** @throws UsageError for an unknown option, a wrong value, or two tasks at once */
export const readDemoArguments = (args: readonly string[]): DemoArguments => {
  const { values, positionals } = parseOptions(args, OPTIONS);
  rejectArgument(positionals[0]);
  const { load, status, down, namespace } = values;
  const chosen = [load !== undefined && 'load', status && 'status', down && 'down'].filter((task) => task !== false);
  if (chosen.length > 1) throw new UsageError(`--${chosen.join(' and --')} exclude one another`);
  // RFC 1123 label; shorter than its 63 characters, because the names of objects in it are printed in commands
  if (!/^[a-z0-9-]{1,50}$/.test(namespace) || /^-|-$/.test(namespace)) {
    throw new UsageError('--namespace must be lower-case letters, digits and hyphens, at most 50 characters');
  }
  return {
    task: (chosen[0] ?? 'up') as DemoArguments['task'],
    namespace,
    port: readInteger('--port', values.port, [1024, 65_000]),
    seconds: load === undefined ? 0 : readInteger('--load', load, [5, 240]),
  };
};
