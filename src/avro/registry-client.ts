// The registry client, taught what it lacks: it retries by itself, waits without end, calls a broken connection status 400, and asks for a
// password only once.

import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';

export type RegistrySettings = {
  /** Where the Confluent-compatible API begins. */
  readonly url: string;
  /** Empty: no authentication. */
  readonly username: string;
  /** Asked at every request, so that a rotated password needs no restart. */
  readonly password?: (() => string) | undefined;
  /** For one answer. */
  readonly timeoutMs: number;
};

/** What the library throws for an answer other than 2xx, and for no answer at all (as 400). */
const statusOf = (error: unknown): number | undefined =>
  error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : undefined;

export const isNotFound = (error: unknown): boolean =>
  statusOf(error) === 404 || (error instanceof Error && error.name === 'ConfluentSchemaRegistryError');

/** An answer came, and what it holds is no schema: there is none of this id, or one that is no Avro. */
export const isWithoutSchema = (error: unknown): boolean => isNotFound(error) || statusOf(error) === undefined;

/** A rule of the subject is broken (409), or the schema is no Avro (422). */
export const isRefused = (error: unknown): boolean => [409, 422].includes(statusOf(error) ?? 0);

/** The connection is given up with the deadline; whoever waits needs a deadline of its own, for an answer that ends halfway never settles. */
export const makeRegistryClient = ({ url, username, password, timeoutMs }: RegistrySettings): SchemaRegistry =>
  new SchemaRegistry({
    host: url.replace(/\/$/, ''),
    clientId: 'user-service',
    retry: { retries: 0 },
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
