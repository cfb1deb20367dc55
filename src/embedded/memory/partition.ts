import type { IncomingMessage } from '../../messaging/subscriber.ts';

/** An append-only log that drops its oldest messages after all groups have read them. */
export const makeMemoryPartition = ({ retained }: { readonly retained: number }) => {
  const messages: IncomingMessage[] = [];
  /** The next offset of each group. */
  const committed = new Map<string, number>();
  let oldest = 0;
  let grown = Promise.withResolvers<undefined>();

  const wake = (): void => {
    const { resolve } = grown;
    grown = Promise.withResolvers();
    resolve(undefined);
  };

  const dropRead = (): void => {
    const read = Math.min(oldest + messages.length, ...committed.values());
    const surplus = Math.min(read - oldest, messages.length - retained);
    if (surplus <= 0) return;
    messages.splice(0, surplus);
    oldest += surplus;
  };

  return {
    append: (message: Omit<IncomingMessage, 'offset'>): void => {
      messages.push({ ...message, offset: String(oldest + messages.length) });
      dropRead();
      wake();
    },
    at: (offset: number): IncomingMessage | undefined => messages[offset - oldest],
    /** The offset of the next message to be appended. */
    end: (): number => oldest + messages.length,
    next: (group: string): number => committed.get(group) ?? oldest,
    commit: (group: string, next: number): void => {
      committed.set(group, next);
    },
    /** Resolves when a message was added, or at `wake`. */
    grown: (): Promise<undefined> => grown.promise,
    wake,
  };
};

export type MemoryPartition = ReturnType<typeof makeMemoryPartition>;
