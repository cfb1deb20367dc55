// The gate of `npm run events:check` works without a registry; here a real one checks the same changes.

import { randomUUID } from 'node:crypto';

import { describe, expect, inject, it } from 'vitest';

import { readContract, type Version } from '../../../scripts/events/contract.ts';
import { findIncompatibleChanges } from '../../../scripts/events/incompatible-changes.ts';
import { EVENT_CASES } from '../../gates/event-cases.ts';
import { withContract, type ContractEdit } from '../../gates/event-contract.ts';

const headers = { 'content-type': 'application/vnd.schemaregistry.v1+json' };

const send = async (method: string, path: string, body: object): Promise<number> => {
  const response = await fetch(`${inject('registry').url}${path}`, { method, headers, body: JSON.stringify(body) });
  await response.body?.cancel();
  return response.status;
};

/** Versions of the events that have several, in an edited contract. */
const histories = (edits: readonly ContractEdit[]): readonly (readonly Version[])[] =>
  withContract(edits, readContract)
    .events.map(({ versions }) => versions)
    .filter((versions) => versions.length > 1);

/** The first version that the registry rejects; undefined without one. */
const findRejected = async (versions: readonly Version[]): Promise<string | undefined> => {
  const subject = `gate-${randomUUID()}`;
  expect(await send('PUT', `/config/${subject}`, { compatibility: 'FULL_TRANSITIVE' })).toBe(200);
  for (const { path, schema } of versions) {
    const status = await send('POST', `/subjects/${subject}/versions`, { schema: JSON.stringify(schema) });
    if (status === 409) return path;
    expect(status).toBe(200);
  }
  return undefined;
};

const findRejectedByGate = (versions: readonly Version[]): string | undefined =>
  versions.find((newer, index) =>
    versions.slice(0, index).some((older) => findIncompatibleChanges(older, newer).length > 0),
  )?.path;

describe('a real registry', () => {
  it.each(EVENT_CASES.filter(([, edits]) => histories(edits).length > 0))(
    'agrees with the gate on: %s',
    async (_, edits) => {
      for (const versions of histories(edits)) expect(await findRejected(versions)).toBe(findRejectedByGate(versions));
    },
  );

  it('checks compatible and incompatible changes', () => {
    const all = EVENT_CASES.flatMap(([, edits]) => histories(edits)).map(findRejectedByGate);

    expect(all.filter((path) => path === undefined)).toHaveLength(4);
    expect(all.filter((path) => path !== undefined)).toHaveLength(12);
  });
});
