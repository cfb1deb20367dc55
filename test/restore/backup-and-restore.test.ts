// `npm run backup` and `npm run restore` on a PostgreSQL that archives, with each kind of bad input.

import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startArchivingServer, type ArchivingServer } from './support/archiving-server.ts';
import { makeBackupLogin } from './support/backup-login.ts';
import { postgresPrograms } from './support/postgres-programs.ts';
import { runScript } from './support/run-script.ts';

const programs = postgresPrograms();
if (programs === undefined) process.stdout.write('SKIPPED: backup and restore, because no PostgreSQL is installed.\n');

let server: ArchivingServer;
let login: Record<string, string>;
let wal: string;
const times = new Map<string, string>();

/** The next millisecond: a commit before has an earlier time. */
const NOW = `
  SELECT to_char((date_trunc('milliseconds', clock_timestamp()) + '1 ms') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS') AS now`;

const backup = (...args: string[]) => runScript('backup', ['--directory', server.backups, ...args], login);
const restore = (to: string, target: string, input = 'y\n', directory = server.backups) =>
  runScript('restore', ['--to', to, '--directory', directory, '--target', target], {}, input);
const archivedSegments = (): string[] =>
  readdirSync(wal)
    .filter((file) => /^[\dA-F]{24}\.gz$/.test(file))
    .toSorted((one, other) => (one < other ? -1 : 1));
const place = (name: string): string => join(server.folder, name);

/** Commits one row. @returns the server's time after it */
const write = async (name: string): Promise<void> => {
  await server.sql(`INSERT INTO notes VALUES ('${name}')`);
  const [row] = await server.sql<{ now: string }>(NOW);
  times.set(name, `${row?.now ?? ''}Z`);
};
const switchAndArchive = async (): Promise<void> => {
  expect(await backup('check')).toMatchObject({ code: 0 });
  const before = new Set(readdirSync(wal));
  await server.sql('SELECT pg_switch_wal()');
  await expect
    .poll(() => readdirSync(wal).some((file) => !before.has(file) && file.endsWith('.gz')), { timeout: 20_000 })
    .toBe(true);
};
const notes = async (): Promise<string[]> =>
  (await server.sql<{ name: string }>('SELECT name FROM notes ORDER BY name')).map(({ name }) => name);

/** Serves restored data instead of the present ones. */
const serve = async (target: string): Promise<void> => {
  await server.stop();
  await server.start(target);
};

describe.skipIf(programs === undefined)('backup and restore', () => {
  beforeAll(async () => {
    server = await startArchivingServer({ programs: programs ?? '', archiveTimeoutSeconds: 30 });
    wal = join(server.backups, 'wal');
    login = await makeBackupLogin(server);
    await server.sql('CREATE TABLE notes (name text)');
  });
  afterAll(() => server.close());

  it('refuses a server whose archive_command fails, and says so', async () => {
    await server.archive('exit 1');
    const { code, output } = await backup();
    expect(output).toMatch(/WAL [\dA-F]{24} is not archived: archive_command fails for/);
    expect(code).toBe(1);
    await server.archive();
  });

  it('reports a missing base backup', async () => {
    expect(await backup('check')).toEqual({ code: 1, output: 'There is no base backup: npm run backup\n' });
  });

  it('takes a base backup, verifies it, and says from when on it can be restored', async () => {
    await write('a');
    const { code, output } = await backup();
    expect(output).toMatch(
      /verified: \d+ files\n.*: \d+ MiB, WAL [\dA-F/]+ to .* restorable from \d{4}-.*Z on\nthe newest archived WAL is \d+ s old\n$/,
    );
    expect(code).toBe(0);
    expect((await backup('check')).output).toContain('the last base backup is ');
    await write('b');
    await write('c');
    await switchAndArchive();
  });

  it('refuses a folder with other files, and one of another server', async () => {
    writeFileSync(place('backups/photo.jpg'), '');
    expect((await backup()).output).toContain('is no folder of backups: it has photo.jpg.');
    rmSync(place('backups/photo.jpg'));
    const owner = readFileSync(place('backups/backups.json'));
    writeFileSync(place('backups/backups.json'), '{"systemIdentifier":"7"}');
    expect((await backup()).output).toContain('has backups of another server (system identifier 7)');
    writeFileSync(place('backups/backups.json'), owner);
  });

  it('changes nothing without an agreement', async () => {
    const { code, output } = await restore('latest', place('declined'), 'n\n');
    expect(output).toContain('Nothing was changed.');
    expect(code).toBe(1);
    expect(() => readdirSync(place('declined'))).toThrow('ENOENT');
  });

  it('refuses a target that is not empty', async () => {
    expect((await restore('latest', server.data)).output).toContain('is not empty, and nothing is overwritten');
  });

  it.each(['2020-01-01T00:00:00Z', '2100-01-01T00:00:00Z'])('refuses %s, with the range', async (time) => {
    const { code, output } = await restore(time, place('out-of-range'));
    expect(output).toMatch(
      /is (?:before the first backup|after the last commit in the archive): it can restore from \d.*Z to \d.*Z/,
    );
    expect(code).toBe(1);
  });

  it('names the missing WAL segment', async () => {
    const segments = archivedSegments();
    const missing = segments.at(-2) ?? '';
    renameSync(join(wal, missing), place(missing));
    expect((await restore('latest', place('gap'))).output).toContain(`lacks the WAL segment ${missing.slice(0, 24)}`);
    renameSync(place(missing), join(wal, missing));
  });

  it('does not take a damaged WAL segment for the end of the archive', async () => {
    const segments = archivedSegments();
    const [damaged = ''] = segments.slice(-2);
    const content = readFileSync(join(wal, damaged));
    writeFileSync(join(wal, damaged), content.subarray(0, content.length / 2));
    const { code, output } = await restore('latest', place('damaged'));
    expect(output).toMatch(/recovery failed:.*could not restore file/);
    expect(code).toBe(1);
    writeFileSync(join(wal, damaged), content);
  });

  it('finds a changed file in the base backup', async () => {
    const [name = ''] = readdirSync(place('backups/base'));
    const file = place(`backups/base/${name}/data/global/pg_control`);
    const content = readFileSync(file);
    writeFileSync(file, Buffer.concat([content.subarray(0, -1), Buffer.from('x')]));
    expect((await restore('latest', place('changed'))).output).toContain(`The backup ${name} is damaged`);
    writeFileSync(file, content);
  });

  it('restores to a time: what was committed after it is gone', async () => {
    const target = place('to-b');
    const { code, output } = await restore(times.get('b') ?? '', target);
    expect(output).toMatch(/restored until .*, timeline 2\nnext: start PostgreSQL \d+ with this folder/);
    expect(code).toBe(0);
    await serve(target);
    expect(await notes()).toEqual(['a', 'b']);
  });

  it('archives the new timeline, and restores from the old backup through both', async () => {
    await write('d');
    await switchAndArchive();
    const target = place('latest');
    expect((await restore('latest', target)).output).toContain('timeline 3');
    await serve(target);
    expect(await notes()).toEqual(['a', 'b', 'd']);
  });

  it('refuses an archive that stands still', async () => {
    await server.archive('sleep 100');
    await server.sql("SELECT pg_stat_reset_shared('archiver')");
    expect((await backup('check')).output).toContain('archive_command has not ended');
  }, 60_000);
});
