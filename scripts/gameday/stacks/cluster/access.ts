// How this machine reaches the namespace: forwarded ports, and the environment of the blocks of runbooks.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { env } from 'node:process';

import { variable } from '../../../../src/config/environment.ts';
import { forwardPort } from '../../../kubernetes/forward-port.ts';
import type { Closings } from '../closings.ts';
import { PATIENT } from '../stores.ts';
import { DATABASE, DEPENDENCIES, NAMESPACE, readKey, RELEASE } from './place.ts';

const SUPERUSER = 'postgres';
const OWNER_ONLY = 0o600;

/** Where the programs of the blocks are. @param promtool its path */
const pathOf = (promtool: string): string => {
  const programs = [promtool, variable(env, 'KUBECTL'), variable(env, 'HELM')].filter((path) => path !== undefined);
  return [...programs.map((path) => dirname(path)), variable(env, 'PATH')].join(delimiter);
};

const forward = async (closings: Closings, service: string, port: number) => {
  const open = await forwardPort({ namespace: NAMESPACE, service, port });
  closings.push(open.close);
  return open;
};

const makeFolder = (closings: Closings): string => {
  const folder = mkdtempSync(join(tmpdir(), 'user-service-gameday-'));
  closings.push(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
};

/** @param closings gets what has to be closed at the end, in reverse order */
export const openAccess = async (promtool: string, closings: Closings) => {
  const folder = makeFolder(closings);
  const api = await forward(closings, `${RELEASE}-api`, 80);
  const prometheus = await forward(closings, 'prometheus', 9090);
  const { port } = await forward(closings, 'postgres', 5432);
  const password = await readKey(DEPENDENCIES, 'postgres_superuser_password');
  const passwordFile = join(folder, 'pgpass');
  writeFileSync(passwordFile, `127.0.0.1:${port}:*:${SUPERUSER}:${password}\n`, { mode: OWNER_ONLY });
  const variables = {
    NAMESPACE,
    RELEASE,
    API_URL: api.url,
    PROMETHEUS_URL: prometheus.url,
    DATABASE_URL: `postgres://${SUPERUSER}@127.0.0.1:${port}/${DATABASE}`,
    PGPASSFILE: passwordFile,
    KUBECONFIG: variable(env, 'KUBECONFIG') ?? '',
    PATH: pathOf(promtool),
    // what a page says that only you know
    REDIS_NAMESPACE: NAMESPACE,
    REDIS_WORKLOAD: 'deployment/redis',
    REDISCLI_AUTH: await readKey(DEPENDENCIES, 'redis_password'),
    KAFKA_NAMESPACE: NAMESPACE,
    SECRET_NAME: 'user-service',
    GOOD_FILE: join(folder, 'replaced-secret'),
  };
  const connection = { host: '127.0.0.1', port, database: DATABASE, user: SUPERUSER, password, ...PATIENT };
  return { variables, connection };
};

export type Access = Awaited<ReturnType<typeof openAccess>>;
