// `npm run demo:vault` when it can't go on.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { eventually } from '../support/eventually.ts';
import { PROGRAM } from './support/use-vault.ts';

const DEMO = join(import.meta.dirname, '../../scripts/demo-vault.ts');

/** @param folder for its temporary files */
const startDemo = (args: readonly string[], folder = tmpdir(), program = PROGRAM) => {
  // eslint-disable-next-line n/no-process-env -- child processes need them
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, VAULT: program, TMPDIR: folder };
  const child = spawn(process.execPath, [DEMO, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { text: '' };
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output.text += text));
  const exited = once(child, 'close').then(([code]) => code as number | null);
  return { child, output, exited };
};

describe('npm run demo:vault', () => {
  it('says that the program vault is missing, and what to do', async () => {
    const { output, exited } = startDemo(['--port', '0'], undefined, '/nowhere/vault');
    expect(await exited).toBe(1);
    expect(output.text).toContain('The demo needs the program vault: /nowhere/vault can not be run. VAULT can be set');
  });

  it('says that its port is used', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { output, exited } = startDemo(['--port', String(port)]);
    expect(await exited).toBe(1);
    expect(output.text).toContain(`Vault can't listen on port ${port}: another program uses it. Choose another one`);
    other.close();
  });

  it('ends everything on Ctrl-C, and leaves no file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'user-service-demo-test-'));
    const { child, output, exited } = startDemo(['--port', '0'], folder);
    const address = await eventually(
      () => {
        expect(output.text).toContain('configuring Vault');
        return /VAULT_ADDR=([^;]+);/.exec(output.text)?.[1] ?? '';
      },
      { deadlineMs: 60_000 },
    );
    child.kill('SIGINT');
    expect(await exited).toBe(130);
    await expect(fetch(`${address}/v1/sys/health`)).rejects.toThrow('fetch failed');
    expect(existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('user-service-')) : []).toEqual(
      [],
    );
    rmSync(folder, { recursive: true });
  });
});
