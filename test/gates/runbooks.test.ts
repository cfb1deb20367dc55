// Every page of runbooks/ can be followed: its parts are there, and each block runs and names only what exists. No server is needed: drills execute them.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { FOLDER, runbookNames } from '../../scripts/runbooks/runbooks.ts';
import { ENVIRONMENT } from '../../scripts/runbooks/environment.ts';
import { indexFaults, pageFaults } from './runbooks/check.ts';
import { pageOf } from './runbooks/page-rules.ts';
import { readWorld, ROOT } from './runbooks/world.ts';
import type { Rule } from './slo-rules.ts';

const world = readWorld();
const names = runbookNames();
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

describe('a runbook', () => {
  it.each(names)('%s can be followed', (name) => {
    expect(pageFaults(name, readFileSync(join(FOLDER, `${name}.md`), 'utf8'), world)).toEqual([]);
  });
});

describe('the index', () => {
  const index = read('runbooks/README.md');

  it('has blocks that can be followed', () => {
    expect(indexFaults(index, world)).toEqual([]);
    expect(indexFaults('```sh run=a\ngamedays --all\n```\n', world).join()).toContain(
      'runbooks/README.md:2: gamedays is not in the vocabulary',
    );
  });

  it('lists each page and explains each variable', () => {
    expect(names.filter((name) => !index.includes(`](${name}.md)`))).toEqual([]);
    expect(ENVIRONMENT.filter(({ name }) => !index.includes(`| \`${name}\` |`))).toEqual([]);
  });
});

/** The pages that rules and monitors link to. */
const linked = (): { name: string; page: string }[] => {
  const rules = readdirSync(join(ROOT, 'observability/prometheus/rules')).flatMap((file) =>
    (parse(read(`observability/prometheus/rules/${file}`)) as { groups: { rules: Rule[] }[] }).groups.flatMap(
      (group) => group.rules,
    ),
  );
  const chart = (parse(read('helm/user-service/files/rules.yaml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
    (group) => group.rules,
  );
  const monitors = JSON.parse(read('observability/datadog/monitors.json')) as { name: string; message: string }[];
  return [
    ...[...rules, ...chart].flatMap(({ alert = '', annotations = {} }) =>
      alert === '' ? [] : [{ name: alert, text: annotations.runbook_url ?? '' }],
    ),
    ...monitors.map(({ name, message }) => ({ name: name.split(' ')[0] ?? '', text: message })),
  ].map(({ name, text }) => ({ name, page: /\brunbooks\/([\w-]+)\.md/i.exec(text)?.[1] ?? 'none' }));
};

/** Sentences about alerts and monitors whose page is missing or another one. */
const linkFaults = (links: readonly { name: string; page: string }[], pages: readonly string[]): string[] =>
  [...new Set(links.map(({ name, page }) => `${name} ${page}`))].flatMap((link) => {
    const [name = '', page = ''] = link.split(' ');
    if (page !== pageOf(name)) return [`${name} links to runbooks/${page}.md, not to ${pageOf(name)}.md`];
    return pages.includes(page) ? [] : [`${name}: runbooks/${page}.md does not exist`];
  });

describe('alerts', () => {
  it('have a page each', () => {
    const links = linked();
    expect(links.length).toBeGreaterThan(60);
    expect(linkFaults(links, names)).toEqual([]);
  });

  it.each([
    [
      { name: 'UserServiceOutboxOld', page: 'relay' },
      'UserServiceOutboxOld links to runbooks/relay.md, not to outbox-old.md',
    ],
    [
      { name: 'UserServiceOutboxOld', page: 'outbox-old' },
      'UserServiceOutboxOld: runbooks/outbox-old.md does not exist',
    ],
  ])('are found without their page', (link, fault) => {
    expect(linkFaults([link], ['dead-letters'])).toEqual([fault]);
  });
});
