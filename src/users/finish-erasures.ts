import type { ErasureStore } from './ports.ts';
import type { UserId } from './user.ts';

type Deps = {
  readonly erasures: ErasureStore;
  /** Milliseconds of a clock that never goes back. */
  readonly elapsedMs: () => number;
};

/**
 * The second half of an erasure. It is resumed with `all`, after a crash too, until nothing is left.
 * Both functions stop at `budgetMs`, between two short statements. @throws Unavailable STORE_UNAVAILABLE | STORE_TIMEOUT
 */
export const makeFinishErasures = ({ erasures, elapsedMs }: Deps) => {
  const removeUntil = async (id: UserId, endMs: number): Promise<void> => {
    const rest = erasures.removeRest(id);
    while ((await rest.next()).done !== true && elapsedMs() < endMs);
  };
  return {
    one: (id: UserId, { budgetMs }: { budgetMs: number }): Promise<void> => removeUntil(id, elapsedMs() + budgetMs),
    all: async ({ budgetMs }: { budgetMs: number }): Promise<void> => {
      const endMs = elapsedMs() + budgetMs;
      for (const id of await erasures.unfinished(100)) if (elapsedMs() < endMs) await removeUntil(id, endMs);
    },
  };
};

export type FinishErasures = ReturnType<typeof makeFinishErasures>;
