// The registry client with a deadline, no retries of its own, and a password that may rotate. The library reports a broken connection as status 400.

import { Agent } from 'node:https';

import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';

export type RegistrySettings = {
  /** Base URL of the Confluent-compatible API. */
  readonly url: string;
  /** PEM text of the certificate authorities, called for every request. Default: the authorities that Node trusts. It must not throw. */
  readonly tlsCa?: (() => string) | undefined;
  /** Empty: no authentication. */
  readonly username: string;
  /** Called for every request, so a rotated password needs no restart. */
  readonly password?: (() => string) | undefined;
  /** For one response. */
  readonly timeoutMs: number;
};

/** Status in the error that the library throws for a response other than 2xx, and for no response at all (as 400). */
const statusOf = (error: unknown): number | undefined =>
  error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : undefined;

export const isNotFound = (error: unknown): boolean =>
  statusOf(error) === 404 || (error instanceof Error && error.name === 'ConfluentSchemaRegistryError');

/** The registry responded without a usable schema: none has this id, or it is not Avro. */
export const isWithoutSchema = (error: unknown): boolean => isNotFound(error) || statusOf(error) === undefined;

/** Not compatible with the versions of the subject (409), or not valid Avro (422). */
export const isRejected = (error: unknown): boolean => [409, 422].includes(statusOf(error) ?? 0);

/** The agent copies its options for every request, and so calls the getter; connections of other authorities are not used again. */
const agentFor = (tlsCa: () => string): Agent => {
  const agent = new Agent();
  Object.defineProperty(agent.options, 'ca', { get: tlsCa, enumerable: true });
  return agent;
};

/** Aborts the connection at the deadline. The caller needs its own deadline: a response that breaks off never settles. */
export const makeRegistryClient = ({ url, tlsCa, username, password, timeoutMs }: RegistrySettings): SchemaRegistry =>
  new SchemaRegistry({
    host: url.replace(/\/$/, ''),
    clientId: 'user-service',
    retry: { retries: 0 },
    ...(tlsCa !== undefined && url.startsWith('https:') && { agent: agentFor(tlsCa) }),
    ...(username !== '' && {
      auth: {
        username,
        get password() {
          return password?.() ?? '';
        },
      },
    }),
    middlewares: [
      () => ({
        prepareRequest: async (next) => (await next()).enhance({ signal: AbortSignal.timeout(timeoutMs) }),
        response: (next) => next(),
      }),
    ],
  });
