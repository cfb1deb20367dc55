-- no transaction
-- Erasing a user marks the row and takes everything personal out of it in one short transaction; orders, of which there may be
-- millions, are deleted afterwards in pieces, and the row last. The index has the unfinished erasures only.
-- The previous release does not know the mark: it sees a user without personal data until the row is deleted.

-- Up Migration
ALTER TABLE users ADD COLUMN IF NOT EXISTS erased_at TIMESTAMP WITH TIME ZONE;
DROP INDEX CONCURRENTLY IF EXISTS users_erased_at_idx;
CREATE INDEX CONCURRENTLY users_erased_at_idx ON users (erased_at) WHERE erased_at IS NOT NULL;

-- Down Migration
DROP INDEX CONCURRENTLY IF EXISTS users_erased_at_idx;
ALTER TABLE users DROP COLUMN IF EXISTS erased_at;
