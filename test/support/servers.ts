// The servers of a test run, and the order of the ways to get each. `global-setup.ts` finds them once per run and passes their addresses to
// every test file. A new kind of server needs a type here, one function for each way (in `environment-servers.ts`, `docker-servers.ts` and a file
// of `native/`), and an entry in `native/supplies.ts`.

export type PostgresServer = {
  readonly host: string;
  readonly port: number;
  /** A superuser: tests create databases and roles. */
  readonly user: string;
  readonly password: string;
};

export type RedisServer = { readonly host: string; readonly port: number; readonly password?: string };

export type Servers = {
  readonly postgres: PostgresServer;
  /** Template databases of this run. */
  readonly templates: { readonly empty: string; readonly migrated: string };
  readonly redis: RedisServer;
};

/** Without automatic topic creation and without an initial rebalance delay. */
export type KafkaServer = { readonly brokers: readonly string[] };

/** `url` is the base of its Confluent API. */
export type RegistryServer = { readonly url: string };

/** The values that test files can `inject`: `servers` in every project with servers, `kafka` and `registry` in those that request them. */
export type Supplied = { servers: Servers; kafka: KafkaServer; registry: RegistryServer };

declare module 'vitest' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type, @typescript-eslint/consistent-type-definitions -- only an interface can be added to
  interface ProvidedContext extends Supplied {}
}

/** `env`: an address in the environment · `docker`: a container · `native`: a process on this machine. */
export const WAYS = ['env', 'docker', 'native'] as const;
export type Way = (typeof WAYS)[number];

export type Running<S> = { readonly server: S; stop(): Promise<void> };

/** The ways to get one kind of server, in order of preference. Each rejects with a reason when it is unavailable. */
export type Recipe<S> = { readonly name: string; readonly ways: Readonly<Record<Way, () => Promise<Running<S>>>> };

export type Found<S> = { readonly running?: Running<S>; readonly report: string };

/** Tries the ways in order, and reports in one line the one that worked and why the earlier ones did not. */
export const find = async <S>({ name, ways }: Recipe<S>, allowed: readonly Way[]): Promise<Found<S>> => {
  const failures: string[] = [];
  for (const [way, start] of Object.entries(ways).filter(([known]) => allowed.some((it) => it === known))) {
    const begin = performance.now();
    try {
      const running = await start();
      const tookMs = Math.round(performance.now() - begin);
      return { running, report: [`${name}: ${way}, ready in ${tookMs} ms`, ...failures].join(' · ') };
    } catch (error) {
      failures.push(`not ${way}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { report: [`${name}: none`, ...failures].join(' · ') };
};
