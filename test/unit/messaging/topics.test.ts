import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { deadLetterTopic } from '../../../src/consumers/dead-letter.ts';
import { parseGrants, ROLES, TOPICS } from '../../../src/messaging/topics.ts';

const read = (path: string): string => readFileSync(join(import.meta.dirname, '../../..', path), 'utf8');

describe('the topics', () => {
  it('are those that the policy publishes, each with one for dead letters', () => {
    const { topics } = parse(read('api-specs/events/policy.yaml')) as { topics: object };
    const published = Object.keys(topics);
    expect(new Set(TOPICS.map(({ name }) => name))).toEqual(
      new Set([...published, ...published.map(deadLetterTopic), 'notification-service.dlq']),
    );
  });

  it('keep dead letters longer than events', () => {
    const kept = (isDead: boolean): number[] =>
      TOPICS.filter(({ name }) => name.endsWith('.dlq') === isDead).map(({ retentionMs }) => retentionMs);
    expect(Math.min(...kept(true))).toBeGreaterThan(Math.max(...kept(false)));
  });
});

describe('the roles', () => {
  const cells = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

  it('have the rights in the table of docs/events.md', () => {
    const rows = read('docs/events.md').matchAll(/^\| (`[\w-]+`)[^|]*\| ([^|]*)\| ([^|]*)\| ([^|]*)\|$/gm);
    const documented = [...rows]
      .map(([, role = '', writes = '', reads = '', group = '']) => [
        cells(role)[0],
        cells(writes),
        cells(reads),
        cells(group),
      ])
      .filter(([role]) => Object.keys(ROLES).includes(String(role)));
    expect(documented).toEqual(
      Object.entries(ROLES).map(([role, access]) => [
        role,
        [...access.writes],
        [...access.reads],
        'group' in access ? [access.group] : [],
      ]),
    );
  });

  it('name existing topics', () => {
    const names = TOPICS.map(({ name }) => name);
    for (const { writes, reads } of Object.values(ROLES))
      expect(names).toEqual(expect.arrayContaining([...writes, ...reads]));
  });
});

describe('parseGrants', () => {
  it('reads principals with their roles', () => {
    const grants = [
      { principal: 'User:relay', role: 'relay' },
      { principal: 'User:CN=worker,O=Example', role: 'worker' },
    ];
    expect(parseGrants(JSON.stringify(grants))).toEqual(grants);
    expect(parseGrants('[]')).toEqual([]);
  });

  it.each([
    ['no JSON', 'relay'],
    ['no list', '{"principal":"User:relay","role":"relay"}'],
    ['an unknown role', '[{"principal":"User:relay","role":"admin"}]'],
    ['a name of every object', '[{"principal":"User:relay","role":"constructor"}]'],
    ['no type of principal', '[{"principal":"relay","role":"relay"}]'],
    ['a principal of two lines', String.raw`[{"principal":"User:a\nb","role":"relay"}]`],
    ['a missing role', '[{"principal":"User:relay"}]'],
    ['an unknown key', '[{"principal":"User:relay","role":"relay","host":"*"}]'],
    ['null', '[null]'],
  ])('rejects %s', (_, text) => {
    expect(parseGrants(text)).toBeUndefined();
  });
});
