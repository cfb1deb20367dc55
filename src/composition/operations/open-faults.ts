// Wraps the adapters of a process where FAULT_INJECTION is set. Where it is empty, nothing is wrapped: a call costs what it costs without this file.

import type { Redis } from 'ioredis';
import type { Pool } from 'pg';

import { DEPENDENCIES, KINDS, parseFaultHeader, parseFaultPlan } from '../../faults/fault-plan.ts';
import { makeFaultScopes, newScope, textOf, type FaultScopes } from '../../faults/fault-scopes.ts';
import { makeInject } from '../../faults/inject.ts';
import {
  addBrokerCheckFaults,
  addPaymentFaults,
  addPublisherFaults,
  makeRegistryFaults,
} from '../../faults/port-faults.ts';
import { addPoolFaults, addRedisFaults } from '../../faults/store-faults.ts';
import { makeFaultHooks } from '../../http/hooks/fault-injection.ts';
import type { Hooks } from '../../http/hooks/add-hooks.ts';
import type { Publisher } from '../../messaging/publisher.ts';
import type { Log } from '../../observability/log-fields.ts';
import { countKnown } from '../../observability/metrics/known-labels.ts';
import type { Metrics } from '../../observability/metrics/metrics.ts';
import { tagSpan } from '../../observability/trace-context.ts';
import type { Payments } from '../../orders/ports.ts';

type Ms<N extends string> = Readonly<Record<N, number>>;

/** Each function returns what a caller uses instead of its first argument. */
export type Faults = {
  readonly pool: <P extends Pool>(pool: P) => P;
  readonly redis: (redis: Redis, settings: Ms<'commandTimeoutMs'>) => Redis;
  readonly publisher: (publisher: Publisher, settings: Ms<'sendTimeoutMs'>) => Publisher;
  readonly brokerCheck: (check: () => Promise<void>, settings: Ms<'connectTimeoutMs'>) => () => Promise<void>;
  readonly beforeLookUp: (settings: Ms<'timeoutMs'>) => (() => Promise<void>) | undefined;
  readonly payments: (payments: Payments, settings: Ms<'timeoutMs'>) => Payments;
  /** For a handler of events: what is injected while it runs is on its log lines. */
  readonly scoped: <A extends unknown[], T>(handle: (...args: A) => T) => (...args: A) => T;
  readonly requestHooks: Hooks;
};

const same = <T>(value: T): T => value;

const NONE: Faults = {
  pool: same,
  redis: same,
  publisher: same,
  brokerCheck: same,
  beforeLookUp: () => undefined,
  payments: same,
  scoped: same,
  requestHooks: {},
};

type Deps = { readonly text: string; readonly scopes: FaultScopes; readonly logger: Log; readonly metrics: Metrics };

/** Only here, so that a process without faults has no such series. */
const countFaults = ({ registry }: Metrics) =>
  countKnown({
    name: 'faults_injected_total',
    help: 'Total faults that FAULT_INJECTION put into calls of dependencies, by dependency and kind',
    values: { dependency: DEPENDENCIES, kind: KINDS },
    registers: [registry],
  });

export const openFaults = ({ text, scopes, logger, metrics }: Deps): Faults => {
  const parsed = parseFaultPlan(text);
  if (text === '' || 'problem' in parsed) return NONE;
  logger.warn({ fault: text }, 'faults are injected into the calls of dependencies');
  const counter = countFaults(metrics);
  const inject = makeInject({
    plan: parsed.value,
    scopes,
    onInjected: ({ dependency, kind }, injected) => {
      counter.inc({ dependency, kind });
      tagSpan('fault.injected', injected);
    },
  });
  return {
    pool: (pool) => addPoolFaults(pool, inject),
    redis: (redis, settings) => addRedisFaults(redis, inject, settings),
    publisher: (publisher, settings) => addPublisherFaults(publisher, inject, settings),
    brokerCheck: (check, settings) => addBrokerCheckFaults(check, inject, settings),
    beforeLookUp: (settings) => makeRegistryFaults(inject, settings),
    payments: (payments, settings) => addPaymentFaults(payments, inject, settings),
    scoped:
      (handle) =>
      (...args) =>
        scopes.run(newScope(), () => handle(...args)),
    requestHooks: makeFaultHooks({
      open: (header) => {
        if (header === undefined || !parsed.value.allowsHeader) return newScope();
        const faults = parseFaultHeader(header);
        return 'problem' in faults ? faults : newScope(faults.value);
      },
      run: scopes.run,
      textOf,
    }),
  };
};

/** The scopes of a process, and what a logger adds to its lines from them. */
export const openFaultScopes = (text: string, traceFields: () => Readonly<Record<string, string>>) => {
  const scopes = makeFaultScopes();
  const logFields = text === '' ? traceFields : () => ({ ...traceFields(), ...scopes.logFields() });
  return { scopes, logFields };
};
