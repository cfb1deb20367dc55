// The commands of docs/management.md work as they are written, on a real api.

import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, it, onTestFinished } from 'vitest';

import { startApi, write } from './arrange-secrets.ts';

const PAGE = join(import.meta.dirname, '../../../docs/management.md');
const TOKEN = 'c4n4ry-token-of-operators-0123456789';

/** A response with an error status fails the command. */
const STRICT = 'set -euo pipefail; curl() { command curl --fail-with-body "$@"; echo; }\n';

const run = promisify(execFile);

/** Those that call a handle. */
const commands = (): string[] =>
  [...readFileSync(PAGE, 'utf8').matchAll(/```bash\n([\s\S]*?)```/g)]
    .map(([, block = '']) => block)
    .filter((block) => block.includes('$MANAGEMENT/'));

it('runs every command that the page shows', { timeout: 120_000 }, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'diagnostics-'));
  const cwd = mkdtempSync(join(tmpdir(), 'fetched-'));
  onTestFinished(() => {
    for (const folder of [directory, cwd]) rmSync(folder, { recursive: true });
  });
  write('http_management_token', TOKEN);
  const { managementUrl, becomes, program } = await startApi({ HTTP_MANAGEMENT_DIAGNOSTICS_DIR: directory });
  await becomes('ready');
  const env = { TOKEN, MANAGEMENT: `${managementUrl}/management`, PATH: '/usr/local/bin:/usr/bin:/bin' };

  const outputs: string[] = [];
  for (const block of commands()) {
    const { stdout } = await run('bash', ['-c', STRICT + block], { env, cwd });
    outputs.push(stdout);
  }

  expect(outputs).toHaveLength(5);
  expect(outputs.join('')).toMatch(/"level":"debug"[\s\S]*"schemaVersion":1[\s\S]*by operator[\s\S]*"path":/);
  expect(readdirSync(cwd)).toEqual([expect.stringMatching(/^cpu-.*\.cpuprofile$/)]);
  expect(readdirSync(directory)).toHaveLength(2); // the fetched one was deleted
  await becomes('ready');
  expect(`${outputs.join('')}${program.output.stdout}`).not.toContain('c4n4ry');
});
