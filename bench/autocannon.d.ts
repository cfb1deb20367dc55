// Types of the part of autocannon that is used here; the package has none.

declare module 'autocannon' {
  type Options = {
    readonly url: string;
    readonly connections: number;
    readonly pipelining: number;
    /** Seconds. */
    readonly duration: number;
    readonly headers: Readonly<Record<string, string>>;
  };
  type Result = {
    readonly '2xx': number;
    readonly non2xx: number;
    readonly errors: number;
    /** Seconds. */
    readonly duration: number;
    readonly latency: { readonly p50: number; readonly p99: number };
  };
  const autocannon: (options: Options) => Promise<Result>;
  export default autocannon;
}
