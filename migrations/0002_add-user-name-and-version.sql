-- Both columns have constant defaults, so no row is rewritten and the lock is short (PostgreSQL 11 and later). The release
-- before this one doesn't know them and goes on inserting: the defaults are for it.

-- Up Migration
ALTER TABLE users
  ADD COLUMN name VARCHAR(100) NOT NULL DEFAULT '',
  ADD COLUMN version INTEGER NOT NULL DEFAULT 1 CHECK (version > 0);

-- Down Migration
ALTER TABLE users DROP COLUMN version, DROP COLUMN name;
