// The health checks of the images ask the port that the process listens on, also when its variable is empty or belongs to a link.

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

/** Prints the URL instead of requesting it. */
const PRINT_URL =
  'data:text/javascript,globalThis.fetch = (url) => { console.log(url); return Promise.resolve({ ok: true }); };';

const urlOf = async (dockerfile: string, env: Record<string, string>): Promise<string> => {
  const text = readFileSync(join(import.meta.dirname, '../..', dockerfile), 'utf8');
  const [, command = ''] = /^HEALTHCHECK [^[]*(\[.*\])$/m.exec(text) ?? [];
  const [program, ...args] = JSON.parse(command) as string[];
  expect(program).toBe('node');
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', PRINT_URL, ...args], { env });
  return stdout.trim();
};

describe.each([
  ['Dockerfile', 'HTTP_MANAGEMENT_PORT', '8081'],
  ['examples/notification-service/Dockerfile', 'MANAGEMENT_PORT', '8083'],
])('the health check of %s', (dockerfile, name, usual) => {
  it.each([
    [{}, usual],
    [{ [name]: '' }, usual],
    [{ [name]: 'tcp://192.0.2.1:80' }, usual],
    [{ [name]: '9000' }, '9000'],
  ])('asks with %j port %s', async (env, port) => {
    expect(await urlOf(dockerfile, env)).toBe(`http://127.0.0.1:${port}/health/live`);
  });
});
