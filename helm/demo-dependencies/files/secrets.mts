// The random secrets of the system: which there are, and who reads each. Docker Compose writes them as files, `npm run deploy:secrets` and the chart
// demo-dependencies as Kubernetes Secrets. It imports only Node.js, so that it runs in the image of the service without being part of it.

import { createHash, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';

/** Text of each secret, by the place where it is stored and its name. A place is a folder or a Kubernetes Secret. */
export type Stored = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The place of each reader. A reader that is absent is not part of the deployment. */
export type Places = Readonly<Partial<Record<Reader, string>>>;

type Reader = 'postgres' | 'redis' | 'migrations' | 'api' | 'events' | 'notification-service';
type TextOf = (name: string) => string | undefined;

type Secret = {
  readonly name: string;
  readonly readers: readonly Reader[];
  /** `textOf` gives the text of a secret that is above this one in the table; undefined when nobody reads it. */
  readonly generate: (textOf: TextOf) => string;
};

const newPassword = (): string => randomBytes(24).toString('base64url');

/** A JWK set with one ES256 key, the format of AUTH_SIGNING_KEYS. */
const newSigningKeys = (): string => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = { ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: randomUUID() };
  return JSON.stringify({ keys: [key] });
};

const redisConfiguration = (textOf: TextOf): string => `requirepass ${textOf('redis_password')}\n`;

/** user-service receives only the hashes of client secrets. */
const clientHashes = (textOf: TextOf): string => {
  const text = textOf('user_service_client_secret');
  if (text === undefined) return '{}';
  const secretSha256 = [createHash('sha256').update(text).digest('hex')];
  return JSON.stringify({ 'notification-service': { secretSha256, scopes: ['users:read'] } });
};

const SECRETS: readonly Secret[] = [
  { name: 'postgres_superuser_password', readers: ['postgres'], generate: newPassword },
  { name: 'postgres_migration_password', readers: ['postgres', 'migrations'], generate: newPassword },
  { name: 'postgres_password', readers: ['postgres', 'api', 'events'], generate: newPassword },
  { name: 'auth_signing_keys', readers: ['api'], generate: newSigningKeys },
  { name: 'redis_password', readers: ['redis', 'api'], generate: newPassword },
  { name: 'redis.conf', readers: ['redis'], generate: redisConfiguration },
  { name: 'user_service_client_secret', readers: ['notification-service'], generate: newPassword },
  { name: 'auth_clients', readers: ['api'], generate: clientHashes },
  { name: 'http_management_token', readers: ['api', 'events'], generate: newPassword },
];

const textIn = (stored: Stored, place: string, name: string): string | undefined =>
  new Map(Object.entries(new Map(Object.entries(stored)).get(place) ?? {})).get(name);

/**
 * What has to be added to `stored`: every secret that a place lacks. One that another place has is copied, so that all its readers have the same;
 * one that no place has is generated. Nothing that exists is replaced.
 */
export const missingSecrets = (places: Places, stored: Stored): Stored => {
  const placeOf = new Map(Object.entries(places));
  const texts = new Map<string, string>();
  const missing = new Map<string, Record<string, string>>();
  for (const { name, readers, generate } of SECRETS) {
    const targets = [...new Set(readers.flatMap((reader) => placeOf.get(reader) ?? []))];
    if (targets.length === 0) continue;
    const existing = targets.map((place) => textIn(stored, place, name)).find((content) => content !== undefined);
    const text = existing ?? generate((other) => texts.get(other));
    texts.set(name, text);
    for (const place of targets.filter((one) => textIn(stored, one, name) === undefined))
      missing.set(place, { ...missing.get(place), [name]: text });
  }
  return Object.fromEntries(missing);
};
