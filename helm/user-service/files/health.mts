// `helm test`: every pod of the release is ready and reports metrics. Prints one line per pod; exits with 1 when that is not so after 30 seconds.

import assert from 'node:assert/strict';
import { lookup } from 'node:dns/promises';
import { setTimeout as pause } from 'node:timers/promises';

const [service = ''] = process.argv.slice(2);
const READY_WITHIN_MS = 30_000;
/** api, relay and worker. */
const MIN_PODS = 3;

const read = async (address: string, path: string): Promise<{ status: number; text: string }> => {
  const host = address.includes(':') ? `[${address}]` : address;
  const response = await fetch(`http://${host}:8081${path}`, { signal: AbortSignal.timeout(3000) });
  return { status: response.status, text: await response.text() };
};

const check = async (address: string): Promise<string> => {
  const ready = await read(address, '/health/ready');
  assert.equal(ready.status, 200, `${address} is not ready: ${ready.text}`);
  const metrics = await read(address, '/metrics');
  assert.equal(metrics.status, 200, `${address} reports no metrics: status ${metrics.status}`);
  assert.match(metrics.text, /^process_cpu_seconds_total/m, `${address} reports no metric of its process`);
  return `${address} is ready and reports metrics`;
};

/** The addresses of all pods: the Service has none of its own. */
const checkAll = async (): Promise<string[]> => {
  const pods = await lookup(service, { all: true });
  assert.ok(pods.length >= MIN_PODS, `${service} has ${pods.length} pods, expected at least ${MIN_PODS}`);
  return Promise.all(pods.map(({ address }) => check(address)));
};

const deadline = Date.now() + READY_WITHIN_MS;
for (;;) {
  const lines = await checkAll().catch((error: unknown) => {
    if (Date.now() > deadline) throw error; // pods of the previous release may still end
    return [];
  });
  if (lines.length > 0) {
    console.log(lines.join('\n'));
    break;
  }
  await pause(1000);
}
