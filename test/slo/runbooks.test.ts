// Every query of every runbook is PromQL: promtool reads them as recording rules.

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, it } from 'vitest';
import { stringify } from 'yaml';

import { loadRunbook, runbookNames } from '../../scripts/runbooks/runbooks.ts';
import { queriesOf } from '../gates/runbooks/queries.ts';
import { PROMTOOL } from './support/promtool.ts';

type Query = { readonly at: string; readonly expr: string };

const queries: readonly Query[] = runbookNames().flatMap((name) =>
  queriesOf(loadRunbook(name)).map(({ expr, line }) => ({ at: `runbooks/${name}.md:${line}`, expr })),
);

/** What promtool says about queries that it cannot read. The label is the place, which it prints. */
const faultsOf = async (found: readonly Query[]): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), 'queries-'));
  const rules = found.map(({ at, expr }, index) => ({ record: `query:${index}`, expr, labels: { at } }));
  writeFileSync(join(folder, 'rules.yaml'), stringify({ groups: [{ name: 'runbooks', rules }] }));
  try {
    await promisify(execFile)(PROMTOOL, ['check', 'rules', '--lint=none', join(folder, 'rules.yaml')]);
    return '';
  } catch (error) {
    return (error as { stderr: string }).stderr;
  } finally {
    rmSync(folder, { recursive: true });
  }
};

it('every query of a runbook can be executed', async () => {
  expect(queries.length).toBeGreaterThan(50);
  expect(await faultsOf(queries)).toBe('');
});

it('a query that cannot be executed is found', async () => {
  const broken = { at: 'runbooks/page.md:7', expr: 'sum by dependency (up)' };
  expect(await faultsOf([...queries.slice(0, 2), broken])).toContain('parse error');
});
