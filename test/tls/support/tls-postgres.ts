// A PostgreSQL that takes connections with TLS only, and whose certificate changes while it runs.

import { X509Certificate } from 'node:crypto';
import { chmod, chown, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';

import pg from 'pg';

import { serverAccount } from '../../../src/embedded/postgres/account.ts';
import { reachableFolder } from '../../../src/embedded/postgres/place.ts';
import { makeRoles } from '../../../src/postgres/administration/make-roles.ts';
import { eventually } from '../../support/eventually.ts';
import { nativePostgres } from '../../support/native/postgres.ts';
import type { KeyPair } from '../../support/private-authority.ts';
import { LOGINS } from '../../support/template-database.ts';

export type TlsPostgres = {
  /** The address is 127.0.0.1, the name localhost. */
  readonly port: number;
  /** As superuser, in the database `user_service`. */
  readonly administer: (sql: string) => Promise<pg.QueryResult>;
  /** Another certificate for new connections. */
  present(pair: KeyPair): Promise<void>;
  /** Ends all sessions of the service; its pool connects again. */
  breakConnections(): Promise<void>;
  close(): Promise<void>;
};

const HBA = 'hostssl all all 127.0.0.1/32 scram-sha-256\nhostssl all all ::1/128 scram-sha-256\n';
const DATABASE = 'user_service';

/** Files for the account of the server, which may be another one. */
const openFolder = async () => {
  const account = await serverAccount();
  const folder = await reachableFolder(await mkdtemp(join(tmpdir(), 'user-service-tls-')), account);
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o755);
  const write = async (name: string, text: string): Promise<string> => {
    const path = join(folder, name);
    await writeFile(`${path}.next`, text, { mode: 0o600 });
    if (account.uid !== undefined && account.gid !== undefined) await chown(`${path}.next`, account.uid, account.gid);
    await rename(`${path}.next`, path);
    return path;
  };
  return { write, remove: () => rm(folder, { recursive: true, force: true }) };
};

/** With the roles and logins of the service, and without tables. */
export const startTlsPostgres = async (pair: KeyPair): Promise<TlsPostgres> => {
  const folder = await openFolder();
  const write = async ({ cert, key }: KeyPair): Promise<[string, string]> => [
    await folder.write('server.pem', cert),
    await folder.write('server.key', key),
  ];
  const [cert, key] = await write(pair);
  const files = { ssl_cert_file: cert, ssl_key_file: key, hba_file: await folder.write('pg_hba.conf', HBA) };
  const { server, stop } = await nativePostgres({ ssl: 'on', ...files });
  const connect = async <T>(database: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
    const client = new pg.Client({ ...server, database, ssl: { rejectUnauthorized: false } });
    await client.connect();
    return work(client).finally(() => client.end());
  };
  await connect('postgres', (client) => client.query(`CREATE DATABASE ${DATABASE}`));
  await connect(DATABASE, (client) =>
    makeRoles(client, {
      ...{ ownerLogin: LOGINS.ownerUser, ownerPassword: LOGINS.ownerPassword },
      ...{ appLogin: LOGINS.appUser, appPassword: LOGINS.appPassword },
    }),
  );
  const administer = (sql: string): Promise<pg.QueryResult> => connect(DATABASE, (client) => client.query(sql));
  const serialInUse = () =>
    connect(DATABASE, (client) => {
      const { stream } = (client as unknown as { connection: { stream: TLSSocket } }).connection;
      return Promise.resolve(stream.getPeerX509Certificate()?.serialNumber);
    });
  return {
    port: server.port,
    administer,
    present: async (next) => {
      await write(next);
      await administer('SELECT pg_reload_conf()');
      const { serialNumber } = new X509Certificate(next.cert);
      await eventually(async () => {
        if ((await serialInUse()) !== serialNumber) throw new Error('another certificate');
      });
    },
    breakConnections: async () => {
      await administer(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename IN ('${LOGINS.appUser}', '${LOGINS.ownerUser}')`,
      );
    },
    close: async () => {
      await stop();
      await folder.remove();
    },
  };
};
