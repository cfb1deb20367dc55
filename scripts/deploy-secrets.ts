// `npm run deploy:secrets`: the Secrets that the chart user-service mounts, with random values that nobody has typed and nothing prints.

import { existsSync } from 'node:fs';

import { EXIT, runCommandLine } from '../src/composition/command-line.ts';
import { ClusterError, reachCluster, requireRights, useCluster, whichCluster } from './kubernetes/cluster.ts';
import { CommandError, kubectl } from './kubernetes/run.ts';
import { nextSteps } from './secrets/next-steps.ts';
import { HELP, readOptions, type Options } from './secrets/options.ts';
import { migrationSecret, planSecrets } from './secrets/plan.ts';

type Secret = { readonly data?: Readonly<Record<string, string>> };

const print = (...lines: string[]): void => {
  for (const line of lines) process.stdout.write(`${line}\n`);
};

const mapValues = (texts: Readonly<Record<string, string>>, change: (text: string) => string): Record<string, string> =>
  Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, change(text)]));
const decode = (text: string): string => Buffer.from(text, 'base64').toString();
const encode = (text: string): string => Buffer.from(text).toString('base64');

/** @throws ClusterError when the cluster can not be used */
const openCluster = async (namespace: string): Promise<string> => {
  const cluster = whichCluster();
  if (cluster.from === 'kind' && !existsSync(cluster.kubeconfig))
    throw new ClusterError('KUBECONFIG is not set: name the file for your cluster, e.g. KUBECONFIG=$HOME/.kube/config');
  useCluster(cluster);
  const { context } = await reachCluster();
  const rights = ['get', 'create', 'update'].map((verb) => [verb, 'secrets']);
  await requireRights(rights, namespace);
  return context;
};

const readSecret = async (namespace: string, name: string): Promise<Secret | undefined> => {
  const text = await kubectl([
    'get',
    'secret',
    name,
    '--namespace',
    namespace,
    '--ignore-not-found',
    '--output',
    'json',
  ]);
  return text === '' ? undefined : (JSON.parse(text) as Secret);
};

/** The values reach kubectl through standard input: arguments are visible to every account of the machine. */
const writeSecret = async (
  { namespace }: Options,
  name: string,
  present: Secret | undefined,
  texts: Readonly<Record<string, string>>,
): Promise<void> => {
  const secret = present ?? {
    ...{ apiVersion: 'v1', kind: 'Secret', type: 'Opaque' },
    metadata: { name, labels: { 'app.kubernetes.io/part-of': 'user-service' } },
  };
  const input = JSON.stringify({ ...secret, data: { ...present?.data, ...mapValues(texts, encode) } });
  try {
    await kubectl([present ? 'replace' : 'create', '--namespace', namespace, '--filename', '-'], { input });
  } catch (error) {
    if (error instanceof CommandError && /namespaces ".*" not found/.test(error.stderr))
      throw new ClusterError(`The namespace ${namespace} does not exist: kubectl create namespace ${namespace}`);
    if (error instanceof CommandError && /modified|already exists/.test(error.stderr))
      throw new ClusterError(`The Secret ${name} was changed meanwhile: repeat the command.`);
    throw error;
  }
};

const deploy = async (options: Options): Promise<void> => {
  const { namespace, name, dryRun, given } = options;
  const context = await openCluster(namespace);
  print(`context ${context}, namespace ${namespace}`);
  const names = [name, migrationSecret(name)];
  const present = new Map(
    await Promise.all(names.map(async (one) => [one, await readSecret(namespace, one)] as const)),
  );
  const stored = Object.fromEntries([...present].map(([one, secret]) => [one, mapValues(secret?.data ?? {}, decode)]));
  const plan = planSecrets(name, stored, given);
  for (const [secret, keys] of plan.kept) if (keys.length > 0) print(`Secret ${secret}: kept ${keys.join(', ')}`);
  for (const key of plan.different)
    print(`${key} differs from the given file and was kept: delete the key first if the file is right.`);
  for (const [secret, texts] of Object.entries(plan.added)) {
    if (!dryRun) await writeSecret(options, secret, present.get(secret), texts);
    print(`Secret ${secret}: ${dryRun ? 'would add' : 'added'} ${Object.keys(texts).join(', ')}`);
  }
  if (dryRun) print('nothing was changed');
  else print(...nextSteps(plan, new Set(given.keys()), { namespace, name }));
};

await runCommandLine(HELP, async (args) => {
  const options = readOptions(args);
  try {
    await deploy(options);
  } catch (error) {
    if (!(error instanceof ClusterError || error instanceof CommandError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = EXIT.failed;
  }
});
