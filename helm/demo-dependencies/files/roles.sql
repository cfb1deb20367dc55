-- Least privilege, made once per database by an administrator, connected to that database; may be run again:
--   psql --dbname user_service --file src/postgres/roles.sql
-- Two group roles that nobody logs in as. The owner has the schema and migrates it; the app reads and writes rows.
-- People and processes get a login that is a member of one of them: see docs/migrations.md.

DO $$ BEGIN
  CREATE ROLE user_service_owner NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;

DO $$ BEGIN
  CREATE ROLE user_service_app NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;

-- Databases give everyone CONNECT and TEMPORARY; up to PostgreSQL 14 (and after an upgrade from it) also CREATE in public.
DO $$ BEGIN
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO user_service_owner, user_service_app', current_database());
END $$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO user_service_owner;
GRANT USAGE ON SCHEMA public TO user_service_app;
