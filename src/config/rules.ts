// The rules between this service's settings.

import { isLaptopOrTest, isProduction } from './environment.ts';
import { exceeds, needsOne, type Rule } from './rule.ts';

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

const enoughCopies: Rule = {
  text: '`KAFKA_TOPICS_MIN_INSYNC_REPLICAS` is at most `KAFKA_TOPICS_REPLICATION_FACTOR`',
  faultIn: (values) => {
    const env = 'KAFKA_TOPICS_MIN_INSYNC_REPLICAS';
    const [least, copies] = [values.get(env), values.get('KAFKA_TOPICS_REPLICATION_FACTOR')];
    if (typeof least !== 'number' || typeof copies !== 'number' || least <= copies) return undefined;
    return {
      env,
      detail: `must be at most KAFKA_TOPICS_REPLICATION_FACTOR (${copies}), or no message is acknowledged`,
    };
  },
};

/** Without it the connection would be made as nobody, and the server would say something else than what is missing. */
const passwordFor = (server: string): Rule => {
  const [username, password] = [`${server}_USERNAME`, `${server}_PASSWORD`];
  return {
    text: `\`${username}\` needs \`${password}\``,
    faultIn: (values, faulty) => {
      if ((values.get(username) ?? '') === '' || values.has(password) || faulty.has(password)) return undefined;
      return { env: password, detail: `must be a secret file (${password.toLowerCase()}) because ${username} is set` };
    },
  };
};

const userForScram: Rule = {
  text: '`KAFKA_SASL_MECHANISM` other than `plain` needs `KAFKA_USERNAME`',
  faultIn: (values) => {
    const mechanism = values.get('KAFKA_SASL_MECHANISM') ?? 'plain';
    if (mechanism === 'plain' || values.get('KAFKA_USERNAME') !== '') return undefined;
    return { env: 'KAFKA_USERNAME', detail: 'must be set because KAFKA_SASL_MECHANISM is' };
  },
};

/** A file of authorities that nobody reads would look like a protection. `valid` begins the values of the setting that use the file. */
const tlsForAuthorities = (server: string, setting: string, valid: readonly string[]): Rule => {
  const needed = valid.join(' or ');
  return {
    text: `\`${server}_TLS_CA_FILE\` needs \`${setting}\` to be \`${needed}\``,
    faultIn: (values) => {
      const value = String(values.get(setting) ?? valid[0]);
      if (!values.has(`${server}_TLS_CA_FILE`) || valid.some((start) => value.startsWith(start))) return undefined;
      return { env: setting, detail: `must be ${needed} because ${server}_TLS_CA_FILE is set` };
    },
  };
};

const keyForPush: Rule = {
  text: '`DATADOG_METRICS=push` needs `DD_API_KEY`',
  faultIn: (values) => {
    if (values.get('DATADOG_METRICS') !== 'push' || values.has('DD_API_KEY')) return undefined;
    return { env: 'DD_API_KEY', detail: 'must be a secret file (dd_api_key) because DATADOG_METRICS is push' };
  },
};

const noFaultsInProduction: Rule = {
  text: '`FAULT_INJECTION` is empty where `DD_ENV` begins with `prod`',
  faultIn: (values) => {
    if ((values.get('FAULT_INJECTION') ?? '') === '' || !isProduction(String(values.get('DD_ENV')))) return undefined;
    return { env: 'FAULT_INJECTION', detail: 'must not be set in production' };
  },
};

export const RULES: readonly Rule[] = [
  // An inner deadline is shorter than the outer one, so that the error names the part that was slow.
  exceeds('HTTP_REQUEST_TIMEOUT_MS', 'POSTGRES_STATEMENT_TIMEOUT_MS'),
  exceeds('HTTP_REQUEST_TIMEOUT_MS', 'REDIS_COMMAND_TIMEOUT_MS'),
  exceeds('POSTGRES_STATEMENT_TIMEOUT_MS', 'POSTGRES_LOCK_TIMEOUT_MS'),
  exceeds('HTTP_SOCKET_TIMEOUT_MS', 'HTTP_REQUEST_TIMEOUT_MS'),
  exceeds('KAFKA_SEND_TIMEOUT_MS', 'KAFKA_REQUEST_TIMEOUT_MS'),
  exceeds('LIFECYCLE_SHUTDOWN_TIMEOUT_MS', 'LIFECYCLE_DRAIN_DELAY_MS'),
  exceeds('AUTH_REFRESH_TOKEN_TTL_SECONDS', 'AUTH_ACCESS_TOKEN_TTL_SECONDS'),
  needsOne('POSTGRES_USER', ['POSTGRES_PASSWORD', 'POSTGRES_CREDENTIALS']),
  needsOne('POSTGRES_MIGRATION_USER', ['POSTGRES_MIGRATION_PASSWORD', 'POSTGRES_MIGRATION_CREDENTIALS']),
  otherPort,
  enoughCopies,
  strongHash,
  keyForPush,
  ...['KAFKA', 'REDIS', 'SCHEMA_REGISTRY'].map(passwordFor),
  userForScram,
  tlsForAuthorities('POSTGRES', 'POSTGRES_TLS', ['verify-full', 'require']),
  tlsForAuthorities('REDIS', 'REDIS_TLS', ['true']),
  tlsForAuthorities('KAFKA', 'KAFKA_TLS', ['true']),
  tlsForAuthorities('SCHEMA_REGISTRY', 'SCHEMA_REGISTRY_URL', ['https:']),
  noFaultsInProduction,
];
