/// The identity of what a person approves.
enum PlanDigest {
    /// `sha256:` and 64 hexadecimal digits over the plan's bytes, the DaemonSet's uid, the target template and the nodes of
    /// every wave and batch. Every part is preceded by its length, so that no two inputs look alike.
    static func digest(
        planText: [UInt8], daemonSetUID: String, template: PodTemplate, waves: [WavePlan.PlannedWave]
    ) -> String {
        var hash = SHA256()
        add(planText, to: &hash)
        add(daemonSetUID.utf8, to: &hash)
        add(template.json.serialized.utf8, to: &hash)
        add(count: waves.count, to: &hash)
        for wave in waves {
            add(wave.name.utf8, to: &hash)
            add(count: wave.batches.count, to: &hash)
            for batch in wave.batches {
                add(count: batch.count, to: &hash)
                for node in batch { add(node.utf8, to: &hash) }
            }
        }
        return "sha256:" + hash.hexDigest()
    }

    private static func add(_ bytes: some Collection<UInt8>, to hash: inout SHA256) {
        add(count: bytes.count, to: &hash)
        hash.update(bytes)
    }

    private static func add(count: Int, to hash: inout SHA256) {
        hash.update((0..<8).map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) })
    }
}
