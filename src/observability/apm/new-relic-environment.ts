// The variables of New Relic's agent that must have a certain value, and what it cannot start without.

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { variable } from '../../config/environment.ts';

type Environment = Record<string, string | undefined>;

/** Beside src/ in a checkout, beside dist/ in the image: newrelic.cjs, and in the image node_modules. */
export const NEW_RELIC_HOME = join(import.meta.dirname, '../../../apm/new-relic');

/** Ways out of the process that pass by the allow-list: other protocols, and log lines with payloads. */
const ALWAYS = {
  NEW_RELIC_AI_MONITORING_ENABLED: 'false',
  NEW_RELIC_APPLICATION_LOGGING_FORWARDING_ENABLED: 'false',
  NEW_RELIC_APPLICATION_LOGGING_LOCAL_DECORATING_ENABLED: 'false',
  NEW_RELIC_AUDIT_LOG_ENABLED: 'false',
  NEW_RELIC_IGNORE_SERVER_SIDE_CONFIG: 'true', // could enable the others while the process runs
  NEW_RELIC_INFINITE_TRACING_TRACE_OBSERVER_HOST: '',
  NEW_RELIC_OPENTELEMETRY_ENABLED: 'false',
  NEW_RELIC_PROFILING_ENABLED: 'false',
  NEW_RELIC_SECURITY_AGENT_ENABLED: 'false',
  NEW_RELIC_SECURITY_ENABLED: 'false',
  NEW_RELIC_SERVERLESS_MODE_ENABLED: 'false',
};

/** Their payloads are in the log lines. */
const VERBOSE = new Set(['debug', 'trace']);

/** Must be called before the agent is loaded. Warns about each variable that it overrides. */
export const restrictEnvironment = (env: Environment): void => {
  const level = variable(env, 'NEW_RELIC_LOG_LEVEL')?.toLowerCase() ?? 'info';
  const fixed = { ...ALWAYS, ...(VERBOSE.has(level) && { NEW_RELIC_LOG_LEVEL: 'info' }) };
  for (const [name, value] of Object.entries(fixed)) {
    const given = variable(env, name)?.toLowerCase();
    if (given !== undefined && given !== value)
      process.emitWarning(`${name} is ignored: it would send data that is not on the allow-list`);
  }
  Object.assign(env, fixed, { NEW_RELIC_HOME, NEW_RELIC_CONFIG_FILENAME: 'newrelic.cjs' });
};

/** Resolves from the workspace's folder: the image has the package only there. */
export const requireAgent = createRequire(join(NEW_RELIC_HOME, 'newrelic.cjs'));

const isInstalled = (): boolean => {
  try {
    requireAgent.resolve('newrelic');
    return true;
  } catch {
    return false;
  }
};

const hasLicenseKey = (env: Environment): boolean => {
  const secretsDir = variable(env, 'SECRETS_DIR') ?? '/run/secrets';
  const file = variable(env, 'NEW_RELIC_LICENSE_KEY_FILE') ?? join(secretsDir, 'new_relic_license_key');
  // eslint-disable-next-line security/detect-non-literal-fs-filename -- the path is the configuration's
  return variable(env, 'NEW_RELIC_LICENSE_KEY') !== undefined || existsSync(file);
};

/** @returns why the agent cannot start, with what to do about it; undefined if it can */
export const whatIsMissing = (env: Environment): string | undefined => {
  if (!isInstalled())
    return 'APM=newrelic needs the package newrelic: use the image target service-newrelic, or run `npm install` in a checkout';
  if (!hasLicenseKey(env))
    return 'APM=newrelic needs a license key: set NEW_RELIC_LICENSE_KEY, or NEW_RELIC_LICENSE_KEY_FILE to the path of a file';
  return undefined;
};
