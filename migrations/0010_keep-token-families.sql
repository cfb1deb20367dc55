-- Every refresh token of a session begins with the same secret, its family; its hash shows whether a token was ever issued for the session.
-- The default is constant, so no row is rewritten. The previous release does not know the column: its sessions have an empty list.

-- Up Migration
ALTER TABLE sessions ADD COLUMN family_hashes BYTEA[] NOT NULL DEFAULT '{}';

-- Down Migration
ALTER TABLE sessions DROP COLUMN family_hashes;
