-- What is stored about a user. 0 everywhere is the proof of an erasure. The outbox has ids only, and empties within seconds.
SELECT 'users' AS stored_in, count(*) AS rows FROM users WHERE id = :'user_id'
UNION ALL SELECT 'credentials', count(*) FROM credentials WHERE user_id = :'user_id'
UNION ALL SELECT 'sessions', count(*) FROM sessions WHERE user_id = :'user_id'
UNION ALL SELECT 'orders', count(*) FROM orders WHERE user_id = :'user_id'
UNION ALL SELECT 'idempotency_keys', count(*) FROM idempotency_keys WHERE user_id = :'user_id'
UNION ALL SELECT 'outbox', count(*) FROM outbox WHERE key = :'user_id';
