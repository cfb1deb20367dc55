import { describe, expect, it } from 'vitest';

import { findLockFaults } from '../../src/postgres/migrations/lock-rules.ts';
import {
  MIGRATIONS_DIRECTORY,
  parseMigration,
  readMigrationFiles,
} from '../../src/postgres/migrations/migration-file.ts';

const file = (name: string, up: string, head = '') =>
  parseMigration(name, `${head}-- Up Migration\n${up}\n-- Down Migration\nSELECT 1;\n`);

const faultsOf = (up: string, head = ''): string[] =>
  findLockFaults([file('0001_more', up, head)]).map(({ detail }) => detail);

const SCAN = 'scans the table. Add it NOT VALID';
const INDEX = 'builds an index under a lock';
const REWRITE = 'rewrites the table';
const BATCHES = 'locks all rows that it changes';

describe('the migrations of this repository', () => {
  it('block no caller for long', async () => {
    expect(findLockFaults(await readMigrationFiles(MIGRATIONS_DIRECTORY))).toEqual([]);
  });
});

describe('a migration is refused when it', () => {
  it.each([
    ['ALTER TABLE users ADD CHECK (version > 0);', SCAN],
    ['ALTER TABLE users ADD CONSTRAINT positive CHECK (version > 0);', SCAN],
    ['ALTER TABLE orders ADD CONSTRAINT by_user FOREIGN KEY (user_id) REFERENCES users (id);', SCAN],
    ['ALTER TABLE users ADD CONSTRAINT named NOT NULL name;', SCAN],
    ['ALTER TABLE users\n  ADD COLUMN a INTEGER,\n  ADD COLUMN b INTEGER NOT NULL DEFAULT 1 CHECK (b > 0);', SCAN],
    ['ALTER TABLE users ADD b INTEGER CHECK(b > 0);', SCAN],
    ['ALTER TABLE users ADD COLUMN IF NOT EXISTS team UUID REFERENCES teams (id);', SCAN],
    ['ALTER DOMAIN currency ADD CONSTRAINT upper_case CHECK (VALUE = upper(VALUE));', SCAN],
    ['ALTER TABLE users ADD CONSTRAINT by_name UNIQUE (name);', INDEX],
    ['ALTER TABLE users ADD UNIQUE (name, email);', INDEX],
    ['ALTER TABLE users ADD COLUMN nickname TEXT UNIQUE;', INDEX],
    ['ALTER TABLE events ADD PRIMARY KEY (id);', INDEX],
    ['ALTER TABLE users ALTER COLUMN version TYPE BIGINT;', REWRITE],
    ['alter table only users alter version set data type bigint;', REWRITE],
    ['ALTER TABLE users ADD COLUMN lower_name TEXT GENERATED ALWAYS AS (lower(name)) STORED;', REWRITE],
    ['ALTER TABLE users ADD COLUMN number BIGSERIAL;', REWRITE],
    ['ALTER TABLE users ADD COLUMN token UUID NOT NULL DEFAULT gen_random_uuid();', REWRITE],
    ['ALTER TABLE users SET UNLOGGED;', REWRITE],
    ['ALTER TABLE users ALTER COLUMN name SET NOT NULL;', 'scans the table. Before it, VALIDATE'],
    [
      'ALTER TABLE users ADD CONSTRAINT c CHECK (version > 0) NOT VALID; ALTER TABLE users VALIDATE CONSTRAINT c;',
      'under the lock of ADD CONSTRAINT',
    ],
    ['CREATE INDEX by_name ON users (name);', 'Use CONCURRENTLY'],
    ['CREATE UNIQUE INDEX by_name ON users (name);', 'Use CONCURRENTLY'],
    ['REINDEX TABLE users;', 'Use CONCURRENTLY'],
    ['TRUNCATE sessions;', 'blocks the table'],
    ['LOCK TABLE users;', 'blocks the table'],
    ["UPDATE users SET name = 'x';", BATCHES],
    ['DELETE FROM sessions;', BATCHES],
    ['DO $$ BEGIN UPDATE users SET version = 2; END $$;', BATCHES],
    ['DO $$ BEGIN IF true THEN ALTER TABLE users ADD CHECK (version > 0); END IF; END $$;', SCAN],
  ])('has %s', (up, reason) => {
    const faults = faultsOf(up);

    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(reason);
  });
});

describe('a migration is accepted when it', () => {
  it.each([
    ['ALTER TABLE users ADD COLUMN nickname TEXT, ADD COLUMN level INTEGER NOT NULL DEFAULT 1;'],
    ['ALTER TABLE users ADD COLUMN seen_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now();'],
    ["ALTER TABLE users ADD COLUMN note TEXT DEFAULT 'CHECK (UNIQUE)'; -- REFERENCES nothing"],
    ['ALTER TABLE users ADD CONSTRAINT positive CHECK (version > 0) NOT VALID;'],
    ['ALTER TABLE users VALIDATE CONSTRAINT positive;'],
    ['ALTER TABLE orders ADD CONSTRAINT by_user FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;'],
    ['ALTER TABLE users ADD CONSTRAINT by_name UNIQUE USING INDEX users_by_name;'],
    ['CREATE UNIQUE INDEX CONCURRENTLY by_name ON users (name);'],
    [
      'CREATE TABLE teams (id UUID PRIMARY KEY, user_id UUID REFERENCES users (id)); CREATE INDEX t ON teams (user_id);',
    ],
    ['CREATE TABLE teams (id UUID); ALTER TABLE teams ADD CHECK (id IS NOT NULL); UPDATE teams SET id = NULL;'],
    ['ALTER TABLE users ALTER COLUMN name SET DEFAULT now();'],
    ['ALTER TABLE users DROP COLUMN name;'],
    [
      'DO $$ BEGIN LOOP UPDATE users SET version = 2 WHERE id IN (SELECT id FROM users LIMIT 10); COMMIT; END LOOP; END $$;',
    ],
    [
      'CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE users SET version = 2; RETURN NULL; END $$;',
    ],
  ])('has %s', (up) => {
    expect(faultsOf(up)).toEqual([]);
  });

  it('sets a column NOT NULL that an earlier migration has validated', () => {
    const files = [
      file('0001_a', 'ALTER TABLE users ADD CONSTRAINT named CHECK (name IS NOT NULL) NOT VALID;'),
      file('0002_b', 'ALTER TABLE users VALIDATE CONSTRAINT named;'),
      file('0003_c', 'ALTER TABLE users ALTER COLUMN name SET NOT NULL;'),
    ];

    expect(findLockFaults(files)).toEqual([]);
    expect(findLockFaults(files.filter(({ name }) => name !== '0002_b'))).toHaveLength(1);
  });

  it('says why it may block', () => {
    expect(faultsOf('DELETE FROM settings;', '-- accepted lock: the table has ten rows.\n')).toEqual([]);
  });
});
