-- What DELETE /api/v1/users/{id} does in its transaction (src/postgres/users/user-store.ts), for a user who cannot sign in: the user is taken away
-- from every reader, cannot sign in, and consumers get the event. The processes of the api delete the orders and the row afterwards.
-- psql --set user_id=… --file runbooks/sql/erase-user.sql
WITH erased AS (
  UPDATE users
  SET username = 'erased:' || id, email = 'erased:' || id, name = '', version = version + 1, updated_at = now(), erased_at = now()
  WHERE id = :'user_id' AND erased_at IS NULL
  RETURNING id
), credential AS (
  DELETE FROM credentials WHERE user_id IN (SELECT id FROM erased)
), ended AS (
  DELETE FROM sessions WHERE user_id IN (SELECT id FROM erased)
), event AS (
  SELECT id, gen_random_uuid() AS event_id FROM erased
)
INSERT INTO outbox (event_id, event_type, key, payload)
SELECT event_id, 'UserErased', id,
  jsonb_build_object('eventId', event_id, 'occurredAt', (extract(epoch FROM now()) * 1000)::bigint, 'userId', id)
FROM event
RETURNING key AS erased_user;
