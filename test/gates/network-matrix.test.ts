/* eslint-disable sonarjs/no-hardcoded-ip -- addresses of the values files */
// The network tables of docs/delivery.md, the rendered policies of production, and the comparison that `npm run test:network` makes on a cluster.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';

import { COMPONENTS, findDifferences, readCells } from '../cluster/network/cells.ts';
import { isAllowed, type Endpoint, type NetworkPolicy } from '../cluster/network/evaluate.ts';

const rendered = readFileSync(join(import.meta.dirname, '../chart/golden/production.yaml'), 'utf8');
const policies = parseAllDocuments(rendered)
  .map((document) => document.toJS() as (NetworkPolicy & { kind: string; metadata: { name: string } }) | null)
  .filter((manifest) => manifest !== null)
  .filter(({ kind }) => kind === 'NetworkPolicy');

const cells = readCells();
const nameOf = ({ from, to, port }: { from: string; to: string; port: number }): string => `${from}→${to}:${port}`;

const ofNamespace = (name: string): Endpoint => ({ labels: {}, namespace: { 'kubernetes.io/metadata.name': name } });
const ofComponent = (component: string): Endpoint => ({
  labels: {
    'app.kubernetes.io/name': 'user-service',
    'app.kubernetes.io/instance': 'users',
    'app.kubernetes.io/component': component,
  },
  ports: { ...(component === 'api' ? { http: 8080 } : {}), management: 8081 },
});
/** Addresses of the peers in values-production.yaml. */
const atAddress = (address: string): Endpoint => ({ ...ofNamespace('elsewhere'), address });

const ENDPOINTS = new Map<string, Endpoint>([
  ...COMPONENTS.map((name): [string, Endpoint] => [name, ofComponent(name)]),
  ['dns', ofNamespace('kube-system')],
  ['caller', ofNamespace('ingress-nginx')],
  ['monitoring', ofNamespace('monitoring')],
  ['postgres', atAddress('10.20.1.7')],
  ['redis', atAddress('10.20.2.7')],
  ['kafka', atAddress('10.20.3.7')],
  ['schema-registry', atAddress('10.20.4.7')],
  ['datadog', atAddress('10.20.17.7')],
  ['stranger', atAddress('10.99.0.7')],
]);

/** Ports of production; the probe pods of the matrix use others. */
const PORTS = new Map([
  [9092, 9093],
  [8085, 443],
]);

const connectionsOf = (applied: readonly NetworkPolicy[]): Set<string> =>
  new Set(
    cells
      .filter(({ from, to, port }) => {
        const [source, target] = [ENDPOINTS.get(from), ENDPOINTS.get(to)];
        if (source === undefined || target === undefined) throw new Error(`There is no endpoint ${from} or ${to}.`);
        return isAllowed(applied, source, target, PORTS.get(port) ?? port);
      })
      .map(nameOf),
  );

describe('the rendered policies of production', () => {
  it('allow exactly what the page says', () => {
    expect(policies.length).toBeGreaterThan(8);
    expect(cells.filter(({ allowed }) => allowed).length).toBeGreaterThan(20);
    expect(findDifferences(cells, connectionsOf(policies))).toEqual([]);
  });

  // the default deny is for pods that no other policy selects, see below
  it.each(policies.map(({ metadata }) => metadata.name).filter((name) => name !== 'users-default-deny'))(
    'need %s',
    (name) => {
      const others = policies.filter(({ metadata }) => metadata.name !== name);
      expect(findDifferences(cells, connectionsOf(others))).not.toEqual([]);
    },
  );

  it('deny everything by default to a pod that no other policy selects', () => {
    const deny = policies.filter(({ metadata }) => metadata.name === 'users-default-deny');
    expect([...connectionsOf(deny)]).toEqual([]);
    expect(connectionsOf([]).size).toBe(cells.length);
  });
});

describe('the comparison', () => {
  const [closed] = cells.filter(({ allowed }) => !allowed);
  const [open] = cells.filter(({ allowed }) => allowed);
  const expected = new Set(cells.filter(({ allowed }) => allowed).map(nameOf));

  it('accepts a network that does what the page says', () => {
    expect(findDifferences(cells, expected)).toEqual([]);
  });

  it('names a forbidden connection that is made', () => {
    if (closed === undefined) throw new Error('Nothing is forbidden.');
    const differences = findDifferences(cells, new Set([...expected, nameOf(closed)]));
    expect(differences).toEqual([`${nameOf(closed)} is forbidden, but connects`]);
  });

  it('names an allowed connection that is not made', () => {
    if (open === undefined) throw new Error('Nothing is allowed.');
    const differences = findDifferences(cells, new Set([...expected].filter((name) => name !== nameOf(open))));
    expect(differences).toEqual([`${nameOf(open)} is allowed, but does not connect`]);
  });

  it('refuses a page whose tables it does not understand', () => {
    expect(() => readCells('| to ↓ from → | intruder |')).toThrow('has "intruder" in a network table');
    expect(() => readCells('nothing')).toThrow('has no network table');
  });
});
