-- The login of Vault in PostgreSQL 16 or later. An administrator runs it once, connected to the database, after src/postgres/roles.sql:
--   psql --dbname user_service --file vault/postgres/vault-login.sql
--   psql --dbname user_service --command '\password vault_user_service'
-- It is not a superuser and reads no table: it may create logins, put them into the two groups, and end sessions of logins that are not superusers.

DO $$ BEGIN
  CREATE ROLE vault_user_service LOGIN CREATEROLE CONNECTION LIMIT 8;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;

GRANT user_service_app, user_service_owner TO vault_user_service WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;
GRANT pg_signal_backend TO vault_user_service;

DO $$ BEGIN
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO vault_user_service', current_database());
END $$;

-- Static mode only: the logins whose passwords it changes.
DO $$
DECLARE login text;
BEGIN
  FOR login IN SELECT rolname FROM pg_roles WHERE rolname IN ('user_service_app_login', 'user_service_owner_login') LOOP
    EXECUTE format('GRANT %I TO vault_user_service WITH ADMIN TRUE, INHERIT FALSE, SET FALSE', login);
  END LOOP;
END $$;
