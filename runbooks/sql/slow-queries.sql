-- Statements that have been running for more than a second. The service cancels its own after POSTGRES_STATEMENT_TIMEOUT_MS.
SELECT
  pid,
  usename AS "user",
  application_name AS application,
  date_trunc('second', clock_timestamp() - query_start)::text AS running_since,
  coalesce(wait_event_type || ' ' || wait_event, 'CPU') AS waits_for,
  left(query, 80) AS query
FROM pg_stat_activity
WHERE state = 'active' AND backend_type = 'client backend' AND clock_timestamp() - query_start > interval '1 second'
ORDER BY query_start
LIMIT 10;
