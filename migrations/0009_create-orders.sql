-- Erasing a user erases the orders as well: who bought what is personal data. TIMESTAMP(3) because a page's position has milliseconds, as
-- JavaScript has (see 0004). A decided order says when, a rejected one why.

-- Up Migration
CREATE TABLE orders (
  id UUID PRIMARY KEY,
  user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
  currency CHAR(3) NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  status TEXT NOT NULL CHECK (status IN ('placed', 'confirmed', 'rejected')),
  placed_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
  decided_at TIMESTAMP(3) WITH TIME ZONE,
  rejection_reason TEXT,
  CHECK ((status = 'placed') = (decided_at IS NULL)),
  CHECK ((status = 'rejected') = (rejection_reason IS NOT NULL))
);
CREATE INDEX orders_user_id_placed_at_id_idx ON orders (user_id, placed_at DESC, id DESC);
GRANT SELECT, INSERT, UPDATE, DELETE ON orders TO user_service_app;

-- Down Migration
DROP TABLE orders;
