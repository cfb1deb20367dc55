// A journey is one test of node:test, divided into steps. When a step fails, the error contains its name and the requests so far.

import { test } from 'node:test';

import { makeApi, type Api } from './api.ts';
import { describeExchanges } from './describe-exchanges.ts';
import { makeRecordedFetch, type Exchange } from './recorded-fetch.ts';
import { readSettings, type Settings } from './settings.ts';

export type JourneyContext = Settings & {
  readonly api: Api;
  readonly fetch: ReturnType<typeof makeRecordedFetch>['fetch'];
  /** Runs a part of the journey and returns its result. @throws JourneyError with the name of the step and the requests so far */
  readonly step: <T>(name: string, work: () => T | Promise<T>) => Promise<T>;
  /** Reports a part of the journey as skipped. */
  readonly skip: (name: string, reason: string) => Promise<void>;
};

const TIMEOUT_MS = 50_000;

export class JourneyError extends Error {
  constructor(step: string, exchanges: readonly Exchange[], cause: unknown) {
    const message = cause instanceof Error ? cause.message : String(cause);
    super([`step: ${step}`, message, ...describeExchanges(exchanges)].join('\n'), { cause });
  }
}

export const journey = (
  name: string,
  run: (context: JourneyContext) => Promise<void>,
  { skip }: { skip?: string | undefined } = {},
): void => {
  void test(name, { timeout: TIMEOUT_MS, ...(skip !== undefined && { skip }) }, async (t) => {
    const settings = readSettings();
    const { fetch, exchanges } = makeRecordedFetch();
    await run({
      ...settings,
      fetch,
      api: makeApi({ ...settings, fetch }),
      step: async (stepName, work) => {
        try {
          return await work();
        } catch (cause) {
          throw new JourneyError(stepName, exchanges, cause);
        }
      },
      skip: (stepName, reason) => t.test(`${name}: ${stepName}`, { skip: reason }),
    });
  });
};
