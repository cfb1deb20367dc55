// Installs everything in a namespace of its own, runs the phases under constant load, and removes what it made, whatever happens.

import { once } from 'node:events';

import { helm, kubectl } from '../../scripts/kubernetes/run.ts';
import type { Phase } from './phase.ts';
import { measureIdle } from './phases/resources.ts';
import type { PhaseResult } from './judge.ts';
import { runPhase } from './run-phase.ts';
import { LABEL, makeInstallation, RELEASE, type Images } from './support/installation.ts';
import { startLoad } from './support/load.ts';
import { watchPods } from './support/pods.ts';

export type SuiteOptions = {
  readonly phases: readonly Phase[];
  readonly images: Images;
  readonly rate: number;
  readonly keeps: boolean;
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
};

const CONNECTIONS = 16;

const seconds = (begin: number): string => `${((performance.now() - begin) / 1000).toFixed(0)} s`;

/** Warns of what an earlier run has left behind because it was killed. It is not removed: another run may be using it. */
const warnOfLeftovers = async (print: (line: string) => void): Promise<void> => {
  const names = await kubectl(['get', 'namespaces', '--selector', LABEL, '--output=name']);
  if (names !== '') print(`Earlier or other runs: ${names.split('\n').join(', ')} (kubectl delete removes them)`);
};

/** @param onResult is called after each phase */
export const runSuite = async (
  { phases, images, rate, keeps, print, signal }: SuiteOptions,
  onResult: (result: PhaseResult) => void,
): Promise<void> => {
  const namespace = `user-service-test-${process.pid}`;
  const installation = makeInstallation(namespace, images, signal);
  const stops: (() => void)[] = [];
  const broken = new AbortController();
  const stopAt = AbortSignal.any([signal, broken.signal]);
  const onEnd =
    (what: string) =>
    (reason: string): void => {
      broken.abort(new Error(`${what} ended: ${reason}`));
    };
  const stopped = once(stopAt, 'abort').then(() => Promise.reject(stopAt.reason as Error));
  stopped.catch(() => undefined);
  const step = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const begin = performance.now();
    const result = await work();
    print(`✓ ${name} (${seconds(begin)})`);
    return result;
  };

  await helm(['version', '--short'], { signal });
  await warnOfLeftovers(print);
  try {
    await step(`namespace ${namespace}`, installation.create);
    await step('dependencies', () => installation.installDependencies());
    await step('chart', () => installation.upgrade());
    await step('helm test', installation.runTests);
    const pods = watchPods(namespace, RELEASE, onEnd('The watch of the pods'));
    stops.push(pods.stop);
    await pods.settle();
    if (phases.some(({ name }) => name === 'resources'))
      await step('idle', async () => {
        print(`    idle: ${await measureIdle({ installation, pods })}`);
      });
    const { repository, current } = images;
    const target = {
      namespace,
      image: `${repository}:${current}`,
      url: `http://${RELEASE}-api`,
      connections: CONNECTIONS,
      rate,
    };
    const load = await step('load', () => startLoad(target, onEnd('The load pod')));
    stops.push(load.stop);
    for (const phase of phases) {
      stopAt.throwIfAborted();
      print(`▶ ${phase.name}: ${phase.about}`);
      onResult(await Promise.race([runPhase(phase, { installation, load, pods, print }, stopAt), stopped]));
    }
  } finally {
    for (const stop of stops) stop();
    await installation.remove(keeps);
    print(keeps ? `kept: namespace ${namespace}` : `removed: namespace ${namespace}`);
  }
};
