-- What a delivery carries never changes, and how it fares does: apart, a try rewrites a short row.
CREATE TABLE notifications (
  ord INTEGER PRIMARY KEY,
  notification TEXT NOT NULL
);
INSERT INTO notifications SELECT ord, notification FROM deliveries ORDER BY ord;
ALTER TABLE deliveries DROP COLUMN notification;

-- Attempts name their delivery by its place in the order: a short key, and those of one time lie together.
CREATE TABLE short_attempts (
  ord INTEGER PRIMARY KEY,
  delivery INTEGER NOT NULL,
  number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  url TEXT NOT NULL,
  status INTEGER,
  error TEXT,
  latency REAL NOT NULL,
  answer TEXT,
  replay INTEGER NOT NULL
);
INSERT INTO short_attempts
  SELECT attempts.ord, deliveries.ord, attempts.number, at, url, status, error, latency, answer, replay
  FROM attempts JOIN deliveries ON deliveries.id = attempts.delivery_id ORDER BY attempts.ord;
DROP TABLE attempts;
ALTER TABLE short_attempts RENAME TO attempts;
CREATE INDEX attempts_delivery ON attempts (delivery);
