// The command as a process, with the programs that its PATH has. kubectl, helm, docker and kind are only asked for; there is no cluster.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const SCRIPT = join(import.meta.dirname, '../../../scripts/demo-kind.ts');

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'demo-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const run = async (args: readonly string[], env: Record<string, string> = {}) => {
  const child = spawn(process.execPath, [SCRIPT, ...args], { env: { PATH: folder, ...env } });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...output };
};

/** A program that appends its arguments to `calls` and then runs `body`. */
const addProgram = async (name: string, body = ''): Promise<void> => {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\necho "${name} $*" >> "${folder}/calls"\n${body}\n`);
  await chmod(path, 0o755);
};
const calls = async (): Promise<string[]> => (await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n');

test('says which programs are missing and where to get them', async () => {
  const { code, stderr } = await run([]);
  expect(code).toBe(1);
  for (const text of ['docker', 'kind.sigs.k8s.io', 'kubernetes.io/docs/tasks/tools', 'helm.sh/docs', 'set KUBECONFIG'])
    expect(stderr).toContain(text);
});

test('asks for kind only when KUBECONFIG is not set', async () => {
  const { stderr } = await run(['--down'], { KUBECONFIG: '/nowhere' });
  expect(stderr).toContain('kubectl');
  expect(stderr).not.toContain('kind.sigs');
});

test('a KUBECONFIG that does not exist is named', async () => {
  await addProgram('kubectl');
  const { code, stderr } = await run(['--down'], { KUBECONFIG: '/nowhere' });
  expect({ code, stderr: stderr.trim() }).toEqual({
    code: 1,
    stderr: 'KUBECONFIG names a file that does not exist: /nowhere',
  });
});

test('a Docker engine that does not run is reported with its cause', async () => {
  for (const name of ['kubectl', 'helm', 'kind']) await addProgram(name);
  await addProgram('docker', 'case "$1" in version) echo "Cannot connect to the Docker daemon" >&2; exit 1;; esac');
  const { code, stderr } = await run([]);
  expect(code).toBe(1);
  expect(stderr).toContain('docker version failed: Cannot connect to the Docker daemon');
});

test('--help prints the options, an unknown option is wrong usage', async () => {
  const [help, wrong] = await Promise.all([run(['--help']), run(['--dwon'])]);
  expect(help).toMatchObject({ code: 0, stdout: expect.stringContaining('--status') as string });
  expect(wrong).toMatchObject({ code: 64, stderr: expect.stringContaining("Unknown option '--dwon'") as string });
});

test('--status without the cluster of kind says how to make it', async () => {
  for (const name of ['kubectl', 'helm']) await addProgram(name);
  await addProgram('kind', 'echo other-cluster');
  const { code, stdout } = await run(['--status']);
  expect(code).toBe(0);
  expect(stdout).toContain('There is no cluster user-service-demo of kind');
});

test('--down deletes neither another cluster of kind nor one that it did not make', async () => {
  await addProgram('docker', 'exit 1');
  await addProgram('kind', '[ "$1" = get ] && echo user-service-demo; exit 0');
  // no node has the label of the command, and there is no namespace of the demo
  await addProgram('kubectl', 'exit 0');
  const { code } = await run(['--down']);
  expect(code).toBe(0);
  expect((await calls()).filter((call) => call.includes('delete'))).toEqual([]);
});

test('--down deletes the cluster of kind whose nodes have its label', async () => {
  await addProgram('docker', 'exit 1');
  await addProgram('kind', '[ "$1" = get ] && echo user-service-demo; exit 0');
  await addProgram('kubectl', '[ "$2" = nodes ] && echo node/user-service-demo-control-plane; exit 0');
  const { code, stdout } = await run(['--down']);
  expect(code).toBe(0);
  expect((await calls()).find((call) => call.includes('delete'))).toMatch(
    /^kind delete cluster --name user-service-demo --kubeconfig \S+$/,
  );
  expect(stdout).toContain('deleted');
});

test('a cluster of kind that does not answer is left alone', async () => {
  await addProgram('docker', 'exit 1');
  await addProgram('kind', '[ "$1" = get ] && echo user-service-demo; exit 0');
  await addProgram('kubectl', '[ "$1" = version ] || { echo "connection refused" >&2; exit 1; }');
  const { code, stderr } = await run(['--down']);
  expect(code).toBe(1);
  expect(stderr).toContain('it is not known who made it');
  expect((await calls()).filter((call) => call.includes('delete'))).toEqual([]);
});

test('the cluster of kind is created with its label and a kubeconfig of its own', async () => {
  for (const name of ['docker', 'helm']) await addProgram(name);
  await addProgram(
    'kind',
    `[ "$1" = create ] && { while read -r line; do echo "$line"; done > "${folder}/config"; echo "no space left" >&2; exit 1; }; exit 0`,
  );
  await addProgram('kubectl');
  const { code, stderr } = await run([]);
  expect(code).toBe(1);
  expect(stderr).toContain('kind create cluster failed: no space left');
  expect((await calls()).at(-1)).toMatch(
    /^kind create cluster --name user-service-demo --kubeconfig \S+\.local\/kind\/kubeconfig --wait 120s --config -$/,
  );
});
