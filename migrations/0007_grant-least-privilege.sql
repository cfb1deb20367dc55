-- The owner migrates; the application reads and writes rows and nothing else. Both roles are made once, by postgres/roles.sql.

-- Up Migration
GRANT SELECT, INSERT, UPDATE, DELETE ON users, credentials, sessions, idempotency_keys TO user_service_app;

-- Down Migration
REVOKE ALL ON users, credentials, sessions, idempotency_keys FROM user_service_app;
