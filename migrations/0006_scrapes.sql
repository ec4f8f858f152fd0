-- What gates read from the pods' own metrics pages, which have no past: before a wave (span 'before') and in its soak
-- ('after'). `total` is the sum of a counter's increases or of a gauge's values, `weight` what it is spread over: a counter's
-- milliseconds, a gauge's scrapes.
CREATE TABLE scrape (
    rollout INTEGER NOT NULL,
    wave_index INTEGER NOT NULL,
    gate TEXT NOT NULL,
    span TEXT NOT NULL,
    node TEXT NOT NULL,
    -- Empty when no pod was read since the record was begun.
    pod_uid TEXT NOT NULL,
    kind TEXT NOT NULL,
    value REAL NOT NULL,
    measured_at INTEGER NOT NULL,
    total REAL NOT NULL,
    weight INTEGER NOT NULL,
    PRIMARY KEY (rollout, wave_index, gate, span, node),
    FOREIGN KEY (rollout, wave_index) REFERENCES wave (rollout, wave_index)
) STRICT, WITHOUT ROWID;
