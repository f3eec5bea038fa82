-- Changes that lie over the directory file, by the kind and id of their entry.
CREATE TABLE directory (
  key TEXT PRIMARY KEY,
  change TEXT NOT NULL
);
