-- The unique constraints of 0001 tell "Ann" from "ann"; two people must not share a name that way.
-- idx_users_email goes too: the lower-case index serves every look-up.

-- Up Migration
CREATE UNIQUE INDEX users_username_lower_key ON users (lower(username));
CREATE UNIQUE INDEX users_email_lower_key ON users (lower(email));
DROP INDEX idx_users_email;

-- Down Migration
CREATE INDEX idx_users_email ON users (email);
DROP INDEX users_email_lower_key;
DROP INDEX users_username_lower_key;
