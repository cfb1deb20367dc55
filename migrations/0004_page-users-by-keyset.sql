-- no transaction
-- Pages go newest first with the id as tie-breaker; one index serves order and position, idx_users_created_at could not.
-- A page's position has milliseconds, as JavaScript has, while now() has microseconds: a row between the two would be left out.
-- So the default is cut first and then the old rows, a thousand at a time: each batch is a transaction of its own, holds its
-- locks for milliseconds, and may be run again.

-- Up Migration
ALTER TABLE users ALTER COLUMN created_at SET DEFAULT date_trunc('milliseconds', now());
DO $$
DECLARE
  done UUID := '00000000-0000-0000-0000-000000000000';
BEGIN
  LOOP
    WITH batch AS (
      SELECT id FROM users WHERE id > done ORDER BY id LIMIT 1000
    ), cut AS (
      UPDATE users SET created_at = date_trunc('milliseconds', created_at)
      WHERE id IN (SELECT id FROM batch) AND created_at <> date_trunc('milliseconds', created_at)
    )
    SELECT id INTO done FROM batch ORDER BY id DESC LIMIT 1;
    EXIT WHEN NOT FOUND;
    COMMIT;
  END LOOP;
END $$;
DROP INDEX CONCURRENTLY IF EXISTS users_created_at_id_idx;
CREATE INDEX CONCURRENTLY users_created_at_id_idx ON users (created_at DESC, id DESC);
DROP INDEX CONCURRENTLY IF EXISTS idx_users_created_at;

-- Down Migration
DROP INDEX CONCURRENTLY IF EXISTS idx_users_created_at;
CREATE INDEX CONCURRENTLY idx_users_created_at ON users (created_at);
DROP INDEX CONCURRENTLY IF EXISTS users_created_at_id_idx;
ALTER TABLE users ALTER COLUMN created_at SET DEFAULT now();
