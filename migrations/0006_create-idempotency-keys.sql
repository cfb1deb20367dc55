-- What a registration is remembered by holds the user as it was answered, so erasing the user erases it as well: hence user_id.

-- Up Migration
CREATE TABLE idempotency_keys (
  key_hash BYTEA PRIMARY KEY CHECK (octet_length(key_hash) = 32),
  fingerprint BYTEA NOT NULL CHECK (octet_length(fingerprint) = 32),
  user_id UUID REFERENCES users (id) ON DELETE CASCADE,
  outcome JSONB NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now()
);
CREATE INDEX idempotency_keys_user_id_idx ON idempotency_keys (user_id);
CREATE INDEX idempotency_keys_created_at_idx ON idempotency_keys (created_at);

-- Down Migration
DROP TABLE idempotency_keys;
