// Global setup: PROMETHEUS, PROMTOOL, ALERTMANAGER and AMTOOL for the tests that use them, if they are not set and .ci/engine can provide them.

import { env } from 'node:process';

import { variable } from '../../src/config/environment.ts';
import { provide } from '../../scripts/provide.ts';

/** @returns why they can't be provided, or nothing */
export const providePrometheus = (): string | undefined => {
  if (variable(env, 'PROMTOOL') !== undefined && variable(env, 'AMTOOL') !== undefined) return undefined;
  const provided = provide('prometheus');
  if (typeof provided === 'string') return provided;
  Object.assign(env, { ...provided, ...env });
  return undefined;
};

export const setup = (): void => {
  providePrometheus();
};
