// A process that cannot work must not take work from those that can: it joins a consumer group, or competes for leadership, only once everything
// it depends on was up, and gives its share back when a dependency stays down. https://sre.google/sre-book/addressing-cascading-failures/

/** Work that other processes would do in place of this one. */
export type Work = {
  /** For the end of the process: finishes what is in progress, then gives the share back. */
  close(): Promise<void>;
  /** Gives the share back without waiting for what is in progress, which may be waiting for the dependency that is down. */
  abandon(): Promise<void>;
};

type Options = {
  /** Begins to take work; it must not throw. Called again each time the process is able again. */
  readonly start: () => Work;
  /** How long a dependency may be down before the work is abandoned. */
  readonly toleranceMs: number;
  /** Called when the work is abandoned. */
  readonly onAbandoned: () => void;
  readonly onError: (error: unknown) => void;
};

export const makeWhileAble = ({ start, toleranceMs, onAbandoned, onError }: Options) => {
  let wanted = false;
  let closed = false;
  let work: Work | undefined;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  /** One step at a time: the next work starts only after the previous one was given back. */
  const follow = async (): Promise<void> => {
    if (closed) return;
    if (wanted) work ??= start();
    else if (work !== undefined) {
      const abandoned = work;
      work = undefined;
      onAbandoned();
      await abandoned.abandon();
    }
  };
  const want = (is: boolean): void => {
    wanted = is;
    running = running.then(follow).catch(onError);
  };

  return {
    /** Every required dependency is up. */
    able: (): void => {
      clearTimeout(timer);
      timer = undefined;
      if (!wanted) want(true);
    },
    /** A required dependency is down. */
    unable: (): void => {
      if (!wanted) return;
      timer ??= setTimeout(() => {
        timer = undefined;
        want(false);
      }, toleranceMs).unref();
    },
    close: async (): Promise<void> => {
      closed = true;
      clearTimeout(timer);
      await running;
      await work?.close();
    },
  };
};
