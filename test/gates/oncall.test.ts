// ops/oncall.yaml, and what is made of it: texts of runbooks, annotations of alerts, messages of monitors, entries of catalogues.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';

import { escalationSummary, incidentSeverityOf } from '../../scripts/oncall/escalation.ts';
import { onCallText, parseOnCall, readOnCall } from '../../scripts/oncall/read-oncall.ts';
import { escalationText, readCheckedOnCall } from '../../scripts/oncall/runbook-escalation.ts';
import { readSlos } from '../../scripts/slo/definitions.ts';

const root = join(import.meta.dirname, '../..');
const text = (path: string): string => readFileSync(join(root, path), 'utf8');
const onCall = readOnCall();
const handles = Object.values(onCall.roles).map(({ handle }) => handle);

describe('ops/oncall.yaml', () => {
  it('is valid, and its exceptions name alerts that exist', () => {
    expect(readCheckedOnCall().service).toBe('user-service');
  });

  it.each([
    ['acknowledge_minutes: 5\n', 'acknowledge_minutes: soon\n', 'severities.SEV1.acknowledge_minutes: must be integer'],
    [
      'acknowledge_minutes: 10\n',
      'acknowledge_minutes: 4\n',
      'severities.SEV2.acknowledge_minutes: must not be shorter',
    ],
    ['to: product', 'to: primary', 'severities.SEV1.escalate.0.to: primary is already called'],
    ['after_minutes: 30,', 'after_minutes: 5,', 'severities.SEV2.escalate.1.after_minutes: must be later'],
    ['closes: primary', 'closes: boss', 'severities.SEV3.closes: must be equal to one of the allowed values'],
    ['post_mortem: none', 'post_mortem: required', 'severities.SEV4.post_mortem_days: is given if and only if'],
    ['  product:\n', '  owner:\n', 'roles: must have required properties product'],
    ["time: '10:00'", "time: '25:00'", 'rotation.handover.time: must match pattern'],
    ["to: '17:00'", "to: '18:00'", 'working_day: must have eight hours'],
    ['alert: EventsParked', 'alert: EventsLost', 'alerts.exceptions.3.alert: there is no alert EventsLost'],
    ['alert: EventsParked', 'alert: DeadLetters', 'alerts.exceptions.3.alert: DeadLetters is there twice'],
    ['time_zone', 'timezone', 'the document: unknown field timezone'],
  ])('with %j replaced by %j is rejected: the error names the path', (from, to, message) => {
    const known = [
      'ApiAbsent',
      'DependencyDown',
      'DeadLetters',
      'EventsParked',
      'CredentialsExpire',
      'SecretInvalid',
      'SyntheticJourneyFailed',
    ];
    expect(onCallText()).toContain(from);
    expect(() => parseOnCall(onCallText().replace(from, to), known)).toThrow(message);
  });

  it('names roles, no persons: contacts are placeholders', () => {
    expect(onCallText()).not.toMatch(/@[a-z]+\.[a-z]+|\+\d{6,}/);
  });
});

describe('the escalation of a runbook', () => {
  it('says who is called for each severity with which it may begin', () => {
    const page = escalationText({ alerts: ['AvailabilityBurn', 'DependencyDown'], escalate: 'database' });
    expect(page).toContain('`AvailabilityBurn` as a page: begins as **SEV2**');
    expect(page).toContain('`AvailabilityBurn` as a ticket: begins as **SEV4**');
    expect(page).toContain('`DependencyDown`: begins as **SEV3**');
    expect(page).toContain('after 30 minutes: call the Incident commander (`INCIDENT-COMMANDERS`)');
    expect(page).toContain('Call the **Database on-call** (`DATABASE-ONCALL`, `#database-oncall`)');
  });

  it('without an alert leaves the severity to the on-call', () => {
    const page = escalationText({ alerts: [], escalate: 'security' });
    expect(page).toMatch(/No alert leads to this page[^]*\*\*SEV1\*\*[^]*\*\*SEV2\*\*[^]*Security on-call/);
  });

  it.each([
    [{ alerts: ['NoSuchAlert'], escalate: 'database' }, 'there is no alert NoSuchAlert'],
    [{ alerts: ['OutboxOld'], escalate: 'secondary' }, 'escalate: "secondary" is not one of database, platform'],
  ])('is refused for %j', (runbook, message) => {
    expect(() => escalationText(runbook)).toThrow(message);
  });
});

type Alert = { alert?: string; labels: { severity: 'page' | 'ticket' }; annotations: { escalation: string } };
type Rules = { groups: { rules: Alert[] }[] };

