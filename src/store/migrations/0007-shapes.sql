-- Conversations of before that have none of what came since: recordings, audio routing groups, mutes by others.
UPDATE conversations
SET state = json_insert(state, '$.audioRoutingGroups', json('[]'), '$.recordings', json('[]'))
WHERE json_type(state, '$.recordings') IS NULL;
UPDATE conversations
SET state = json_set(state, '$.participants', (
  SELECT json_group_array(json_insert(value, '$.serverMuted', json('false')))
  FROM json_each(state, '$.participants')
))
WHERE EXISTS (
  SELECT 1 FROM json_each(state, '$.participants') WHERE json_type(value, '$.serverMuted') IS NULL
);
