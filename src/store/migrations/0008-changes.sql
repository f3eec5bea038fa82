-- What became of a conversation since its state was last written whole stands beside what happened. "version" is the one
-- that a commit led to; commits that wrote the state whole have no "change".
ALTER TABLE timeline ADD COLUMN version INTEGER;
ALTER TABLE timeline ADD COLUMN change TEXT;
DROP INDEX timeline_conversation;
CREATE INDEX timeline_conversation ON timeline (conversation_id, version);
-- It follows from the state, and nobody asks for it.
ALTER TABLE conversations DROP COLUMN wake_at;
