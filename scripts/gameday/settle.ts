// Before a fault: the system has to work, or the drill would prove nothing.

import type { Alert, Alerts, Wanted } from './alerts.ts';
import type { Load } from './load.ts';
import { eventually } from '../../test/support/eventually.ts';

const DEADLINE_MS = 60_000;

type Deps = { readonly drill: Wanted; readonly load: Load; readonly alerts: Alerts; readonly signal: AbortSignal };

/**
 * Waits until requests succeed and the alert of the drill does not fire.
 * @returns other alerts that fire. On a slow machine these are objectives of latency, and of earlier drills those with long windows.
 * @throws Error when it takes too long
 */
export const settle = async ({ drill, load, alerts, signal }: Deps): Promise<Alert[]> => {
  const check = async (): Promise<void> => {
    load.assertHealthy();
    if ((await alerts.find(drill)) !== undefined) throw new Error(`${drill.alert} fires before the fault`);
  };
  await eventually(check, { deadlineMs: DEADLINE_MS, everyMs: 250, signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The system does not work before the fault: ${reason}`, { cause: error });
  });
  return alerts.firing();
};

export const isAlreadyFiring = (others: readonly Alert[]): string => {
  const names = new Set(others.map(({ labels }) => labels.alertname ?? ''));
  return `Already firing, and not of this drill: ${[...names].join(', ')}`;
};
