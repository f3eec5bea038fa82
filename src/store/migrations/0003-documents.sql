-- JSON documents of the resources beside calls, by kind.
CREATE TABLE documents (
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  owner TEXT NOT NULL,
  at INTEGER NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (kind, key)
) WITHOUT ROWID;
CREATE INDEX documents_owner ON documents (kind, owner, at, key);
CREATE INDEX documents_at ON documents (kind, at, key);
