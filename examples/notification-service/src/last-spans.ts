// Between the preloaded tracer and the shutdown, which waits for the last spans. Without a tracer there is nothing to wait for.

type Flush = () => Promise<void>;

let send: Flush = () => Promise.resolve();

/** Called by the tracer. `flush` never rejects. */
export const onLastSpans = (flush: Flush): void => {
  send = flush;
};

export const sendLastSpans = (): Promise<void> => send();
