-- What a node ran out of already when its pod's delete was written down: words of the API's conditions (`MemoryPressure`),
-- with commas between them. What is there before says nothing about the new version.
ALTER TABLE node ADD COLUMN pressures_before TEXT NOT NULL DEFAULT '';
