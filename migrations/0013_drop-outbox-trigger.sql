-- The trigger sent a NOTIFY in each transaction that wrote to the outbox. PostgreSQL holds one lock of the whole cluster from before the commit
-- record of such a transaction until the end of its commit, so all commits waited for one another. Processes notify after the commit instead.
-- The previous release does not: during a rollout, or after a rollback, its events are published when the relay polls, within OUTBOX_POLL_MS.

-- Up Migration
DROP TRIGGER outbox_insert ON outbox;
DROP FUNCTION notify_outbox();

-- Down Migration
CREATE FUNCTION notify_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NOTIFY outbox;
  RETURN NULL;
END $$;
CREATE TRIGGER outbox_insert AFTER INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION notify_outbox();
