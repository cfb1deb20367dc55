// `npm run test:network`: tries every cell of the network tables in docs/delivery.md on the cluster of KUBECONFIG. Where the network plugin does not
// enforce network policies, all cells are counted as skipped.

import { randomBytes } from 'node:crypto';
import { findDifferences, readCells, type Cell } from '../test/cluster/network/cells.ts';
import { allowAll, applyPolicies, denyAll, startProbePods, tryCells } from '../test/cluster/network/probe-pods.ts';
import { reachCluster, useCluster, whichCluster } from './kubernetes/cluster.ts';
import { kubectl } from './kubernetes/run.ts';

/** A network plugin applies a policy some time after the API server has stored it. */
const SETTLE_MS = 60_000;
const ENFORCED_WITHIN_MS = 15_000;

const cells = readCells();
const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** Tries again until there is no difference. @returns the last differences */
const settle = async (namespace: string, expected: readonly Cell[], withinMs = SETTLE_MS): Promise<string[]> => {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const differences = findDifferences(expected, await tryCells(namespace, expected));
    if (differences.length === 0 || performance.now() > deadline) return differences;
  }
};

const withEach = (allowed: boolean): Cell[] => cells.map((cell) => ({ ...cell, allowed }));

/**
 * Without policies everything must connect, otherwise "does not connect" proves nothing; with a policy that denies everything one pair of pods
 * shows whether the network enforces policies.
 */
const enforcesPolicies = async (namespace: string): Promise<boolean> => {
  const broken = await settle(namespace, withEach(true));
  if (broken.length > 0) throw new Error(`Without any policy:\n${broken.join('\n')}`);
  await denyAll(namespace);
  const pair = withEach(false)
    .slice(0, 1)
    .map((cell) => ({ ...cell, from: 'caller', to: 'postgres', port: 5432 }));
  const enforced = (await settle(namespace, pair, ENFORCED_WITHIN_MS)).length === 0;
  await allowAll(namespace);
  return enforced;
};

/** @returns the differences; undefined when the network enforces nothing */
const tryMatrix = async (namespace: string): Promise<string[] | undefined> => {
  await startProbePods(namespace);
  if (!(await enforcesPolicies(namespace))) return undefined;
  await applyPolicies(namespace);
  return settle(namespace, cells);
};

const report = (differences: readonly string[] | undefined): void => {
  if (differences === undefined) {
    print(
      'SKIPPED: pods connect under a policy that denies everything: the network plugin does not enforce network policies.',
    );
    print(`0 passed, 0 failed, ${cells.length} skipped`);
    return;
  }
  for (const difference of differences) print(`FAIL ${difference}`);
  print(`${cells.length - differences.length} passed, ${differences.length} failed`);
  process.exitCode = differences.length === 0 ? 0 : 1;
};

const main = async (): Promise<void> => {
  useCluster(whichCluster());
  print(`Context ${(await reachCluster()).context}: ${cells.length} connections`);
  const namespace = `network-matrix-${randomBytes(3).toString('hex')}`;
  await kubectl(['create', 'namespace', namespace]);
  try {
    report(await tryMatrix(namespace));
  } finally {
    await kubectl(['delete', 'namespace', namespace, '--wait=false']);
  }
};

await main().catch((error: unknown) => {
  print((error as Error).message);
  print('0 passed, 1 failed');
  process.exitCode = 1;
});
