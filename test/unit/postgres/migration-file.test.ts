import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createMigration } from '../../../src/postgres/migrations/create-migration.ts';
import { parseMigration, readMigrationFiles } from '../../../src/postgres/migrations/migration-file.ts';
import { splitStatements } from '../../../src/postgres/migrations/split-statements.ts';

const SOUND = '-- why\n\n-- Up Migration\nSELECT 1;\n\n-- Down Migration\nSELECT 2;\n';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'migrations-'));
});
afterEach(() => rm(directory, { recursive: true }));

const write = (name: string, content = SOUND) => writeFile(join(directory, name), content);

describe('a migration file', () => {
  it('has two parts and runs in a transaction', () => {
    const file = parseMigration('0001_x', SOUND);

    expect(file).toMatchObject({ up: 'SELECT 1;\n\n', down: 'SELECT 2;\n', inTransaction: true });
  });

  it('runs outside a transaction when its first line says so', () => {
    expect(parseMigration('0001_x', `-- no transaction\n${SOUND}`).inTransaction).toBe(false);
  });

  it('has a checksum that ignores only line ends', () => {
    const { sha256 } = parseMigration('0001_x', SOUND);

    expect(parseMigration('0001_x', SOUND.replaceAll('\n', '\r\n')).sha256).toBe(sha256);
    expect(parseMigration('0001_x', `${SOUND} `).sha256).not.toBe(sha256);
  });

  it.each([
    ['no marker', 'SELECT 1;'],
    ['no way down', '-- Up Migration\nSELECT 1;\n'],
    ['the way down first', '-- Down Migration\nSELECT 1;\n-- Up Migration\nSELECT 1;\n'],
    ['two ways up', `-- Up Migration\nSELECT 1;\n${SOUND}`],
    ['two ways down', `${SOUND}-- Down Migration\nSELECT 1;\n`],
  ])('with %s is rejected', (_, content) => {
    expect(() => parseMigration('0001_x', content)).toThrow('0001_x.sql needs one line "-- Up Migration"');
  });
});

describe('a folder of migrations', () => {
  it('is read in the order of the numbers, without other files', async () => {
    for (const name of ['0002_b.sql', '0010_c.sql', '0001_a.sql', 'README.md']) await write(name);

    const files = await readMigrationFiles(directory);

    expect(files.map(({ name }) => name)).toEqual(['0001_a', '0002_b', '0010_c']);
  });

  it('reports all invalid names at once', async () => {
    for (const name of ['0001_a.sql', '0001_b.sql', '2_c.sql', '0003_D.sql', `0004_x'; --.sql`]) await write(name);

    await expect(readMigrationFiles(directory)).rejects.toMatchObject({
      code: 'MIGRATION_FILES_INVALID',
      faults: [
        { pointer: '/0001_b', detail: '0001_b.sql has the number of another migration; give it the next free one.' },
        { pointer: '/0003_D' },
        { pointer: "/0004_x'; --" },
        { pointer: '/2_c' },
      ],
    });
  });

  it('gets a new migration with the next number', async () => {
    await write('0001_a.sql');
    await write('0009_b.sql');

    const path = await createMigration(directory, 'add-nicknames');

    expect(basename(path)).toBe('0010_add-nicknames.sql');
    expect(() => parseMigration('0010_add-nicknames', '')).toThrow();
    expect(parseMigration('0010_add-nicknames', await readFile(path, 'utf8')).up.trim()).toBe('');
  });

  it.each(['', 'Add', 'add nicknames', '../add'])('rejects the name "%s" for a new one', async (words) => {
    await expect(createMigration(directory, words)).rejects.toMatchObject({ code: 'MIGRATION_FILES_INVALID' });
  });
});

describe('statements', () => {
  it('are split at their ends, not inside bodies, values, names or comments', () => {
    const body = 'DO $$ BEGIN; END; $$';

    expect(splitStatements(`SELECT 1; -- one; two\n${body};\nSELECT 'a;b', "c;d";\n\n`)).toEqual([
      'SELECT 1',
      body,
      `SELECT 'a;b', "c;d"`,
    ]);
  });

  it('need no semicolon at the end', () => {
    expect(splitStatements('SELECT 1;\nSELECT 2')).toEqual(['SELECT 1', 'SELECT 2']);
    expect(splitStatements('-- nothing\n')).toEqual([]);
  });
});
