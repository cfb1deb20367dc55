// What a stack has started, so that all of it ends, whatever fails.

export type Closings = (() => void | Promise<void>)[];

/**
 * Opens something that consists of several parts. `open` adds to its argument how each part is closed.
 * @returns what `open` returns, and `close`, which closes the parts in reverse order. On failure they are closed at once
 */
export const openAll = async <T>(
  open: (closings: Closings) => Promise<T>,
): Promise<T & { close: () => Promise<void> }> => {
  const closings: Closings = [];
  const close = async (): Promise<void> => {
    for (const closing of closings.splice(0).toReversed()) await closing();
  };
  try {
    return { ...(await open(closings)), close };
  } catch (error) {
    await close();
    throw error;
  }
};
