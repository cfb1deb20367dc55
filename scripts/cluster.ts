// `npm run test:cluster`: the chart on a real cluster under constant load, phase by phase. docs/cluster.md describes it.

import { existsSync } from 'node:fs';

import {
  describeFailure,
  EXIT,
  parseOptions,
  rejectArgument,
  runCommandLine,
  UsageError,
} from '../src/composition/command-line.ts';
import { ALL_PHASES } from '../test/cluster/phases/all-phases.ts';
import type { PhaseResult } from '../test/cluster/judge.ts';
import { runSuite } from '../test/cluster/run-suite.ts';
import type { Images } from '../test/cluster/support/installation.ts';
import { provideImages } from '../test/cluster/support/provide-images.ts';
import { findMissedNumbers, formatResults } from '../test/cluster/table.ts';
import { ClusterError, isClusterFailure, reachCluster, useCluster, whichCluster } from './kubernetes/cluster.ts';

const HELP = `npm run test:cluster [-- options]

Installs helm/demo-dependencies and helm/user-service in a namespace of its own on the cluster of KUBECONFIG (default: the kind cluster of
npm run demo:kind), sends reads and orders from a pod, and changes, breaks and replaces things meanwhile. No request may fail. Removes what it made.

  --phases a,b    run these phases only, in the order of --list
  --list          list the phases
  --image REF     an image that the nodes can get, e.g. user-service:0.1.0, instead of building one with docker
  --next REF      the image of upgrades, of the same repository; default: the same as --image
  --rate N        requests per second (default 130)
  --keep          keep the namespace
  --help          show this help

LOAD_IMAGE is the command that takes an image archive (docker save) on standard input and passes it to the nodes; default: kind load.
A full run takes about 15 minutes. Exit codes: 0 passed, 1 failed or invalid, 64 invalid usage, 130 interrupted.`;

const OPTIONS = {
  phases: { type: 'string' },
  list: { type: 'boolean', default: false },
  image: { type: 'string' },
  next: { type: 'string' },
  rate: { type: 'string', default: '130' },
  keep: { type: 'boolean', default: false },
} as const;

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const selectPhases = (names: string | undefined) => {
  if (names === undefined) return ALL_PHASES;
  const selected = new Set(names.split(','));
  const unknown = [...selected].filter((name) => !ALL_PHASES.some((phase) => phase.name === name));
  if (unknown.length > 0) throw new UsageError(`--phases: ${unknown.join(', ')} is unknown; --list lists the phases.`);
  return ALL_PHASES.filter(({ name }) => selected.has(name));
};

const splitReference = (reference: string): { readonly repository: string; readonly tag: string } => {
  const [, repository = '', tag = ''] = /^(.+):([\w.-]+)$/.exec(reference) ?? [];
  if (tag === '') throw new UsageError(`${reference} is not an image with a tag, such as user-service:0.1.0.`);
  return { repository, tag };
};

const readOptions = (args: readonly string[]) => {
  const { values, positionals } = parseOptions(args, OPTIONS);
  rejectArgument(positionals[0]);
  if (!/^[1-9]\d{0,3}$/.test(values.rate)) throw new UsageError(`--rate ${values.rate} is not a number of 1 to 9999.`);
  if (values.next !== undefined && values.image === undefined) throw new UsageError('--next needs --image.');
  return {
    ...values,
    rate: Number(values.rate),
    phases: selectPhases(values.phases),
    isFull: values.phases === undefined,
  };
};
type Options = ReturnType<typeof readOptions>;

const imagesOf = ({ image = '', next = image }: Options): Images => {
  const [first, second] = [splitReference(image), splitReference(next)];
  if (first.repository !== second.repository) throw new UsageError('--image and --next must be of one repository.');
  return { repository: first.repository, current: first.tag, next: second.tag };
};

const summarize = (results: readonly PhaseResult[], { isFull }: Options, minutes: number): number => {
  const failed = results.filter(({ faults }) => faults.length > 0).length;
  const missed = isFull ? findMissedNumbers(results, minutes) : [];
  print(`\n${formatResults(results)}`);
  for (const sentence of missed) print(`✗ numbers: ${sentence}`);
  if (results.some(({ isControl, faults }) => isControl && faults.length > 0)) print('✗ The run is invalid.');
  print(`\n${minutes.toFixed(1)} minutes`);
  print(`${results.length - failed} passed, ${failed + Math.min(1, missed.length)} failed`);
  return failed + missed.length === 0 ? EXIT.done : EXIT.failed;
};

const test = async (options: Options): Promise<number> => {
  const interrupt = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => {
      print('interrupted: removing what was made (again to stop at once)');
      interrupt.abort();
    });
  const { signal } = interrupt;
  const begin = performance.now();
  const results: PhaseResult[] = [];
  try {
    const cluster = whichCluster();
    if (cluster.from === 'kind' && !existsSync(cluster.kubeconfig))
      throw new ClusterError('There is no cluster: set KUBECONFIG, or create the kind cluster of the demo.');
    useCluster(cluster);
    const { context, version } = await reachCluster(signal);
    print(`cluster: ${context}, Kubernetes ${version}`);
    const images = options.image === undefined ? await provideImages(print, signal) : imagesOf(options);
    const { phases, rate, keep } = options;
    await runSuite({ phases, images, rate, keeps: keep, print, signal }, (result) => {
      results.push(result);
      for (const fault of result.faults) print(`  ✗ ${fault}`);
    });
  } catch (error) {
    if (signal.aborted) process.exit(EXIT.interrupted); // what still waits is not waited for
    process.stderr.write(`${isClusterFailure(error) ? error.message : describeFailure(error)}\n`);
    if (results.length > 0) print(`\n${formatResults(results)}\n`);
    print(`${results.filter(({ faults }) => faults.length === 0).length} passed, 1 failed`);
    process.exit(EXIT.failed); // as above
  }
  return summarize(results, options, (performance.now() - begin) / 60_000);
};

process.exitCode = await runCommandLine(HELP, async (args) => {
  const options = readOptions(args);
  if (!options.list) return test(options);
  for (const { name, about } of ALL_PHASES) print(`${name.padEnd(20)}${about}`);
  return EXIT.done;
});
