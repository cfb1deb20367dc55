-- DROP ROLE alone ends no session: its statements would be answered 42501 for as long as it stays open.
ALTER ROLE "{{name}}" NOLOGIN;
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{{name}}';
DROP ROLE IF EXISTS "{{name}}";
