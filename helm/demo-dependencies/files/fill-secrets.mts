// Runs in a Job of the chart: adds the missing keys to the Secrets of the release, through the Kubernetes API. Existing keys are kept. Prints names only.

import { readFileSync } from 'node:fs';

import { missingSecrets } from './secrets.mts';

const { NAMESPACE = '', SERVERS_SECRET = '' } = process.env;
const TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';

const PLACES = {
  postgres: SERVERS_SECRET,
  redis: SERVERS_SECRET,
  api: 'user-service',
  events: 'user-service',
  migrations: 'user-service-migration',
};

type Secret = { readonly data?: Readonly<Record<string, string>> };

const call = async (name: string, change?: Secret): Promise<Secret> => {
  const response = await fetch(`https://kubernetes.default.svc/api/v1/namespaces/${NAMESPACE}/secrets/${name}`, {
    method: change === undefined ? 'GET' : 'PATCH',
    headers: {
      authorization: `Bearer ${readFileSync(TOKEN, 'utf8')}`,
      'content-type': 'application/merge-patch+json',
    },
    ...(change && { body: JSON.stringify(change) }),
    signal: AbortSignal.timeout(10_000),
  });
  if (response.ok) return (await response.json()) as Secret;
  const { message = 'no reason given' } = (await response.json().catch(() => ({}))) as { message?: string };
  throw new Error(`Kubernetes responded ${response.status} for the Secret ${name}: ${message}`);
};

const mapValues = (texts: Readonly<Record<string, string>>, change: (text: string) => string): Record<string, string> =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, change(text)]));

const read = async (name: string): Promise<[string, Record<string, string>]> => {
  const { data = {} } = await call(name);
  return [name, mapValues(data, (text) => Buffer.from(text, 'base64').toString())];
};

try {
  const stored = Object.fromEntries(await Promise.all([...new Set(Object.values(PLACES))].map(read)));
  const missing = Object.entries(missingSecrets(PLACES, stored));
  for (const [name, texts] of missing) {
    await call(name, { data: mapValues(texts, (text) => Buffer.from(text).toString('base64')) });
    console.log(`added to the Secret ${name}: ${Object.keys(texts).join(', ')}`);
  }
  if (missing.length === 0) console.log('the Secrets are complete');
} catch (error) {
  const { message, cause } = error as Error;
  console.error(cause instanceof Error ? `${message}: ${cause.message}` : message);
  process.exitCode = 1;
}
