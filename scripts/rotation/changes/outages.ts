// What happens while Vault is gone, and after logins were taken away before their time.

import { setTimeout as pause } from 'node:timers/promises';

import { eventually } from '../../../test/support/eventually.ts';
import { askVault } from '../../vault/ask-vault.ts';
import type { Load } from '../load/load.ts';
import { ROLES, type Role } from '../settings.ts';
import type { Stack } from '../stack.ts';

const FILE = 'postgres_credentials';
const PATIENCE = { deadlineMs: 90_000, everyMs: 50 };
const ASK_TIMEOUT_MS = 3000;
const GAUGE = /^config_secret_expiry_timestamp_seconds\{.*setting="POSTGRES_CREDENTIALS".*\} ([\d.e+]+)$/m;

const managementOf = ({ processes }: Stack, role: Role): string => processes.get(role)?.managementUrl ?? '';

const ask = async (url: string): Promise<Response> => fetch(url, { signal: AbortSignal.timeout(ASK_TIMEOUT_MS) });

/** Seconds until the credentials of a process expire, by its gauge. */
const readSecondsLeft = async (stack: Stack, role: Role): Promise<number> => {
  const text = await (await ask(`${managementOf(stack, role)}/metrics`)).text();
  return Number(GAUGE.exec(text)?.[1]) - Date.now() / 1000;
};
const leastSecondsLeft = async (stack: Stack): Promise<number> =>
  Math.min(...(await Promise.all(ROLES.map((role) => readSecondsLeft(stack, role)))));

const readStatus = async (stack: Stack, role: Role): Promise<string> => {
  const response = await ask(`${managementOf(stack, role)}/health/ready`);
  return `${response.status} ${((await response.json()) as { status: string }).status}`;
};

const marks = ({ files }: Stack): Map<Role, number> =>
  new Map(ROLES.map((role) => [role, files.newest(role, FILE)?.at ?? 0]));

/** Waits until every process has credentials that are newer. @returns when the last one got them */
const allReplaced = (stack: Stack, before: ReadonlyMap<Role, number>): Promise<number> =>
  eventually(() => {
    const times = ROLES.map((role) => stack.files.newest(role, FILE)?.at ?? 0);
    if (ROLES.some((role, place) => (times.at(place) ?? 0) <= (before.get(role) ?? 0)))
      throw new Error('the credentials have not been replaced');
    return Math.max(...times);
  }, PATIENCE);

/** Later logins live longer. Resolves when each process has such a login. */
export const lengthenLeases = async (stack: Stack, seconds: number): Promise<void> => {
  const ttl = `${seconds}s`;
  await askVault(stack.vault, 'PUT', 'database/roles/user-service-app', {
    ...{ db_name: 'user-service', default_ttl: ttl, max_ttl: ttl },
  });
  await allReplaced(stack, marks(stack));
  await eventually(async () => {
    if ((await leastSecondsLeft(stack)) < seconds / 2) throw new Error('the gauge does not show the longer lease');
  }, PATIENCE);
};

export type VaultAway = {
  readonly seconds: number;
  /** At the beginning and at the end, by the gauge. */
  readonly secondsLeft: readonly [number, number];
  /** Every answer of /health/ready. */
  readonly readiness: readonly string[];
  /** From the start of Vault until the last process had new credentials. */
  readonly backMs: number;
};

/** Suspends Vault, then kills it, then starts it again. */
export const takeVaultAway = async (stack: Stack, eachMs: number): Promise<VaultAway> => {
  const { vault } = stack;
  const readiness = new Set<string>();
  const watch = async (ms: number): Promise<void> => {
    const end = performance.now() + ms;
    while (performance.now() < end) {
      for (const role of ROLES) readiness.add(await readStatus(stack, role));
      await pause(250);
    }
  };
  const start = performance.now();
  const before = await leastSecondsLeft(stack);
  vault.pause();
  await watch(eachMs);
  await vault.kill();
  await watch(eachMs);
  const after = await leastSecondsLeft(stack);
  const seconds = (performance.now() - start) / 1000;
  const known = marks(stack);
  await vault.start();
  const startedAt = Date.now();
  const backMs = (await allReplaced(stack, known)) - startedAt;
  return { seconds, secondsLeft: [before, after], readiness: [...readiness], backMs };
};

export type Recovery = {
  readonly requests: number;
  readonly failed: number;
  readonly kinds: string;
  /** From the change until the last failure; 0 without one. */
  readonly failingMs: number;
  /** From the change until every process had rendered the new credentials. */
  readonly renderedMs: number;
};

/** Counts the requests from `change` until everything works again. */
const measure = async (stack: Stack, load: Load, change: () => Promise<unknown>): Promise<Recovery> => {
  const before = { failures: load.failures().length, requests: load.requests() };
  const known = marks(stack);
  const at = Date.now();
  await change();
  const renderedAt = await allReplaced(stack, known);
  await pause(3000); // until requests that wait are answered
  const failures = load.failures().slice(before.failures);
  return {
    requests: load.requests() - before.requests,
    failed: failures.length,
    kinds: [...new Set(failures.map(({ what }) => what))].slice(0, 4).join(', '),
    failingMs: failures.length === 0 ? 0 : Math.max(...failures.map((failure) => failure.at)) - at,
    renderedMs: renderedAt - at,
  };
};

/** @param restartsAgents as docs/vault.md tells an operator; otherwise the agents find out by themselves */
export const revokeLeases = (stack: Stack, load: Load, restartsAgents: boolean): Promise<Recovery> =>
  measure(stack, load, async () => {
    const leases = 'sys/leases/revoke-prefix/database/creds/user-service-app';
    await askVault(stack.vault, 'PUT', leases, { sync: true }); // otherwise it is queued
    if (!restartsAgents) return;
    await Promise.all([...stack.agents.values()].map((agent) => agent.stop()));
    for (const agent of stack.agents.values()) agent.restart();
  });

/** Static mode: a new password before its time. */
export const rotatePassword = (stack: Stack, load: Load): Promise<Recovery> =>
  measure(stack, load, () => askVault(stack.vault, 'PUT', 'database/rotate-role/user-service-app'));
