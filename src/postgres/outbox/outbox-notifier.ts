// Wakes the relay after commits that wrote to the outbox. A NOTIFY inside of such a transaction holds a lock of the whole PostgreSQL cluster until its
// commit has ended, so that commits wait for one another. Here it is a transaction of its own, on a connection that no request uses. docs/adr/0012

import { AsyncLocalStorage } from 'node:async_hooks';
import type { EventEmitter } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

import type { Pool } from 'pg';

import type { ConnectionOptions } from '../connection.ts';
import { storeUnavailable } from '../errors.ts';
import { makePool } from '../pool.ts';
import { query } from '../query.ts';
import { OUTBOX_WRITTEN } from './outbox-writer.ts';

/** The channel that relays listen to. */
export const CHANNEL = 'outbox';

/** Between two notifications: commits of this time share one, and a waiting relay fetches them together. */
const WINDOW_MS = 10;
const RETRY_MS = 1000;

// a read-only server that is no standby accepts it, and nobody listens there
const NOTIFY = `
  SELECT pg_notify($1, '') IS NULL AS sent, current_setting('transaction_read_only') = 'on' AS read_only`;

type Options = {
  /** Its commits are announced. */
  readonly pool: Pool;
  /** How to open the notifier's own connection. It is closed after half a minute without a commit. */
  readonly connection: ConnectionOptions;
  /** Called once per outage. Meanwhile relays poll, and a notification is tried every second. */
  readonly onFailure: (error: unknown) => void;
  readonly onRecovery: () => void;
};

/** One per process. The first commit is announced at once, all commits of the next 10 ms together. */
export const makeOutboxNotifier = ({ pool, connection, onFailure, onRecovery }: Options) => {
  const own = makePool({ ...connection, max: 1, onError: () => undefined }); // the next notification reports it
  const commits: EventEmitter = pool;
  const closing = new AbortController();
  const outsideOfRequests = AsyncLocalStorage.snapshot(); // the notification is not part of the trace of one of the requests
  let [isDue, isFailing] = [false, false];
  let running: Promise<void> | undefined;

  const notify = async (): Promise<void> => {
    const { rows } = await query<{ read_only: boolean }>(own, { name: 'notify', text: NOTIFY, values: [CHANNEL] });
    if (rows[0]?.read_only === false) return;
    own.renew();
    throw storeUnavailable(new Error('The server accepts no writes.'));
  };
  const tryToNotify = async (): Promise<boolean> => {
    try {
      await notify();
      if (isFailing) onRecovery();
      isFailing = false;
    } catch (error) {
      if (!isFailing) onFailure(error);
      isFailing = true;
    }
    return !isFailing;
  };
  const run = async (): Promise<void> => {
    while (isDue) {
      isDue = false;
      const sent = await tryToNotify();
      isDue ||= !sent && !closing.signal.aborted;
      const options = { signal: closing.signal, ref: false };
      await pause(sent ? WINDOW_MS : RETRY_MS, undefined, options).catch(() => undefined);
    }
    running = undefined;
  };
  const onWritten = (): void => {
    isDue = true;
    running ??= outsideOfRequests(run);
  };
  commits.on(OUTBOX_WRITTEN, onWritten);

  return {
    /** Announces what is not announced yet, or gives up after one attempt: then relays find it when they poll. Never rejects. */
    close: async (): Promise<void> => {
      commits.off(OUTBOX_WRITTEN, onWritten);
      closing.abort();
      await running;
      await own.end();
    },
  };
};
