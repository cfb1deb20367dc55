-- Rows whose time is over, by table, and since when the oldest one should be gone. The times are those of src/postgres/expired-rows.ts.
SELECT 'sessions' AS "table", count(*) AS overdue, date_trunc('second', clock_timestamp() - min(expires_at))::text AS oldest_since
FROM sessions
WHERE expires_at <= clock_timestamp()
UNION ALL
SELECT 'idempotency_keys', count(*), date_trunc('second', clock_timestamp() - interval '1 day' - min(created_at))::text
FROM idempotency_keys
WHERE created_at < clock_timestamp() - interval '1 day'
UNION ALL
SELECT 'inbox', count(*), date_trunc('second', clock_timestamp() - interval '30 days' - min(received_at))::text
FROM inbox
WHERE received_at < clock_timestamp() - interval '30 days';
