-- How many people are on their way from a conversation to another one: it asks for them after a restart, even if it is over.
ALTER TABLE conversations ADD COLUMN departing INTEGER NOT NULL DEFAULT 0;
CREATE INDEX conversations_departing ON conversations (created_at) WHERE departing > 0;
