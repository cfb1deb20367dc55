-- The oldest transactions, and the tables that they hold locks on. They keep rows from being deleted and vacuumed.
SELECT
  activity.pid,
  activity.usename AS "user",
  activity.application_name AS application,
  activity.state,
  date_trunc('second', clock_timestamp() - activity.xact_start)::text AS transaction_since,
  (
    SELECT string_agg(DISTINCT relation::regclass::text, ' ')
    FROM pg_locks
    JOIN pg_class ON pg_class.oid = relation AND pg_class.relkind = 'r' AND relation >= 16384
    WHERE pg_locks.pid = activity.pid
  ) AS tables,
  left(activity.query, 60) AS query
FROM pg_stat_activity AS activity
WHERE activity.xact_start IS NOT NULL AND activity.pid <> pg_backend_pid() AND activity.backend_type = 'client backend'
ORDER BY activity.xact_start
LIMIT 5;
