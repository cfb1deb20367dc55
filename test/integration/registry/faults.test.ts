import { describe, expect, inject as provided, it } from 'vitest';

import { makeSchemaRegistry } from '../../../src/avro/schema-registry.ts';
import { EVENTS_DIRECTORY, loadEventSchemas } from '../../../src/avro/schemas.ts';
import { registerSchemas } from '../../../src/avro/register-schemas.ts';
import { parseFaultPlan } from '../../../src/faults/fault-plan.ts';
import { makeFaultScopes } from '../../../src/faults/fault-scopes.ts';
import { makeInject } from '../../../src/faults/inject.ts';
import { makeRegistryFaults } from '../../../src/faults/port-faults.ts';
import { eventually } from '../../support/eventually.ts';

const settings = { url: provided('registry').url, username: '' };

const faultyRegistry = async (text: string, timeoutMs = 300) => {
  const parsed = parseFaultPlan(text);
  if ('problem' in parsed) throw new Error(parsed.problem);
  let random = 0;
  const inject = makeInject({
    ...{ plan: parsed.value, scopes: makeFaultScopes(), onInjected: () => undefined },
    random: () => random,
  });
  const schemas = await loadEventSchemas(EVENTS_DIRECTORY);
  await registerSchemas({ ...settings, timeoutMs: 5000, schemas, report: () => undefined });
  let elapsedMs = 1;
  // each call is a minute later, so that no failure is cached
  const registry = makeSchemaRegistry({
    ...{ ...settings, timeoutMs, schemas, now: () => (elapsedMs += 60_000) },
    beforeLookUp: makeRegistryFaults(inject, { timeoutMs }),
  });
  return { registry, stop: () => (random = 0.9999) };
};

describe('the schema registry', () => {
  it.each(['error', 'hang', 'latency=300'])('%s is an outage of the registry, never a missing schema', async (kind) => {
    const { registry, stop } = await faultyRegistry(`registry:${kind}@99%`);
    await expect(registry.idOf('OrderPlaced')).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
    await expect(registry.schemaOf(1)).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
    await expect(registry.check()).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
    stop();
    await eventually(registry.check); // look-ups that began before still fail
  });

  it('has no faults for a schema that is cached', async () => {
    const { registry } = await faultyRegistry('registry:latency=1@99%', 10_000);
    const id = await registry.idOf('OrderPlaced');
    expect(await registry.idOf('OrderPlaced')).toBe(id);
  });
});
