-- Facts leave through the outbox: the row is written in the transaction of its fact, a relay publishes it and deletes it. The inbox is
-- the other end: a consumer writes the event's id in the transaction of its effect, so that a second delivery does nothing.
-- A slot is a sixteenth of all keys; the relay leads slots, and rows of one key are always in one. The last byte of a UUIDv7 is random.

-- Up Migration
CREATE TABLE outbox (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  slot SMALLINT NOT NULL GENERATED ALWAYS AS (get_byte(uuid_send(key), 15) % 16) STORED,
  event_id UUID NOT NULL,
  event_type TEXT NOT NULL,
  key UUID NOT NULL,
  payload JSONB NOT NULL,
  traceparent TEXT,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
  parked_at TIMESTAMP WITH TIME ZONE,
  parked_reason TEXT,
  CHECK ((parked_at IS NULL) = (parked_reason IS NULL))
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000); -- a queue: its dead rows go soon
CREATE INDEX outbox_parked_key_idx ON outbox (key, id) WHERE parked_at IS NOT NULL;

CREATE TABLE inbox (
  consumer TEXT NOT NULL,
  event_id UUID NOT NULL,
  received_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
  PRIMARY KEY (consumer, event_id)
);
CREATE INDEX inbox_received_at_idx ON inbox (received_at);

CREATE FUNCTION notify_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NOTIFY outbox;
  RETURN NULL;
END $$;
CREATE TRIGGER outbox_insert AFTER INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION notify_outbox();

GRANT SELECT, INSERT, UPDATE, DELETE ON outbox, inbox TO user_service_app;

-- Down Migration
DROP TABLE inbox;
DROP TABLE outbox;
DROP FUNCTION notify_outbox();
