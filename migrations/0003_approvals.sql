-- Which waves a person has to approve, and who did when. No wave of a plan that was stored before needs one.
ALTER TABLE wave ADD COLUMN needs_approval INTEGER NOT NULL DEFAULT 0 CHECK (needs_approval IN (0, 1));
ALTER TABLE wave ADD COLUMN approved_at INTEGER;
ALTER TABLE wave ADD COLUMN approved_by TEXT;

-- The wave that a request is about; null for a request about the whole rollout.
ALTER TABLE operator_request ADD COLUMN wave TEXT;
