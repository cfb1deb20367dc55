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
  it('applies, lists, checks and undoes, and ends with 0 each time', async () => {
    const up = await migrate(['up', '2']);
    const status = await migrate(['status']);
    const validate = await migrate(['validate']);
    const down = await migrate(['down', '2']);
    const again = await migrate(['down']);

    expect(up).toMatchObject({ exitCode: 0, stderr: '' });
    expect(up.stdout).toMatch(/^applied 0001_create-users \(\d+ ms\)\napplied 0002_\S+ \(\d+ ms\)\n$/);
    expect(status.stdout).toMatch(/^\d{4}-\S+Z {2}0001_create-users\n/);
    expect(status.stdout).toMatch(/^pending {19}0003_/m);
    expect(validate).toMatchObject({ exitCode: 0, stdout: `${NAMES.length} migrations are sound\n` });
    expect(down.stdout).toMatch(/^undone 0002_\S+ \(\d+ ms\)\nundone 0001_create-users \(\d+ ms\)\n$/);
    expect(again).toMatchObject({ exitCode: 0, stdout: 'nothing to undo\n' });
  });

  it('ends with 1 and the reason when it is refused', async () => {
    expect(await migrate(['baseline', '0001_create-users'])).toMatchObject({
      exitCode: 1,
      stderr:
        'The database is not what these migrations make.\n- There is no table users: baseline an earlier migration, or run "up".\n',
    });
  });

  it('ends with 1 and the reason when nobody listens', async () => {
    const port = String(await freePort());

    expect(await migrate(['status'], { POSTGRES_HOST: '127.0.0.1', POSTGRES_PORT: port })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(`connect ECONNREFUSED 127.0.0.1:${port}`) as string,
    });
  });

  it('ends with 78 when its configuration is wrong', async () => {
    const { exitCode, stderr } = await migrate(['status'], { POSTGRES_PORT: 'often' });

    expect(exitCode).toBe(78);
    expect(stderr).toContain('POSTGRES_PORT');
  });

  it.each([
    [[], '"" is not a command.'],
    [['sideways'], '"sideways" is not a command.'],
    [['up', 'many'], '"many" is not a number of migrations.'],
    [['down', '0'], '"0" is not a number of migrations.'],
    [['baseline'], 'The name of the migration is missing.'],
    [['create'], 'The name of the migration is missing.'],
    [['status', 'now'], '"now" is too much'],
    [['up', '1', 'more'], '"more" is too much'],
  ])('ends with 64 and its usage for %j', async (args, reason) => {
    const { exitCode, stderr } = await migrate(args);

    expect(exitCode).toBe(64);
    expect(stderr).toContain(reason);
    expect(stderr).toContain('migrate baseline <name>');
  });

  it('explains itself', async () => {
    expect(await migrate(['--help'])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('migrate up [n]') as string,
    });
  });
});
