-- Who brought a command, as far as its name does not say.
ALTER TABLE timeline ADD COLUMN origin TEXT;

-- Which conversation a call, participant or operation is or was in, for as long as the timeline tells of it.
CREATE TABLE subjects (
  id TEXT PRIMARY KEY,
  conversation_id TEXT NOT NULL,
  at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX subjects_at ON subjects (at);
