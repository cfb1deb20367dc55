// `npm run e2e`: runs the journeys of e2e/ against a service that is started for them in a temporary folder and stopped afterwards.
// `E2E_BASE_URL=… npm run e2e` runs them against a running service.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';

import { startProgram } from '../test/support/child-process.ts';
import { freePort } from '../test/support/free-port.ts';

const runJourneys = async (baseUrl: string): Promise<number> => {
  const main = join(import.meta.dirname, '../e2e/src/main.ts');
  const child = spawn(process.execPath, [main], { stdio: 'inherit', env: { ...env, E2E_BASE_URL: baseUrl } });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
};

/** All requests come from one address, so its limits are higher. */
const SETTINGS = { HTTP_STRICT_LIMIT_PER_MINUTE: '1000', HTTP_RATE_LIMIT_PER_SECOND: '1000', LOG_LEVEL: 'warn' };

const runLocally = async (): Promise<number> => {
  const directory = await mkdtemp(join(tmpdir(), 'user-service-e2e-'));
  await chmod(directory, 0o755); // when root runs this, PostgreSQL runs under another account
  const [port, managementPort] = [await freePort(), await freePort()];
  const service = startProgram('local', {
    args: ['--directory', directory],
    env: { ...SETTINGS, HTTP_PORT: String(port), HTTP_MANAGEMENT_PORT: String(managementPort) },
    execArgv: ['--import', './src/observability/tracer.ts'],
  });
  try {
    const { index, 0: screenEnd } = await service.prints(/Press Ctrl-C to stop\./);
    const code = await runJourneys(`http://127.0.0.1:${port}`);
    const output = service.output.stdout.slice(index + screenEnd.length).trim();
    if (code !== 0)
      process.stderr.write(`\noutput of the service during the run:\n${output}\n${service.output.stderr}`);
    return code;
  } finally {
    service.kill('SIGTERM');
    await service.exited;
    await rm(directory, { recursive: true, force: true });
  }
};

const { E2E_BASE_URL: baseUrl = '' } = env;
process.exitCode = baseUrl === '' ? await runLocally() : await runJourneys(baseUrl);
