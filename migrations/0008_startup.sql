-- How long the pod before took from its containers' start to Ready, in seconds: the new one is compared with it. Null when
-- it is not known or not comparable.
ALTER TABLE node ADD COLUMN startup_before INTEGER;
