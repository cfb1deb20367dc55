-- Who holds the locks that others wait for. A session that waits for none itself is the one to end.
SELECT
  blocker.pid,
  blocker.usename AS "user",
  blocker.application_name AS application,
  blocker.state,
  date_trunc('second', clock_timestamp() - blocker.xact_start)::text AS transaction_since,
  cardinality(pg_blocking_pids(blocker.pid)) AS waits_for,
  count(*) AS blocks,
  left(blocker.query, 60) AS query
FROM pg_stat_activity AS waiting
CROSS JOIN LATERAL unnest(pg_blocking_pids(waiting.pid)) AS blocking (pid)
JOIN pg_stat_activity AS blocker ON blocker.pid = blocking.pid
GROUP BY blocker.pid, blocker.usename, blocker.application_name, blocker.state, blocker.xact_start, blocker.query
ORDER BY waits_for, blocks DESC
LIMIT 10;
