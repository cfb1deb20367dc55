// `npm run e2e -w e2e`: runs every journey against E2E_BASE_URL and prints one line for each, then the totals.

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from 'node:test';

import { readSettings } from './settings.ts';

const FOLDER = join(import.meta.dirname, '../journeys');

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const assertReachable = async (url: string): Promise<void> => {
  try {
    await fetch(url, { signal: AbortSignal.timeout(5000) });
  } catch {
    throw new Error(`No response from ${url}. Start the service, or set E2E_BASE_URL to the URL of another one.`);
  }
};

/** node:test wraps the error that a test threw. */
const messageOf = (error: Error): string => (error.cause instanceof Error ? error.cause.message : error.message);

const indented = (text: string): string => text.replaceAll(/^/gm, '    ');

type TestResult = {
  name: string;
  nesting: number;
  skip?: string | boolean;
  details: { duration_ms: number; error?: Error };
};
type Outcome = 'passed' | 'failed' | 'skipped';

/** Prints the outcome of a test; undefined for a passed part, which is counted with its journey. */
const report = ({ name, nesting, skip, details: { duration_ms: ms, error } }: TestResult): Outcome | undefined => {
  const label = `${name} (${(ms / 1000).toFixed(1)} s)`;
  if (skip !== undefined) print(`- ${name}: SKIPPED, ${String(skip)}`);
  else if (error !== undefined) print(`✗ ${label}\n${indented(messageOf(error))}`);
  else if (nesting === 0) print(`✓ ${label}`);
  else return undefined;
  if (skip !== undefined) return 'skipped';
  return error === undefined ? 'passed' : 'failed';
};

const runJourneys = async (): Promise<Record<Outcome, number>> => {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const files = (await readdir(FOLDER)).sort((a, b) => a.localeCompare(b)).map((file) => join(FOLDER, file));
  const events = run({ files, isolation: 'none', concurrency: false }) as AsyncIterable<{
    type: string;
    data: TestResult;
  }>;
  for await (const { type, data } of events) {
    const outcome = /^test:(?:pass|fail)$/.test(type) ? report(data) : undefined;
    if (outcome !== undefined) counts[outcome] += 1; // eslint-disable-line security/detect-object-injection -- a key of Outcome
  }
  return counts;
};

try {
  const { baseUrl } = readSettings();
  await assertReachable(baseUrl);
  print(`running the journeys against ${baseUrl}`);
  const { passed, failed, skipped } = await runJourneys();
  const skippedText = skipped === 0 ? '' : `, ${skipped} skipped`;
  print(`\n${passed} passed, ${failed} failed${skippedText}`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
