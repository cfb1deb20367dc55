// While a dependency is down, every request and every retry fails for the same reason. The first failure of an outage is logged as a warning, the
// others are counted, and one line at the end says how many there were.

import { codeOf } from '../errors/coded-error.ts';

/** By the code of an error: the name of the dependency, as its readiness check has it. */
const DEPENDENCIES: ReadonlyMap<string, string> = new Map([
  ['STORE_UNAVAILABLE', 'postgres'],
  ['STORE_TIMEOUT', 'postgres'],
  ['REDIS_UNAVAILABLE', 'redis'],
  ['BROKER_UNAVAILABLE', 'kafka'],
  ['REGISTRY_UNAVAILABLE', 'schema-registry'],
  ['PAYMENT_UNAVAILABLE', 'payments'],
]);
const DEEPEST_CAUSE = 5;
/** An outage has ended when its dependency is up and nothing failed for this long. */
const QUIET_MS = 5000;
const LOOK_EVERY_MS = 1000;

type Outage = {
  readonly dependency: string;
  readonly code: string;
  count: number;
  readonly firstAt: number;
  lastAt: number;
};

export type EndedOutage = {
  readonly dependency: string;
  readonly code: string;
  /** How many failures there were. */
  readonly count: number;
  /** From the first failure to the last. */
  readonly durationMs: number;
};

type Deps = {
  readonly onEnd: (outage: EndedOutage) => void;
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
};

/** The first code in the chain of causes that belongs to a dependency. */
const knownCodeOf = (error: unknown, depth = 1): string | undefined => {
  if (!(error instanceof Error) || depth > DEEPEST_CAUSE) return undefined;
  const code = codeOf(error);
  return code !== undefined && DEPENDENCIES.has(code) ? code : knownCodeOf(error.cause, depth + 1);
};

export const makeOutages = ({ onEnd, now = () => performance.now() }: Deps) => {
  /** By code: a statement that takes too long is another fault than a server that is not there. */
  const open = new Map<string, Outage>();
  const down = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  const end = (outage: Outage): void => {
    open.delete(outage.code);
    const { firstAt, lastAt, ...rest } = outage;
    if (outage.count > 1) onEnd({ ...rest, durationMs: Math.round(lastAt - firstAt) });
  };
  const endQuiet = (): void => {
    for (const outage of [...open.values()])
      if (!down.has(outage.dependency) && now() - outage.lastAt >= QUIET_MS) end(outage);
    if (open.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
  /** @returns whether an outage begins with it */
  const add = (error: unknown, failures: number): boolean => {
    const code = knownCodeOf(error);
    if (code === undefined) return true;
    endQuiet();
    const at = now();
    const known = open.get(code);
    const outage = known ?? { dependency: DEPENDENCIES.get(code) ?? '', code, count: 0, firstAt: at, lastAt: at };
    outage.count += failures;
    outage.lastAt = at;
    open.set(code, outage);
    timer ??= setInterval(endQuiet, LOOK_EVERY_MS).unref();
    return known === undefined;
  };

  return {
    /** Counts the failure. @returns false when it belongs to an outage that was logged already */
    isNews: (error: unknown): boolean => add(error, 1),
    /** The readiness check failed. The caller logs it; until `isUp`, the outage of the dependency lasts, however rarely something fails. */
    isDown: (dependency: string, error: unknown): void => {
      down.add(dependency);
      add(error, 0);
    },
    isUp: (dependency: string): void => {
      down.delete(dependency);
    },
    /** Ends what is open: the last lines of the process say how many failures there were. */
    close: (): void => {
      clearInterval(timer);
      for (const outage of [...open.values()]) end(outage);
    },
  };
};

export type Outages = ReturnType<typeof makeOutages>;
