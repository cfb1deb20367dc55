// kafkajs 2.2.4 sets a timer again and again on every connection, each with a negative delay: a thousand wake-ups a second for nothing, and
// on Node 24 a TimeoutNegativeWarning. No setting turns it off, upstream does not merge the fix, so the one method is guarded here.
// https://github.com/tulios/kafkajs/issues/1704 · https://github.com/tulios/kafkajs/issues/1751

import { createRequire } from 'node:module';

type RequestQueue = {
  readonly pending: readonly unknown[];
  /** Milliseconds since the epoch; -1 when the broker did not ask for patience. */
  readonly throttledUntil: number;
  scheduleCheckPendingRequests(this: RequestQueue): void;
};

const GUARDED = Symbol.for('user-service.kafkajs-request-queue');

/** Lets the timer be set only when there is something to wait for. Once per process, however often it is called. */
export const guardRequestQueue = (): void => {
  const require = createRequire(import.meta.url);
  const { prototype } = require('kafkajs/src/network/requestQueue/index.js') as { prototype: RequestQueue };
  if (Object.hasOwn(prototype, GUARDED)) return;
  const schedule = prototype.scheduleCheckPendingRequests;
  Object.assign(prototype, {
    [GUARDED]: true,
    scheduleCheckPendingRequests(this: RequestQueue): void {
      if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
    },
  });
};
