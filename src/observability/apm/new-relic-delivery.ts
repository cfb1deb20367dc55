// The one place through which New Relic's agent sends: RemoteMethod.prototype.invoke. Here the allow-list is applied, and here it is seen
// whether New Relic accepts what is sent. No public option of the agent does either.

import { allowPayload } from '../spans/new-relic.ts';
import type { Delivery } from '../trace-context.ts';
import { requireAgent } from './new-relic-environment.ts';

type Response = { readonly status?: number; readonly payload?: unknown } | null | undefined;
type Done = (error: (Error & { code?: string }) | null, response?: Response) => void;
type Agent = { stop(done: () => void): void };
type RemoteMethod = { readonly name: string; readonly _agent: Agent };
type Invoke = (this: RemoteMethod, payload: unknown, headers: unknown, done?: Done) => void;

const GONE = 410;
/** The agent keeps the data and sends it again. */
const KEPT = new Set([401, 408, 409, 429, 500, 503]);
const LASTING = new Map([
  [401, 'New Relic refuses the license key'],
  [GONE, 'New Relic has ended the connection: nothing is sent until the process is restarted'],
]);
const isAccepted = (status: number): boolean => status >= 200 && status < 300;

const rowsOf = (payload: unknown): number => {
  const rows: unknown = Array.isArray(payload) ? payload.at(-1) : [];
  return Array.isArray(rows) ? rows.length : 0;
};

const deliveryOf = (error: Error | null, status: number, metrics: number): Delivery => {
  if (error !== null) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = `New Relic cannot be reached (${code ?? error.name})`;
    return { reason, isLasting: false, sent: 0, dropped: 0 };
  }
  if (isAccepted(status)) return { reason: undefined, isLasting: false, sent: metrics, dropped: 0 };
  const reason = LASTING.get(status) ?? `New Relic responds with status ${status}`;
  return { reason, isLasting: LASTING.has(status), sent: 0, dropped: KEPT.has(status) ? 0 : metrics };
};

/**
 * Must be called before the agent is loaded.
 * @throws Error if this release of the agent has no such method: rather no start than data that is not restricted
 */
export const restrictDelivery = (onDelivery: (delivery: Delivery) => void): void => {
  const { prototype } = requireAgent('newrelic/lib/collector/remote-method.js') as { prototype?: { invoke?: Invoke } };
  const invoke = prototype?.invoke;
  if (prototype === undefined || typeof invoke !== 'function')
    throw new Error("What New Relic's agent sends can not be restricted.");

  prototype.invoke = function restricted(payload, given, callback) {
    const done = (typeof given === 'function' ? given : callback) as Done;
    const headers = typeof given === 'function' ? null : given;
    const allowed = allowPayload(this.name, payload);
    if (allowed === undefined) {
      setImmediate(done, null, { status: 202, payload: null });
      return;
    }
    const metrics = this.name === 'metric_data' ? rowsOf(allowed) : 0;
    invoke.call(this, allowed, headers, (error, response) => {
      const status = response?.status ?? 0;
      onDelivery(deliveryOf(error, status, metrics));
      // at start the agent would write the stack of an error to standard error, and give up
      if (status === GONE && !this.name.endsWith('_data')) this._agent.stop(() => undefined);
      else done(error, response);
    });
  };
};
