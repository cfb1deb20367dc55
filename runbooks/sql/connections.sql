-- Connections by application and state, beside how many the server allows.
SELECT
  coalesce(usename, '-') AS "user",
  coalesce(nullif(application_name, ''), '-') AS application,
  coalesce(state, '-') AS state,
  count(*) AS connections,
  sum(count(*)) OVER () AS all_connections,
  current_setting('max_connections')::int AS allowed
FROM pg_stat_activity
WHERE backend_type = 'client backend'
GROUP BY 1, 2, 3
ORDER BY connections DESC;
