-- Rows lie in the order in which they came, so that a commit touches few pages of the file.
CREATE TABLE ordered_deliveries (
  ord INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  conversation_id TEXT NOT NULL,
  call_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  app_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  first_attempt_at INTEGER,
  settled_at INTEGER,
  notification TEXT NOT NULL,
  body TEXT,
  UNIQUE (call_id, number)
);
INSERT INTO ordered_deliveries
  SELECT ord, id, conversation_id, call_id, number, app_id, created_at, state, attempts, first_attempt_at, settled_at,
         notification, body
  FROM deliveries ORDER BY ord;
DROP TABLE deliveries;
ALTER TABLE ordered_deliveries RENAME TO deliveries;
CREATE INDEX deliveries_pending ON deliveries (call_id, number) WHERE state = 'pending';
CREATE INDEX deliveries_conversation ON deliveries (conversation_id);
CREATE INDEX deliveries_settled ON deliveries (settled_at) WHERE settled_at IS NOT NULL;

CREATE TABLE ordered_attempts (
  ord INTEGER PRIMARY KEY,
  delivery_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  url TEXT NOT NULL,
  status INTEGER,
  error TEXT,
  latency REAL NOT NULL,
  answer TEXT,
  replay INTEGER NOT NULL
);
INSERT INTO ordered_attempts
  SELECT ord, delivery_id, number, at, url, status, error, latency, answer, replay FROM attempts ORDER BY ord;
DROP TABLE attempts;
ALTER TABLE ordered_attempts RENAME TO attempts;
CREATE INDEX attempts_delivery ON attempts (delivery_id);
