// Takes a CPU profile or a heap snapshot of a process through its management port, writes it to standard output and deletes it there. It imports nothing
// of this repository: `docker compose exec -T api node --input-type=module-typescript - cpu-profile … < scripts/diagnostics/take.ts` runs in the container.

import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const BODIES = new Map([
  ['cpu-profile', '{"seconds":10}'],
  ['heap-snapshot', '{}'],
]);

const [, , kind = '', managementUrl = '', tokenFile = ''] = process.argv;
const body = BODIES.get(kind);
if (body === undefined || tokenFile === '') {
  console.error('Usage: take.ts cpu-profile|heap-snapshot <URL of the management port> <file with the token>');
  process.exit(64);
}

const headers = {
  authorization: `Bearer ${readFileSync(tokenFile, 'utf8').trim()}`,
  'content-type': 'application/json',
};

const taken = await fetch(`${managementUrl}/management/${kind}`, { method: 'POST', headers, body });
if (!taken.ok) {
  console.error(`${taken.status} ${await taken.text()}`);
  process.exit(1);
}
const { url, bytes } = (await taken.json()) as { url: string; bytes: number };

const file = await fetch(`${managementUrl}${url}`, { headers });
if (!file.ok || file.body === null) throw new Error(`${url} cannot be fetched: ${file.status}`);
await pipeline(Readable.fromWeb(file.body), process.stdout, { end: false });
await fetch(`${managementUrl}${url}`, { method: 'DELETE', headers: { authorization: headers.authorization } });
console.error(`${bytes} bytes of ${kind}`);
