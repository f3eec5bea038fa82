-- Times are milliseconds since the Unix epoch; "ord" is the one order of everything recorded.
CREATE TABLE conversations (
  id TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  tenant_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  wake_at INTEGER,
  ended_at INTEGER,
  state TEXT NOT NULL
);
CREATE INDEX conversations_unfinished ON conversations (created_at) WHERE ended_at IS NULL;
CREATE INDEX conversations_ended ON conversations (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE calls (
  id TEXT PRIMARY KEY,
  conversation_id TEXT NOT NULL,
  app_id TEXT NOT NULL
);
CREATE INDEX calls_conversation ON calls (conversation_id);

CREATE TABLE deliveries (
  id TEXT PRIMARY KEY,
  ord INTEGER NOT NULL,
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
CREATE INDEX deliveries_pending ON deliveries (call_id, number) WHERE state = 'pending';
CREATE INDEX deliveries_conversation ON deliveries (conversation_id, ord);
CREATE INDEX deliveries_settled ON deliveries (settled_at) WHERE settled_at IS NOT NULL;
CREATE INDEX deliveries_order ON deliveries (ord);

CREATE TABLE attempts (
  delivery_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  ord INTEGER NOT NULL,
  at INTEGER NOT NULL,
  url TEXT NOT NULL,
  status INTEGER,
  error TEXT,
  latency REAL NOT NULL,
  answer TEXT,
  replay INTEGER NOT NULL,
  PRIMARY KEY (delivery_id, ord)
) WITHOUT ROWID;
CREATE INDEX attempts_order ON attempts (ord);

CREATE TABLE timeline (
  ord INTEGER PRIMARY KEY,
  conversation_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  command TEXT NOT NULL,
  request_id TEXT,
  events TEXT NOT NULL
);
CREATE INDEX timeline_conversation ON timeline (conversation_id, ord);
CREATE INDEX timeline_at ON timeline (at);

-- Answers to requests with an idempotency key.
CREATE TABLE answers (
  app_id TEXT NOT NULL,
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  at INTEGER NOT NULL,
  answer TEXT NOT NULL,
  PRIMARY KEY (app_id, key)
) WITHOUT ROWID;
CREATE INDEX answers_at ON answers (at);

CREATE TABLE scripts (
  key TEXT PRIMARY KEY,
  script TEXT NOT NULL
);

CREATE TABLE signing_keys (
  kid TEXT PRIMARY KEY,
  created_at INTEGER NOT NULL,
  private_jwk TEXT NOT NULL
);
