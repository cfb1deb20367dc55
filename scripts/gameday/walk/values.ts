// The variables that a person on call fills in, and how the walk makes a real value of each.

import { ENVIRONMENT } from '../../runbooks/environment.ts';
import type { Stack } from '../stacks/stack.ts';
import { TOPIC, type Surroundings } from './surroundings.ts';

type Make = (at: Surroundings) => string | Promise<string>;

const namespace: Make = ({ stack }) => stack.variables.NAMESPACE ?? '';

/** A variable of the stack comes first: it knows, for example, where its Redis runs. */
export const VALUES: Readonly<Record<string, Make>> = {
  APP_LOGIN: () => 'user_service_app_login',
  CERTIFICATE_FILE: async (at) => (await at.certificate()).certFile,
  ERROR: async (at) => {
    await at.deadLetter();
    return 'MESSAGE_UNREADABLE';
  },
  GOOD_COMMIT: ({ stack }) => stack.variables.GOOD_COMMIT ?? '',
  INTAKE_URL: () => 'http://127.0.0.1:8080/', // of the api itself: any status is an answer
  KAFKA_NAMESPACE: namespace,
  KEY_FILE: async (at) => (await at.certificate()).keyFile,
  NEW_KEY: ({ write }) => write('key', '0123456789abcdef0123456789abcdef'),
  PID_TO_END: ({ session }) => session(),
  RATE: () => '50',
  REDIS_NAMESPACE: namespace,
  REDIS_WORKLOAD: () => 'deployment/redis',
  REDISCLI_AUTH: () => '', // a stack whose blocks need it knows the password
  RELEASE_ARGUMENTS: () => '--reuse-values',
  REPLICAS: () => '2',
  SECRET_NAME: () => 'user-service',
  SERVER: async (at) => (await at.certificate()).server,
  TOPIC: () => TOPIC,
  USER_EMAIL: async (at) => (await at.user()).email,
  USER_ID: async (at) => (await at.user()).id,
};

const NAME = /\$\{?([A-Z][A-Z_]{2,})\b/g;

/** The names in capitals that scripts use. */
export const namesIn = (scripts: readonly string[]): string[] => [
  ...new Set(scripts.flatMap((script) => [...script.matchAll(NAME)].map(([, name = '']) => name))),
];

/** The environment of blocks that this stack lacks: without an archive there are no BACKUPS. */
export const lacking = ({ script }: { readonly script: string }, { target, variables }: Stack): string | undefined => {
  const given = new Set(ENVIRONMENT.filter(({ targets }) => targets.includes(target)).map(({ name }) => name));
  return namesIn([script]).find((name) => given.has(name) && !Object.hasOwn(variables, name));
};

/** Values for what `scripts` use and the stack does not know. */
export const valuesFor = async (scripts: readonly string[], at: Surroundings): Promise<Record<string, string>> => {
  const values = new Map<string, string>();
  for (const name of namesIn(scripts)) {
    const make = Object.hasOwn(VALUES, name) && !Object.hasOwn(at.stack.variables, name) ? VALUES[name] : undefined; // eslint-disable-line security/detect-object-injection -- an own name of the table
    if (make !== undefined) values.set(name, await make(at));
  }
  return Object.fromEntries(values);
};
