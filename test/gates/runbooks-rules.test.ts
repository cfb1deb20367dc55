// Each rule for runbooks finds a page that violates it: an edit of a page that violates none.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { pageFaults } from './runbooks/check.ts';
import { VIOLATIONS } from './runbooks/violations.ts';
import { readWorld } from './runbooks/world.ts';

const base = readFileSync(join(import.meta.dirname, 'runbooks/redis-slow.txt'), 'utf8');
const world = {
  ...readWorld(),
  drills: new Map([
    ['slow', { alert: 'DependencyDown', runbook: 'redis-slow', blocks: ['up', 'gone'] }],
    ['other', { alert: 'OutboxOld', runbook: 'kafka-down', blocks: [] }],
  ]),
};
const undrilled = { ...world, drills: new Map() };

it('the page violates no rule', () => {
  expect(pageFaults('redis-slow', base, undrilled)).toEqual([]);
});

describe('a page', () => {
  it.each(VIOLATIONS)('is found with %s', (_what, text, replacement, line, message) => {
    expect(base).toContain(text);
    const faults = pageFaults(
      'redis-slow',
      base.replace(text, () => replacement),
      undrilled,
    );
    expect(faults.join('\n')).toContain(message);
    expect(faults.find((fault) => fault.includes(message))).toMatch(`runbooks/redis-slow.md:${line}: `);
  });

  it.each([
    ['docker compose logs apis', 'docker-compose.yml has no service apis'],
    ['docker compose ps --every', 'docker compose ps has no flag --every'],
    ['docker compose look api', 'docker compose has no look'],
    ['docker compose exec -T redis redis-cli FLUSH', 'FLUSH is not a command of Redis'],
    ["docker compose exec -T postgres psql -U postgres user_service -c 'SELECT 1 FROM user'", 'there is no table user'],
    ["docker compose exec -T api sh -c 'nothing'", 'nothing is not in the vocabulary'],
  ])('for Compose is found with %s', (command, message) => {
    const page = base.replace('run=up\n', () => `run=up on=compose\n${command}\n`);
    expect(pageFaults('redis-slow', page, undrilled).join('\n')).toContain(`runbooks/redis-slow.md:20: ${message}`);
  });

  it.each([
    ['slow', 'the drill slow runs the block gone, which is not on this page; there are empty, up'],
    ['other', 'the drill other (OutboxOld) runs kafka-down.md, to which this page does not lead'],
    ['none', 'there is no drill none in scripts/gameday/drills.ts; there are other, slow'],
  ])('is found with the drill %s', (drill, message) => {
    const page = base.replace(/no_drill: .*/, `drills: [${drill}]`);
    expect(pageFaults('redis-slow', page, world)).toContain(`runbooks/redis-slow.md:4: ${message}`);
  });

  it('is found without a drill that runs it', () => {
    expect(pageFaults('redis-slow', base, world).join('\n')).toContain(
      'the drill slow runs this page, which does not name it',
    );
  });

  it('is found without its alert', () => {
    expect(pageFaults('dependency-down', base, undrilled)).toEqual([
      'runbooks/dependency-down.md:3: the alert of this page is missing: alerts: [DependencyDown]',
    ]);
  });
});
