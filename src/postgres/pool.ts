import { setTimeout as pause } from 'node:timers/promises';

import pg from 'pg';

import { prepareSession, toClientConfig, type ConnectionOptions } from './connection.ts';
import {
  credentialsOf,
  isRefusedLogin,
  isSameLogin,
  type Credentials,
  type CurrentCredentials,
} from './credentials.ts';
import { isMisdirected } from './errors.ts';

export type PoolOptions = ConnectionOptions & {
  readonly max: number;
  /** Connections are replaced after this time, so that a load balancer in front of the server takes effect. Default: 1800. */
  readonly maxLifetimeSeconds?: number;
  /** Called when an idle connection fails. The pool has already removed it. */
  readonly onError: (error: Error) => void;
};

const MAX_LIFETIME_SECONDS = 1800;
const IDLE_TIMEOUT_MS = 30_000;
/** A server that refuses everything must not be asked for new connections all the time. */
const RENEW_EVERY_MS = 1000;
/** How often other credentials are looked for when the server has refused the ones in use. */
const LOOK_AGAIN_MS = 50;

type Callback = Parameters<pg.Pool['connect']>[0];

/**
 * A pool that replaces its connections: all of them, when one leads to the wrong server, because all that were made before it may; and those that were
 * made with other credentials than the ones in use. What is running on a connection ends first.
 */
export class ServicePool extends pg.Pool {
  readonly #generations = new WeakMap<pg.ClientBase, number>();
  #generation = 0;
  #renewedAt = -Infinity;
  readonly #logins: WeakMap<pg.ClientBase, Credentials>;
  readonly #credentials: CurrentCredentials;
  /** Of the newest connection: the server has accepted them. */
  #accepted: Credentials | undefined;

  constructor(options: pg.PoolConfig, credentials: CurrentCredentials) {
    const logins = new WeakMap<pg.ClientBase, Credentials>();
    class Client extends pg.Client {
      constructor(config?: pg.ClientConfig) {
        const login = credentials();
        super({ ...config, user: login.user, password: login.password });
        logins.set(this, login);
      }
    }
    super({ ...options, Client });
    this.#logins = logins;
    this.#credentials = credentials;
    this.on('connect', (client) => {
      this.#generations.set(client, this.#generation);
      this.#accepted = logins.get(client);
    });
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

  /** False for a connection that is to be replaced: whoever holds one for long gives it back then. */
  isCurrent(client: pg.ClientBase): boolean {
    const login = this.#logins.get(client);
    return (
      this.#generations.get(client) === this.#generation &&
      login !== undefined &&
      isSameLogin(login, this.#credentials())
    );
  }

  /**
   * Closes the idle connections that are to be replaced. Otherwise they stay until they are used, or until the server ends them. The others are closed
   * when they are given back.
   */
  async closeOutdated(): Promise<void> {
    const idle = await Promise.allSettled(Array.from({ length: this.idleCount }, () => super.connect()));
    for (const result of idle) if (result.status === 'fulfilled') result.value.release(!this.isCurrent(result.value));
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: NonNullable<Callback>): void;
  override connect(callback?: Callback): Promise<pg.PoolClient> | undefined {
    if (callback === undefined) return this.#connectCurrent();
    super.connect(callback);
    return undefined;
  }

  async #connectCurrent(): Promise<pg.PoolClient> {
    const deadline = performance.now() + (this.options.connectionTimeoutMillis ?? 0);
    for (;;) {
      const client = await this.#connectAccepted(deadline);
      if (this.isCurrent(client)) return this.#closedIfOutdated(client);
      client.release(true);
    }
  }

  /** By the time it is given back, it may have to be replaced. */
  #closedIfOutdated(client: pg.PoolClient): pg.PoolClient {
    const release = client.release.bind(client);
    client.release = (error) => {
      release(error ?? !this.isCurrent(client));
    };
    return client;
  }

  /** A password may change on the server before it does in the file: waits for the file, or for a connection that another caller gives back. */
  async #connectAccepted(deadline: number): Promise<pg.PoolClient> {
    for (;;) {
      const tried = this.#credentials();
      try {
        return await super.connect();
      } catch (error) {
        const wasAccepted = this.#accepted !== undefined && isSameLogin(tried, this.#accepted);
        if (!isRefusedLogin(error) || !wasAccepted || !(await this.#canTryAgain(tried, deadline))) throw error;
      }
    }
  }

  async #canTryAgain(refused: Credentials, deadline: number): Promise<boolean> {
    while (performance.now() < deadline) {
      await this.#credentials.adopt?.().catch(() => undefined); // refused as well: look again
      if (this.idleCount > 0 || !isSameLogin(refused, this.#credentials())) return true;
      await pause(LOOK_AGAIN_MS, undefined, { ref: false });
    }
    return false;
  }
}

/** A pool in which every wait has a timeout: for a connection, a statement, a lock, and the next statement of a transaction. */
export const makePool = ({ max, maxLifetimeSeconds = MAX_LIFETIME_SECONDS, onError, ...options }: PoolOptions) => {
  const config = {
    ...toClientConfig(options),
    max,
    maxLifetimeSeconds,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    onConnect: (client: pg.ClientBase) => prepareSession(client, options),
  };
  const pool = new ServicePool(config, credentialsOf(options));
  pool.on('error', onError);
  // A connection that fails while checked out also fails its statement, and so reports to the caller. Without a listener the event would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
};
