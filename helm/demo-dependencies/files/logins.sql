-- initdb runs this file after src/postgres/roles.sql: it creates a login for each role. The passwords come from files, not from the environment.
\set owner_password `cat /run/secrets/postgres_migration_password`
\set app_password `cat /run/secrets/postgres_password`
CREATE ROLE user_service_owner_login LOGIN PASSWORD :'owner_password' IN ROLE user_service_owner;
CREATE ROLE user_service_app_login LOGIN PASSWORD :'app_password' IN ROLE user_service_app;
