// What must hold between settings. Each rule names the variable that has to change first.

import type { ConfigFault } from './config-error.ts';
import { isLaptopOrTest } from './environment.ts';

/** Valid values by variable name; a setting with a fault, or of a room that is not loaded, is absent and breaks no rule. */
export type Values = ReadonlyMap<string, unknown>;
type Rule = {
  /** For docs/configuration.md. */
  readonly text: string;
  readonly faultIn: (values: Values) => ConfigFault | undefined;
};

const above = (larger: string, smaller: string): Rule => ({
  text: `\`${larger}\` is greater than \`${smaller}\``,
  faultIn: (values) => {
    const [a, b] = [values.get(larger), values.get(smaller)];
    if (typeof a !== 'number' || typeof b !== 'number' || a > b) return undefined;
    return { env: larger, detail: `must be greater than ${smaller} (${b})` };
  },
});

const otherPort: Rule = {
  text: '`HTTP_MANAGEMENT_PORT` differs from `HTTP_PORT`',
  faultIn: (values) => {
    const port = values.get('HTTP_MANAGEMENT_PORT');
    if (port === undefined || port === 0 || port !== values.get('HTTP_PORT')) return undefined;
    return { env: 'HTTP_MANAGEMENT_PORT', detail: 'must differ from HTTP_PORT' };
  },
};

// Every recommended pair of the OWASP Password Storage Cheat Sheet has memory × passes of at least 7168 KiB × 5.
const LEAST_ARGON2_WORK = 35_840;

const strongHash: Rule = {
  text: `\`AUTH_ARGON2_MEMORY_KIB\` × \`AUTH_ARGON2_PASSES\` is at least ${LEAST_ARGON2_WORK}, unless \`DD_ENV\` is \`local\` or \`test\``,
  faultIn: (values) => {
    const [memory, passes] = [values.get('AUTH_ARGON2_MEMORY_KIB'), values.get('AUTH_ARGON2_PASSES')];
    if (typeof memory !== 'number' || typeof passes !== 'number') return undefined;
    if (memory * passes >= LEAST_ARGON2_WORK || isLaptopOrTest(String(values.get('DD_ENV')))) return undefined;
    return { env: 'AUTH_ARGON2_MEMORY_KIB', detail: `times AUTH_ARGON2_PASSES must be at least ${LEAST_ARGON2_WORK}` };
  },
};

export const RULES: readonly Rule[] = [
  // Inner deadlines below outer ones, so that the inner fault is the one that is seen.
  above('HTTP_REQUEST_TIMEOUT_MS', 'POSTGRES_STATEMENT_TIMEOUT_MS'),
  above('HTTP_REQUEST_TIMEOUT_MS', 'REDIS_COMMAND_TIMEOUT_MS'),
  above('POSTGRES_STATEMENT_TIMEOUT_MS', 'POSTGRES_LOCK_TIMEOUT_MS'),
  above('KAFKA_SEND_TIMEOUT_MS', 'KAFKA_REQUEST_TIMEOUT_MS'),
  above('LIFECYCLE_SHUTDOWN_TIMEOUT_MS', 'LIFECYCLE_DRAIN_DELAY_MS'),
  above('AUTH_REFRESH_TOKEN_TTL_SECONDS', 'AUTH_ACCESS_TOKEN_TTL_SECONDS'),
  otherPort,
  strongHash,
];

export const brokenRules = (values: Values): ConfigFault[] =>
  RULES.map(({ faultIn }) => faultIn(values)).filter((fault) => fault !== undefined);