describe('an alert', () => {
  it.each([
    'observability/prometheus/rules/slo.yaml',
    'observability/prometheus/rules/causes.yaml',
    'helm/user-service/files/rules.yaml',
  ])('of %s says who is called after how long', (path) => {
    const alerts = (parse(text(path)) as Rules).groups
      .flatMap(({ rules }) => rules)
      .filter(({ alert }) => alert !== undefined);
    expect(alerts.length).toBeGreaterThan(10);
    for (const { alert = '', labels, annotations } of alerts)
      expect(annotations.escalation).toBe(escalationSummary(onCall, alert.replace('UserService', ''), labels.severity));
  });

  it('of Datadog says it too, and notifies a handle of a role or the queue of tickets', () => {
    const monitors = parse(text('observability/datadog/monitors.json')) as { message: string; tags: string[] }[];
    for (const { message, tags } of monitors) {
      expect(message).toMatch(/\nEscalation: SEV[1-4]: primary/);
      const handle = /\n@([\w-]+)$/.exec(message)?.[1];
      if (tags.includes('severity:page')) expect(handles).toContain(handle);
      else expect(handle).toBe('users-team-ticket');
    }
  });

  it('begins an incident of its own severity if an exception says so', () => {
    expect(incidentSeverityOf(onCall, 'RelayAbsent', 'page')).toBe('SEV2');
    expect(incidentSeverityOf(onCall, 'ApiAbsent', 'page')).toBe('SEV1');
    expect(incidentSeverityOf(onCall, 'PurgeBehind', 'ticket')).toBe('SEV4');
    expect(incidentSeverityOf(onCall, 'DeadLetters', 'ticket')).toBe('SEV3');
  });
});

type Entity = {
  apiVersion: string;
  kind: string;
  metadata: { name: string; description?: string; owner?: string; links?: { url: string }[] };
  spec: Readonly<Record<string, unknown>>;
};
const entities = (path: string): Entity[] => parseAllDocuments(text(path)).map((document) => document.toJS() as Entity);
const find = (path: string, kind: string): Entity => {
  const found = entities(path).find((entity) => entity.kind === kind);
  if (found === undefined) throw new Error(`${path} has no ${kind}`);
  return found;
};

/** Required fields: backstage/backstage packages/catalog-model/src/schema/kinds/*.v1alpha1.schema.json. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  System: ['owner'],
  Component: ['type', 'lifecycle', 'owner'],
  API: ['type', 'lifecycle', 'owner', 'definition'],
  Resource: ['type', 'owner'],
};

describe('the catalogue entries', () => {
  const slos = readSlos();

  it('of Backstage have the fields that it requires, and refer to entities that exist', () => {
    const all = entities('catalog-info.yaml');
    for (const { apiVersion, kind, spec, metadata } of all) {
      expect(apiVersion).toBe('backstage.io/v1alpha1');
      expect(metadata.name).toMatch(/^[a-z0-9-]{1,63}$/);
      expect(Object.keys(spec)).toEqual(
        expect.arrayContaining([...(new Map(Object.entries(REQUIRED)).get(kind) ?? ['?'])]),
      );
    }
    const { spec } = find('catalog-info.yaml', 'Component');
    const resources = all.filter(({ kind }) => kind === 'Resource').map(({ metadata }) => `resource:${metadata.name}`);
    expect(spec.dependsOn).toEqual(resources);
    expect(spec.system).toBe(find('catalog-info.yaml', 'System').metadata.name);
    expect(spec.providesApis).toEqual([find('catalog-info.yaml', 'API').metadata.name]);
  });

  it('of Datadog refer to entities that exist', () => {
    const all = entities('entity.datadog.yaml');
    expect(new Set(all.map(({ apiVersion }) => apiVersion))).toEqual(new Set(['v3']));
    const { spec } = find('entity.datadog.yaml', 'service');
    const names = all.map(({ kind, metadata }) => `${kind}:${metadata.name}`);
    expect(names).toEqual(expect.arrayContaining(spec.dependsOn as string[]));
    expect(names).toEqual(expect.arrayContaining(spec.componentOf as string[]));
  });

  it('agree with package.json, the objectives and the on-call', () => {
    const { name, description } = JSON.parse(text('package.json')) as { name: string; description: string };
    expect(onCall.service).toBe(slos.service);
    for (const [path, kind] of [
      ['catalog-info.yaml', 'Component'],
      ['entity.datadog.yaml', 'service'],
    ] as const) {
      const { metadata, spec } = find(path, kind);
      expect(metadata).toMatchObject({ name, description });
      expect(metadata.owner ?? spec.owner).toBe(slos.owner);
    }
  });

  it.each([
    ['catalog-info.yaml', 'Component'],
    ['entity.datadog.yaml', 'service'],
  ])('of %s link to files of this repository that exist', (path, kind) => {
    const base = slos.runbooks.replace(/runbooks$/, '');
    const files = (find(path, kind).metadata.links ?? []).flatMap(({ url }) =>
      url.startsWith(base) ? [url.slice(base.length)] : [],
    );
    expect(files.length).toBeGreaterThan(2);
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });
});
