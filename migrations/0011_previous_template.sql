-- The template of the revision that most pods ran when the rollout was planned, so that it can be put back after the cluster
-- has forgotten it (revisionHistoryLimit). Null where the cluster did not remember it then, and in what was stored before.
ALTER TABLE rollout_document ADD COLUMN previous_template TEXT;
