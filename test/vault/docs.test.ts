// docs/vault.md shows the commands of vault/set-up.sh, and blocks that work.

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { describe, expect, it } from 'vitest';

import { partsOf } from '../../scripts/vault/start-agent.ts';
import { PROGRAM, useVault, type Configured } from './support/use-vault.ts';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/vault.md'), 'utf8');

/** Of fenced blocks with this text behind the fence. */
const blocks = (language: string): string[] =>
  [...page.matchAll(/^```([^\n]+)\n([^]*?)^```$/gm)].flatMap(([, info, content = '']) =>
    info === language ? [content] : [],
  );

const CHANGES = ['audit enable', 'auth', 'policy', 'secrets enable', 'kv put', 'write'];

/** Commands of `vault` that change something, with backslashes at line ends removed. */
const commandsIn = (script: string): string[] =>
  script
    .replaceAll('\\\n ', '')
    .split('\n')
    .filter((line) => !line.trim().startsWith('#'))
    .flatMap((line) => line.split(/; | \|\| | \| /))
    .map((part) =>
      part
        .trim()
        .replace(/^(?:if|then) /, '')
        .replaceAll(/ +/g, ' '),
    )
    .filter((part) => CHANGES.some((change) => part.startsWith(`vault ${change} `)))
    .filter((command) => !command.startsWith('vault auth list'));

/** Up to the path: the page leaves out the values of the long ones. */
const shortened = (command: string): string =>
  /^vault write "?database/.test(command) ? command.split(' ').slice(0, 3).join(' ') : command;

describe('docs/vault.md', () => {
  it('shows every command of set-up.sh, in its order', () => {
    const script = readFileSync(join(root, 'vault/set-up.sh'), 'utf8');
    const [shown = ''] = blocks('text');
    expect(commandsIn(script).map(shortened)).toEqual(shown.trim().split('\n'));
    expect(commandsIn(script).length).toBeGreaterThan(10);
  });

  it('names the parts of the configuration of each agent', () => {
    for (const [role, name] of [
      ['api', 'api'],
      ['relay', 'relay, worker'],
      ['migrate', 'migrate'],
    ] as const) {
      const cells = new RegExp(String.raw`^\| ${name} +\| \`([^\`]+)\``, 'm').exec(page)?.[1]?.split(' '); // eslint-disable-line security/detect-non-literal-regexp -- names above
      expect(cells).toEqual(['common', 'production', ...partsOf(role, 'dynamic', true)]);
    }
  });
});

describe('the blocks of docs/vault.md', () => {
  let at: Configured;
  useVault({ mode: 'dynamic', leaseSeconds: 60 }, (made) => (at = made));

  it('work with the token of the operator', async () => {
    await at.launch({ role: 'api' }).then((agent) => agent.rendered());
    const folder = mkdtempSync(join(tmpdir(), 'user-service-vault-docs-'));
    for (const name of ['redis_password', 'auth_clients']) writeFileSync(join(folder, name), `new ${name}`);
    const path = PROGRAM.includes('/') ? `${dirname(PROGRAM)}:/usr/bin:/bin` : (process.env.PATH ?? ''); // eslint-disable-line n/no-process-env -- to find the program
    const env = { PATH: path, HOME: folder, VAULT_ADDR: at.vault.address, VAULT_TOKEN: await at.operator() };
    const executed = blocks('sh executed');
    expect(executed.length).toBeGreaterThan(2);
    for (const block of executed)
      await promisify(execFile)('/bin/bash', ['-euc', block], { cwd: folder, env }).catch((error: unknown) => {
        throw new Error(`${block}\n${(error as { stderr: string }).stderr}`, { cause: error });
      });
    rmSync(folder, { recursive: true });
  });
});

describe('the blocks of docs/vault.md for static logins', () => {
  let at: Configured;
  useVault({ mode: 'static', leaseSeconds: 60 }, (made) => (at = made));

  it('work with the token of the operator', async () => {
    const env = {
      PATH: `${dirname(PROGRAM)}:${process.env.PATH ?? ''}`, // eslint-disable-line n/no-process-env -- to find the program
      VAULT_ADDR: at.vault.address,
      VAULT_TOKEN: await at.operator(),
    };
    const executed = blocks('sh executed static');
    expect(executed).toHaveLength(1);
    for (const block of executed) await promisify(execFile)('/bin/bash', ['-euc', block], { env });
  });
});
