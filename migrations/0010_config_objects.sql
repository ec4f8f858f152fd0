-- The ConfigMaps and Secrets that a rollout's target template reads, each as it was seen last: in which state, and never what
-- is in it.
CREATE TABLE config_object (
    rollout INTEGER NOT NULL REFERENCES rollout (number),
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    standing TEXT NOT NULL,
    -- Empty for one that was not there.
    uid TEXT NOT NULL,
    resource_version TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (rollout, kind, name)
) STRICT, WITHOUT ROWID;
