// A journey is one test of node:test, told in steps. When one fails, the error says which, and by which requests.

import { test } from 'node:test';

import { makeApi, type Api } from './api.ts';
import { describeExchanges } from './describe-exchanges.ts';
import { makeRecordedFetch, type Exchange } from './recorded-fetch.ts';
import { readSettings, type Settings } from './settings.ts';

export type Traveller = Settings & {
  readonly api: Api;
  readonly fetch: ReturnType<typeof makeRecordedFetch>['fetch'];
  /** Does a part of the journey; what it gives is given back. @throws JourneyError with the step's name and the requests so far */
  readonly step: <T>(name: string, work: () => T | Promise<T>) => Promise<T>;
  /** Leaves a part out, and counts it as skipped. */
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
  travel: (traveller: Traveller) => Promise<void>,
  { skip }: { skip?: string | undefined } = {},
): void => {
  void test(name, { timeout: TIMEOUT_MS, ...(skip !== undefined && { skip }) }, async (t) => {
    const settings = readSettings();
    const { fetch, exchanges } = makeRecordedFetch();
    await travel({
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
