-- What became of a conversation since its state was last written whole; "version" is the one that a change leads to.
CREATE TABLE changes (
  ord INTEGER PRIMARY KEY,
  conversation_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  change TEXT NOT NULL,
  UNIQUE (conversation_id, version)
);
-- It follows from the state, and nobody asks for it.
ALTER TABLE conversations DROP COLUMN wake_at;
