-- Messages to be sent: notifications of the plan's destinations and Events about the DaemonSet. A row is written with the
-- journal line that it speaks of, and kept when it is done.
CREATE TABLE outbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    rollout INTEGER NOT NULL REFERENCES rollout (number),
    -- The destination's name in the plan; empty for an Event.
    destination TEXT NOT NULL,
    event TEXT NOT NULL,
    -- Names the notification to whoever gets it twice.
    key TEXT NOT NULL,
    -- What is sent, byte for byte. Holds no secret.
    body BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    last_error TEXT NOT NULL,
    sent_at INTEGER,
    given_up_at INTEGER,
    UNIQUE (rollout, destination, key)
) STRICT;

CREATE INDEX outbox_unsent ON outbox (rollout, number) WHERE sent_at IS NULL AND given_up_at IS NULL;
