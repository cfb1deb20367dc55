// `npm run test:delivery`: executes the blocks of docs/delivery.md in order, on the cluster of KUBECONFIG, in a namespace of its own that did not exist
// before, and checks the cluster after each. `npm run test:vault:kubernetes` executes those of docs/vault-kubernetes.md. With `-- --hangs` it produces the rows of docs/when-it-hangs.md instead. Further arguments:
// another page to execute, or parts of the names of rows.

import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { env } from 'node:process';
import { parseArgs } from 'node:util';
import { variable } from '../src/config/environment.ts';
import { readBlocks, type Block } from './blocks/read-blocks.ts';
import { openShell, type Shell } from './blocks/shell.ts';
import { TARGETS, CHECKS, type Target } from './delivery-checks.ts';
import { produceHangs } from './delivery-hangs.ts';
import { reachCluster, useCluster, whichCluster } from './kubernetes/cluster.ts';
import { kubectl } from './kubernetes/run.ts';
import { provideServerImages } from './kubernetes/server-images.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { hangs: { type: 'boolean' } } });
const page = (values.hangs === true ? undefined : positionals[0]) ?? 'docs/delivery.md';

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const counts = { passed: 0, failed: 0, skipped: 0 };

const NODE = './node_modules/.bin/node';

/** Instead of HashiCorp's chart: the same as manifests, with a webhook for the namespace of this run only. */
const VAULT = new Map([
  ['vault', `${NODE} test/cluster/vault/install.ts`],
  ['remove-vault', `${NODE} test/cluster/vault/install.ts --remove`],
]);

/** Instead of the blocks for kind, where LOAD_IMAGE is the command that loads an image archive into the nodes of an existing cluster. */
const INSTEAD = new Map([
  ['create', 'true'],
  ['load-one', 'docker save "$IMAGE:0.1.0" | $LOAD_IMAGE'],
  ['load', 'docker save "$IMAGE:0.1.0" "$IMAGE:0.2.0" | $LOAD_IMAGE'],
]);
const loadsByCommand = variable(env, 'LOAD_IMAGE') !== undefined;

/** Why a block is not executed here; undefined when it is. */
const reasonToSkip = ({ name, on }: Block<Target>, target: Target): string | undefined => {
  if (counts.failed > 0) return 'an earlier block failed';
  if (on !== undefined && on !== target) return `it is for ${on === 'kind' ? 'a cluster of kind' : 'other clusters'}`;
  return loadsByCommand && INSTEAD.has(name) ? 'LOAD_IMAGE is used instead' : undefined;
};

/** @returns whether the block and its check succeeded */
const runBlock = async (shell: Shell, { name, line, script }: Block<Target>, namespace: string): Promise<boolean> => {
  print(`\n▶ ${page}:${line} ${name}`);
  const start = performance.now();
  const result = await shell
    .run(VAULT.get(name) ?? script)
    .then(() => CHECKS.get(name)?.(namespace))
    .then(
      () => undefined,
      (error: unknown) => (error as Error).message,
    );
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  print(result === undefined ? `✓ ${name} (${seconds} s)` : `FAIL ${page}:${line} ${name} (${seconds} s): ${result}`);
  return result === undefined;
};

/** Ends at the first failing block: a reader would, too. */
const runPage = async (shell: Shell, namespace: string, target: Target): Promise<void> => {
  const blocks = readBlocks(await readFile(page, 'utf8'), TARGETS);
  for (const block of blocks) {
    const reason = reasonToSkip(block, target);
    if (reason !== undefined) {
      counts.skipped += 1;
      print(`– ${page}:${block.line} ${block.name}: not executed: ${reason}`);
      if (reason === 'LOAD_IMAGE is used instead') await shell.run(INSTEAD.get(block.name) ?? '');
    } else if (await runBlock(shell, block, namespace)) counts.passed += 1;
    else counts.failed += 1;
  }
};

/** In a namespace with a healthy release of an image that the nodes have. */
const runHangs = async (shell: Shell): Promise<void> => {
  await produceHangs(shell, positionals, (name, missing) => {
    counts[missing.length === 0 ? 'passed' : 'failed'] += 1;
    print([`${missing.length === 0 ? '✓' : 'FAIL'} ${name}`, ...missing].join('\n'));
  });
};

const main = async (): Promise<void> => {
  useCluster(whichCluster());
  const { context, version } = await reachCluster();
  const target = context.startsWith('kind-') || loadsByCommand ? 'kind' : 'cluster';
  const namespace = `delivery-${randomBytes(3).toString('hex')}`;
  print(
    `Context ${context} (${version}), namespace ${namespace}, blocks for ${target === 'kind' ? 'kind' : 'other clusters'}`,
  );
  const image = variable(env, 'IMAGE') ?? 'user-service';
  const small = ['api', 'relay', 'worker'].map((name) => `${name}.resources.requests.cpu=10m`).join(','); // fits beside others
  const release = `--values helm/user-service/values-dev.yaml --set image.repository=${image},image.tag=0.1.0,${small}`;
  const vault = `${namespace}-vault`;
  const shell = openShell({ NAMESPACE: namespace, VAULT_NAMESPACE: vault, IMAGE: image, RELEASE: release });
  if (loadsByCommand) await provideServerImages(print);
  try {
    if (values.hangs === true) await runHangs(shell);
    else await runPage(shell, namespace, target);
  } finally {
    if (counts.failed > 0) await shell.run(VAULT.get('remove-vault') ?? '').catch(() => undefined);
    shell.close();
    await kubectl(['delete', 'namespace', namespace, '--ignore-not-found', '--wait=false']);
  }
};

await main().catch((error: unknown) => {
  counts.failed += 1;
  print((error as Error).message);
});
print(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed === 0 ? 0 : 1;
