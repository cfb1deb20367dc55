// The servers of a test run, and the order in which each is looked for. `global-setup.ts` finds them once per run and passes their addresses to
// every test file. A new kind adds its type here, one function for each way (in `environment-servers.ts`, `docker-servers.ts` and a file of
// `native/`), and a few lines to `native/supplies.ts`.

export type PostgresServer = {
  readonly host: string;
  readonly port: number;
  /** A superuser: tests make databases and roles. */
  readonly user: string;
  readonly password: string;
};

export type RedisServer = { readonly host: string; readonly port: number; readonly password?: string };

export type Servers = {
  readonly postgres: PostgresServer;
  /** Databases of this run that new ones are copied from. */
  readonly templates: { readonly empty: string; readonly migrated: string };
  readonly redis: RedisServer;
};

/** Topics are made by tests only; the groups of a new consumer start at once. */
export type KafkaServer = { readonly brokers: readonly string[] };

/** `url` is where its Confluent API begins. */
export type RegistryServer = { readonly url: string };

/** What a test file may `inject`: `servers` in every project that finds servers, `kafka` and `registry` in those that ask for them. */
export type Supplied = { servers: Servers; kafka: KafkaServer; registry: RegistryServer };

declare module 'vitest' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type, @typescript-eslint/consistent-type-definitions -- only an interface can be added to
  interface ProvidedContext extends Supplied {}
}

/** `env`: an address in the environment · `docker`: a container · `native`: a process that the project starts itself. */
export const WAYS = ['env', 'docker', 'native'] as const;
export type Way = (typeof WAYS)[number];

export type Running<S> = { readonly server: S; stop(): Promise<void> };

/** How to get one kind of server; in the order to try. Each way rejects with the reason when it is closed here. */
export type Recipe<S> = { readonly name: string; readonly ways: Readonly<Record<Way, () => Promise<Running<S>>>> };

export type Found<S> = { readonly running?: Running<S>; readonly report: string };

/** Tries the ways in order and says in one line which one it was and why the ones before it were not. */
export const find = async <S>({ name, ways }: Recipe<S>, allowed: readonly Way[]): Promise<Found<S>> => {
  const closed: string[] = [];
  for (const [way, start] of Object.entries(ways).filter(([known]) => allowed.some((it) => it === known))) {
    const begin = performance.now();
    try {
      const running = await start();
      const tookMs = Math.round(performance.now() - begin);
      return { running, report: [`${name}: ${way}, ready in ${tookMs} ms`, ...closed].join(' · ') };
    } catch (error) {
      closed.push(`not ${way}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { report: [`${name}: none`, ...closed].join(' · ') };
};
