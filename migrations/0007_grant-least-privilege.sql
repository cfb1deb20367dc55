-- The owner migrates; the application reads and writes rows and nothing else, and sees which migrations have run, for its
-- readiness. Both roles are made once, by src/postgres/roles.sql.

-- Up Migration
GRANT SELECT, INSERT, UPDATE, DELETE ON users, credentials, sessions, idempotency_keys TO user_service_app;
GRANT SELECT ON pgmigrations TO user_service_app;

-- Down Migration
REVOKE ALL ON pgmigrations FROM user_service_app;
REVOKE ALL ON users, credentials, sessions, idempotency_keys FROM user_service_app;
