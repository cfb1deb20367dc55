-- Pages go newest first with the id as tie-breaker; one index serves order and position, idx_users_created_at could not.

-- Up Migration
CREATE INDEX users_created_at_id_idx ON users (created_at DESC, id DESC);
DROP INDEX idx_users_created_at;

-- Down Migration
CREATE INDEX idx_users_created_at ON users (created_at);
DROP INDEX users_created_at_id_idx;
