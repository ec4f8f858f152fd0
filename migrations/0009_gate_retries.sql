-- How often a wave's soak began anew because the gate was in doubt. It outlives the driver, which must not begin it without end.
ALTER TABLE gate ADD COLUMN retries INTEGER NOT NULL DEFAULT 0;
