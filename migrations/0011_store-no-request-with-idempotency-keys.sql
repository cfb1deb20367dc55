-- A fingerprint was computed from the whole request, password included, and with a key that the caller chooses: whoever reads the table could
-- test passwords with it. It is no longer written. The default is for this release; the previous one still writes its own value, and
-- answers a retry of a row without one with IDEMPOTENCY_KEY_REUSED. The column goes one release later.

-- Up Migration
ALTER TABLE idempotency_keys ALTER COLUMN fingerprint SET DEFAULT decode(repeat('00', 32), 'hex');

-- Down Migration
ALTER TABLE idempotency_keys ALTER COLUMN fingerprint DROP DEFAULT;
