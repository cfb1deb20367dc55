import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startProgram } from '../../support/child-process.ts';
import { freePort } from '../../support/free-port.ts';
import { makeTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { NAMES } from './arrange-migrations.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await makeTestDatabase({ migrated: false });
});
afterAll(() => database.drop());

const migrate = async (args: readonly string[], settings: Record<string, string> = {}) => {
  const program = startProgram('migrate', {
    args,
    env: {
      DD_ENV: 'test',
      AUDIT_LOG: 'file:/dev/null',
      POSTGRES_HOST: database.host,
      POSTGRES_PORT: String(database.port),
      POSTGRES_DATABASE: database.database,
      POSTGRES_MIGRATION_USER: database.ownerUser,
      POSTGRES_MIGRATION_PASSWORD: database.ownerPassword,
      ...settings,
    },
  });
  return { exitCode: await program.exited, ...program.output };
};

describe('migrate', () => {
  it('applies, lists, validates and reverts, and exits with 0 each time', async () => {
    const up = await migrate(['up', '2']);
    const status = await migrate(['status']);
    const validate = await migrate(['validate']);
    const down = await migrate(['down', '2']);
    const again = await migrate(['down']);

    expect(up).toMatchObject({ exitCode: 0, stderr: '' });
    expect(up.stdout).toMatch(/^applied 0001_create-users \(\d+ ms\)\napplied 0002_\S+ \(\d+ ms\)\n$/);
    expect(status.stdout).toMatch(/^\d{4}-\S+Z {2}0001_create-users\n/);
    expect(status.stdout).toMatch(/^pending {19}0003_/m);
    expect(validate).toMatchObject({ exitCode: 0, stdout: `${NAMES.length} migrations are valid\n` });
    expect(down.stdout).toMatch(/^reverted 0002_\S+ \(\d+ ms\)\nreverted 0001_create-users \(\d+ ms\)\n$/);
    expect(again).toMatchObject({ exitCode: 0, stdout: 'nothing to revert\n' });
  });

  it('exits with 1 and the reason when a command is rejected', async () => {
    expect(await migrate(['baseline', '0001_create-users'])).toMatchObject({
      exitCode: 1,
      stderr:
        'The database does not have the tables of these migrations.\n- There is no table users: baseline an earlier migration, or run "up".\n',
    });
  });

  it('exits with 1 and the reason when PostgreSQL is unreachable', async () => {
    const port = String(await freePort());

    expect(await migrate(['status'], { POSTGRES_HOST: '127.0.0.1', POSTGRES_PORT: port })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(`connect ECONNREFUSED 127.0.0.1:${port}`) as string,
    });
  });

  it('exits with 78 when its configuration is invalid', async () => {
    const { exitCode, stderr } = await migrate(['status'], { POSTGRES_PORT: 'often' });

    expect(exitCode).toBe(78);
    expect(stderr).toContain('POSTGRES_PORT');
  });

  it.each([
    [[], 'missing command'],
    [['sideways'], 'unknown command "sideways"'],
    [['up', 'many'], 'invalid number of migrations "many"'],
    [['down', '0'], 'invalid number of migrations "0"'],
    [['baseline'], 'missing migration name'],
    [['create'], 'missing migration name'],
    [['status', 'now'], 'unexpected argument "now"'],
    [['up', '--fast'], "Unknown option '--fast'"],
    [['up', '1', 'more'], 'unexpected argument "more"'],
  ])('exits with 64 and the help text for %j', async (args, reason) => {
    const { exitCode, stderr } = await migrate(args);

    expect(exitCode).toBe(64);
    expect(stderr).toContain(reason);
    expect(stderr).toContain('migrate baseline <name>');
  });

  it('prints the help text', async () => {
    expect(await migrate(['--help'])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('migrate up [n]') as string,
    });
  });
});
