// The journeys of e2e/ fail against a broken service, and print what an operator needs to find the cause.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { freePort } from '../../support/free-port.ts';

const main = join(import.meta.dirname, '../../../e2e/src/main.ts');

const runJourneys = async (env: Record<string, string>): Promise<{ code: number; output: string }> => {
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const [code] = (await once(child, 'close')) as [number];
  return { code, output };
};

/** Returns 500 for every request and records the trace ids that it received. */
const startBrokenService = async () => {
  const traceIds: string[] = [];
  const server = createServer(({ headers }, response) => {
    traceIds.push(/^00-([0-9a-f]{32})-[0-9a-f]{16}-01$/.exec(String(headers.traceparent))?.[1] ?? '');
    const problem = { title: 'Internal error', status: 500, code: 'INTERNAL', traceId: `request-${traceIds.length}` };
    response.writeHead(500, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, traceIds, close: () => server.close() };
};

describe('the journeys', { timeout: 20_000 }, () => {
  it('fail against a broken service, each with its step, request id and trace id', async () => {
    const service = await startBrokenService();

    const { code, output } = await runJourneys({ E2E_BASE_URL: service.url });
    service.close();

    expect(code).toBe(1);
    const [, ...journeyTraceIds] = service.traceIds; // the first request only checks that the service is reachable
    expect(journeyTraceIds.length).toBeGreaterThanOrEqual(6);
    for (const [index, traceId] of journeyTraceIds.entries())
      expect(output).toContain(`POST /api/v1/users → 500 · request request-${index + 2} · trace ${traceId}`);
    expect(output).toMatch(
      /^✗ registration, login, purchase, confirmation .*\n {4}step: register\n {4}expected 201, received 500 INTERNAL\n/m,
    );
    expect(output).toMatch(/\n0 passed, \d failed(?:, 1 skipped)?\n$/); // one journey is skipped without Chromium
  });

  it('report an unreachable service', async () => {
    const { code, output } = await runJourneys({ E2E_BASE_URL: `http://127.0.0.1:${await freePort()}` });

    expect(code).toBe(1);
    expect(output).toMatch(/^No response from http:.*set E2E_BASE_URL to the URL of another one\.\n$/);
  });

  it('reject an invalid URL', async () => {
    expect(await runJourneys({ E2E_BASE_URL: 'localhost:8080' })).toEqual({
      code: 1,
      output: 'E2E_BASE_URL must be an http(s) URL.\n',
    });
  });
});
