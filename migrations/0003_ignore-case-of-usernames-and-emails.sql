-- no transaction
-- The unique constraints of 0001 tell "Ann" from "ann"; two people must not share a name that way.
-- CONCURRENTLY lets writes go on while an index is built, and works only outside a transaction. An attempt that was broken off
-- leaves an invalid index behind, so each one is dropped first: this file may be run again from any point.
-- It stops when two users differ by case alone. They are found with:
--   SELECT lower(username), array_agg(id) FROM users GROUP BY 1 HAVING count(*) > 1
-- idx_users_email goes too: the lower-case index serves every look-up.

-- Up Migration
DROP INDEX CONCURRENTLY IF EXISTS users_username_lower_key;
CREATE UNIQUE INDEX CONCURRENTLY users_username_lower_key ON users (lower(username));
DROP INDEX CONCURRENTLY IF EXISTS users_email_lower_key;
CREATE UNIQUE INDEX CONCURRENTLY users_email_lower_key ON users (lower(email));
DROP INDEX CONCURRENTLY IF EXISTS idx_users_email;

-- Down Migration
DROP INDEX CONCURRENTLY IF EXISTS idx_users_email;
CREATE INDEX CONCURRENTLY idx_users_email ON users (email);
DROP INDEX CONCURRENTLY IF EXISTS users_email_lower_key;
DROP INDEX CONCURRENTLY IF EXISTS users_username_lower_key;
