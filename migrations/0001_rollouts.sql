-- What Sluice remembers. Every instant (a column that ends in _at or _since) is in milliseconds since
-- 1970-01-01T00:00:00Z by the clock of the machine that wrote it. Every word (phase, status, verdict, reason, event) is
-- spelled as in docs/contract.md. Words are not checked here: a new word would otherwise need every row to be copied.

-- Who this database is. The id is drawn anew when a database is imported: the driver that holds the lock of its database
-- takes its own Lease back at once, and two copies with one id would both think that the Lease is theirs.
CREATE TABLE meta (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    database_id TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- One rollout. `number` is never reused, because it places the byte of the lock file that the rollout's driver locks.
CREATE TABLE rollout (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    cluster_uid TEXT NOT NULL,
    namespace TEXT NOT NULL,
    daemonset TEXT NOT NULL,
    daemonset_uid TEXT NOT NULL,
    plan_digest TEXT NOT NULL,
    update_revision TEXT,
    previous_revision TEXT,
    max_unavailable INTEGER NOT NULL,
    phase TEXT NOT NULL,
    reason TEXT,
    message TEXT NOT NULL,
    wave_index INTEGER NOT NULL,
    pause_reason TEXT,
    -- A JSON array of {"kind", "reason"}: always read and written as a whole.
    holds TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    finished_at INTEGER
) STRICT;

-- Two rollouts of one DaemonSet would each keep the budget and together break it.
CREATE UNIQUE INDEX rollout_active ON rollout (cluster_uid, daemonset_uid)
WHERE phase NOT IN ('completed', 'aborted');

CREATE INDEX rollout_by_daemonset ON rollout (namespace, daemonset);

-- The large parts of a rollout, which hardly ever change, apart from the row that changes in every turn.
CREATE TABLE rollout_document (
    rollout INTEGER PRIMARY KEY REFERENCES rollout (number),
    -- The plan file's bytes as they were read; bytes and not text, because the digest is over them.
    plan_text BLOB NOT NULL,
    -- Pod templates as JSON with sorted keys.
    base_template TEXT NOT NULL,
    target_template TEXT NOT NULL
) STRICT;

CREATE TABLE wave (
    rollout INTEGER NOT NULL REFERENCES rollout (number),
    wave_index INTEGER NOT NULL,
    name TEXT NOT NULL,
    plan_index INTEGER NOT NULL,
    batch_count INTEGER NOT NULL,
    planned_nodes INTEGER NOT NULL,
    -- Seconds, as in the plan.
    soak_seconds INTEGER NOT NULL,
    failures_allowed INTEGER NOT NULL,
    status TEXT NOT NULL,
    batch_index INTEGER NOT NULL,
    started_at INTEGER,
    soak_started_at INTEGER,
    passed_at INTEGER,
    PRIMARY KEY (rollout, wave_index)
) STRICT, WITHOUT ROWID;

CREATE TABLE node (
    rollout INTEGER NOT NULL REFERENCES rollout (number),
    node TEXT NOT NULL,
    -- Null for a node outside the waves.
    wave_index INTEGER,
    batch INTEGER NOT NULL,
    position INTEGER NOT NULL,
    status TEXT NOT NULL,
    reason TEXT,
    message TEXT NOT NULL,
    pod_uid TEXT,
    deleted_at INTEGER,
    updated_at INTEGER,
    is_leaked INTEGER NOT NULL CHECK (is_leaked IN (0, 1)),
    readiness_losses INTEGER NOT NULL,
    PRIMARY KEY (rollout, node),
    FOREIGN KEY (rollout, wave_index) REFERENCES wave (rollout, wave_index)
) STRICT, WITHOUT ROWID;

-- A gate's run in a wave. The rowid keeps the gates of a wave in the order of the plan.
CREATE TABLE gate (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    rollout INTEGER NOT NULL,
    wave_index INTEGER NOT NULL,
    gate TEXT NOT NULL,
    verdict TEXT NOT NULL,
    measurements INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    successes INTEGER NOT NULL,
    consecutive_no_data INTEGER NOT NULL,
    consecutive_errors INTEGER NOT NULL,
    message TEXT NOT NULL,
    measured_at INTEGER,
    UNIQUE (rollout, wave_index, gate),
    FOREIGN KEY (rollout, wave_index) REFERENCES wave (rollout, wave_index)
) STRICT;

-- What happened, in order; for people and audit, never replayed.
CREATE TABLE journal (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    rollout INTEGER NOT NULL REFERENCES rollout (number),
    happened_at INTEGER NOT NULL,
    event TEXT NOT NULL,
    wave TEXT,
    node TEXT,
    reason TEXT,
    message TEXT NOT NULL
) STRICT;

CREATE INDEX journal_by_rollout ON journal (rollout, number);

-- What people ask of a driver from another process. The driver marks a request consumed in the transaction that writes
-- down what it made of it, so a request takes effect once, whenever the driver dies.
CREATE TABLE operator_request (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    rollout INTEGER NOT NULL REFERENCES rollout (number),
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    consumed_at INTEGER
) STRICT;

CREATE INDEX operator_request_pending ON operator_request (rollout, number) WHERE consumed_at IS NULL;

-- The revisions of a DaemonSet that were ever seen. The cluster forgets old ones (revisionHistoryLimit); what a stale
-- node runs, and since when it is stale, can then only be told from here.
CREATE TABLE revision_observation (
    cluster_uid TEXT NOT NULL,
    daemonset_uid TEXT NOT NULL,
    revision TEXT NOT NULL,
    -- A JSON array of {"container", "image"}.
    images TEXT NOT NULL,
    -- When it was first seen as the update revision since it last became it; null when it never was.
    update_since INTEGER,
    last_seen_at INTEGER NOT NULL,
    PRIMARY KEY (cluster_uid, daemonset_uid, revision)
) STRICT, WITHOUT ROWID;

-- Which node ran which revision: one row for each pair that was ever seen.
CREATE TABLE node_observation (
    cluster_uid TEXT NOT NULL,
    daemonset_uid TEXT NOT NULL,
    node TEXT NOT NULL,
    revision TEXT NOT NULL,
    running_since INTEGER,
    first_seen_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    PRIMARY KEY (cluster_uid, daemonset_uid, node, revision)
) STRICT, WITHOUT ROWID;
