-- Since when the new pod of an updated node has been Ready, by the kubelet's clock: another time on the next look means
-- that its readiness was lost while nobody watched. Null for a node that was not seen updated.
ALTER TABLE node ADD COLUMN ready_at INTEGER;
