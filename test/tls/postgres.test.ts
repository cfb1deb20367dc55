// The pool of the service on a PostgreSQL that takes connections with TLS only.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { loadConfig } from '../../src/config/load-config.ts';
import { describeCauses } from '../../src/observability/describe-error.ts';
import { storeUnavailable } from '../../src/postgres/errors.ts';
import { makePool, type ServicePool } from '../../src/postgres/pool.ts';
import { eventually } from '../support/eventually.ts';
import { makePrivateAuthority } from '../support/private-authority.ts';
import { LOGINS } from '../support/template-database.ts';
import { commandLine, runCommand } from './support/commands.ts';
import { useFiles } from './support/files.ts';
import { startTlsPostgres, type TlsPostgres } from './support/tls-postgres.ts';

const files = useFiles();
const before = makePrivateAuthority('Authority A');
const after = makePrivateAuthority('Authority B');
const named = () => before.issue({ addresses: [] });

let postgres: TlsPostgres;
beforeAll(async () => {
  postgres = await startTlsPostgres(named());
});
afterAll(() => postgres.close());
beforeEach(() => {
  files.write('ca.pem', before.pem);
  files.write('other-ca.pem', after.pem);
  files.write('password', LOGINS.appPassword);
});

const pools: ServicePool[] = [];
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.end()));
});

/** With the settings of a process; verify-full and the file `ca.pem`, if not said otherwise. */
const poolOf = (settings: Record<string, string> = {}): ServicePool => {
  const ca = settings.POSTGRES_TLS_CA_FILE ?? 'ca.pem';
  const config = loadConfig(
    {
      ...{ DD_ENV: 'staging', POSTGRES_HOST: 'localhost', POSTGRES_PORT: String(postgres.port) },
      ...{ POSTGRES_PASSWORD_FILE: join(files.folder, 'password'), POSTGRES_TLS: 'verify-full', ...settings },
      POSTGRES_TLS_CA_FILE: ca === '' ? '' : join(files.folder, ca),
    },
    ['postgres'],
  );
  const pool = makePool({ ...config.postgres, applicationName: 'tls', max: 1, onError: () => undefined });
  pools.push(pool);
  return pool;
};

/** The version of TLS, or why there is no connection. */
const connect = async (pool: ServicePool): Promise<string> => {
  try {
    const sql = 'SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()';
    const { rows } = await pool.query<{ version: string }>(sql);
    return rows[0]?.version ?? '';
  } catch (error) {
    return describeCauses(storeUnavailable(error));
  }
};
const connects = (pool: ServicePool): Promise<void> =>
  eventually(
    async () => {
      expect(await connect(pool)).toMatch(/^TLSv1\.[23]$/);
    },
    { deadlineMs: 20_000 },
  );

describe('the pool', () => {
  it.each<[string, Record<string, string>, RegExp]>([
    ['verify-full, and the authority and name of the server', {}, /^TLSv1/],
    ['require, and no authority', { POSTGRES_TLS: 'require', POSTGRES_TLS_CA_FILE: '' }, /^TLSv1/],
    ['require, and another name', { POSTGRES_TLS: 'require', POSTGRES_HOST: '127.0.0.1' }, /^TLSv1/],
    ['verify-full, and another authority', { POSTGRES_TLS_CA_FILE: 'other-ca.pem' }, /unable to verify the first/],
    ['verify-full, and no authority', { POSTGRES_TLS_CA_FILE: '' }, /unable to verify the first/],
    ['verify-full, and another name', { POSTGRES_HOST: '127.0.0.1' }, /does not match certificate's altnames/],
    ['no TLS', { POSTGRES_TLS: 'disable', POSTGRES_TLS_CA_FILE: '' }, /no pg_hba.conf entry for host .*no encryption/],
  ])('with %s', async (_, settings, expected) => {
    expect(await connect(poolOf(settings))).toMatch(expected);
  });

  it('refuses a certificate that has expired', async () => {
    await postgres.present(before.issue({ days: -1 }));
    expect(await connect(poolOf())).toMatch(/certificate has expired/);
    await postgres.present(named());
    await connects(poolOf());
  });

  it('accepts a certificate that the documented commands have made', async () => {
    const variables = { FOLDER: files.folder, SERVER_NAME: 'localhost' };
    await runCommand('make-authority', variables);
    await runCommand('issue', variables);
    const read = (name: string): string => readFileSync(join(files.folder, name), 'utf8');
    await postgres.present({ cert: read('server.pem'), key: read('server.key') });
    expect(await connect(poolOf())).toMatch(/^TLSv1/);
    expect(await connect(poolOf({ POSTGRES_TLS_CA_FILE: 'other-ca.pem' }))).toMatch(/unable to verify/);
    await postgres.present(named());
  });

  it('uses a rotated password without a restart, and keeps the last good one while the file is bad', async () => {
    const pool = poolOf();
    await connects(pool);
    for (const bad of ['', 'with\0NUL']) {
      files.write('password', bad);
      await postgres.breakConnections();
      await connects(pool);
    }
    await postgres.administer(commandLine(`ALTER ROLE ${LOGINS.appUser}`, 'new-password', 'second'));
    await postgres.breakConnections();
    await eventually(async () => {
      expect(await connect(pool)).toMatch(/password authentication failed/);
    });
    files.write('password', 'second');
    await connects(pool);
    await postgres.administer(`ALTER ROLE ${LOGINS.appUser} PASSWORD '${LOGINS.appPassword}'`);
  });

  it('goes on while the authority is replaced: both in the file, another certificate, the new one only', async () => {
    const pool = poolOf();
    await connects(pool);

    await runCommand('trust-both', {
      OLD_AUTHORITY: files.write('old.pem', before.pem),
      NEW_AUTHORITY: files.write('new.pem', after.pem),
      AUTHORITIES: join(files.folder, 'ca.pem'),
    });
    await postgres.present(after.issue());
    await postgres.breakConnections();
    await connects(pool);

    files.write('ca.pem', after.pem);
    await postgres.present(before.issue());
    await eventually(async () => {
      await postgres.breakConnections();
      expect(await connect(pool)).toMatch(/unable to verify the first certificate/);
    });
    await postgres.present(after.issue());
    await connects(pool);

    files.write('ca.pem', 'not a certificate');
    await postgres.breakConnections();
    await connects(pool);
  });
});
