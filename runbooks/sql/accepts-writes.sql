-- Whether this server is a standby, and who said that it accepts no writes.
SELECT
  pg_is_in_recovery() AS standby,
  setting AS default_transaction_read_only,
  source,
  coalesce(sourcefile, '-') AS file,
  date_trunc('second', clock_timestamp() - pg_postmaster_start_time())::text AS up_since
FROM pg_settings
WHERE name = 'default_transaction_read_only';
