// `npm run e2e -w e2e`: makes every journey against E2E_BASE_URL, one line each, and ends with their number.

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from 'node:test';

import { readSettings } from './settings.ts';

const FOLDER = join(import.meta.dirname, '../journeys');

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const assertReachable = async (url: string): Promise<void> => {
  try {
    await fetch(url, { signal: AbortSignal.timeout(5000) });
  } catch {
    throw new Error(`Nothing answers at ${url}. Start the service, or name another one in E2E_BASE_URL.`);
  }
};

/** node:test wraps what a test threw. */
const textOf = (error: Error): string => (error.cause instanceof Error ? error.cause.message : error.message);

const indented = (text: string): string => text.replaceAll(/^/gm, '    ');

type Ended = {
  name: string;
  nesting: number;
  skip?: string | boolean;
  details: { duration_ms: number; error?: Error };
};
type Outcome = 'passed' | 'failed' | 'skipped';

/** Says how one ended; undefined for a part that is counted with its journey. */
const report = ({ name, nesting, skip, details: { duration_ms: ms, error } }: Ended): Outcome | undefined => {
  const told = `${name} (${(ms / 1000).toFixed(1)} s)`;
  if (skip !== undefined) say(`- ${name}: SKIPPED, ${String(skip)}`);
  else if (error !== undefined) say(`✗ ${told}\n${indented(textOf(error))}`);
  else if (nesting === 0) say(`✓ ${told}`);
  else return undefined;
  if (skip !== undefined) return 'skipped';
  return error === undefined ? 'passed' : 'failed';
};

const travel = async (): Promise<Record<Outcome, number>> => {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const files = (await readdir(FOLDER)).sort((a, b) => a.localeCompare(b)).map((file) => join(FOLDER, file));
  const events = run({ files, isolation: 'none', concurrency: false }) as AsyncIterable<{ type: string; data: Ended }>;
  for await (const { type, data } of events) {
    const outcome = /^test:(?:pass|fail)$/.test(type) ? report(data) : undefined;
    if (outcome !== undefined) counts[outcome] += 1; // eslint-disable-line security/detect-object-injection -- three words
  }
  return counts;
};

try {
  const { baseUrl } = readSettings();
  await assertReachable(baseUrl);
  say(`journeys through ${baseUrl}`);
  const { passed, failed, skipped } = await travel();
  const left = skipped === 0 ? '' : `, ${skipped} skipped`;
  say(`\n${passed} passed, ${failed} failed${left}`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
