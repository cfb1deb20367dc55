import pg from 'pg';

import { prepareSession, toClientConfig, type ConnectionOptions } from './connection.ts';
import { isMisdirected } from './errors.ts';

export type PoolOptions = ConnectionOptions & {
  readonly max: number;
  /** Called when an idle connection fails. The pool has already removed it. */
  readonly onError: (error: Error) => void;
};

/** Connections are replaced after a while, so that a load balancer in front of the server takes effect. A failover takes effect at once. */
const MAX_LIFETIME_SECONDS = 1800;
const IDLE_TIMEOUT_MS = 30_000;
/** A server that refuses everything must not be asked for new connections all the time. */
const RENEW_EVERY_MS = 1000;

type Callback = Parameters<pg.Pool['connect']>[0];

/** A pool that can renew all of its connections: when one leads to the wrong server, all that were made before it may. */
export class ServicePool extends pg.Pool {
  readonly #generations = new WeakMap<pg.ClientBase, number>();
  #generation = 0;
  #renewedAt = -Infinity;

  constructor(options: pg.PoolConfig) {
    super(options);
    this.on('connect', (client) => this.#generations.set(client, this.#generation));
    this.on('release', (error: unknown) => {
      if (isMisdirected(error)) this.renew();
    });
  }

  /** None of the present connections is used again, except for what is running on it. At most once per second. */
  renew(): void {
    const now = performance.now();
    if (now - this.#renewedAt < RENEW_EVERY_MS) return;
    this.#renewedAt = now;
    this.#generation += 1;
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: NonNullable<Callback>): void;
  override connect(callback?: Callback): Promise<pg.PoolClient> | undefined {
    if (callback === undefined) return this.#connectCurrent();
    super.connect(callback);
    return undefined;
  }

  async #connectCurrent(): Promise<pg.PoolClient> {
    for (;;) {
      const client = await super.connect();
      if (this.#generations.get(client) === this.#generation) return client;
      client.release(true);
    }
  }
}

/** A pool in which every wait has a timeout: for a connection, a statement, a lock, and the next statement of a transaction. */
export const makePool = ({ max, onError, ...options }: PoolOptions): ServicePool => {
  const pool = new ServicePool({
    ...toClientConfig(options),
    max,
    maxLifetimeSeconds: MAX_LIFETIME_SECONDS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    // eslint-disable-next-line @typescript-eslint/no-misused-promises -- the pool waits for the promise, which its types do not say
    onConnect: (client) => prepareSession(client, options),
  });
  pool.on('error', onError);
  // A connection that fails while checked out also fails its statement, and so reports to the caller. Without a listener the event would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
};
