import SluiceCluster

/// A way for a collector to be bad, in four magnitudes, the reference among them: what a person would call that kind.
struct Kind: Sendable {
    /// How bad it is.
    struct Magnitude: Sendable {
        var name: String
        /// What the pods do, in the embedded cluster's words; empty when they live as good ones do.
        var behaviour = ""
        /// What the signals are multiplied by, by the minutes since the start; nil takes the series away.
        var effect: @Sendable (Telemetry.Signal, Double) -> Double? = { _, _ in 1 }
    }

    var name: String
    var magnitudes: [Magnitude]
    /// The magnitude that must be stopped in the first wave that holds an affected node.
    var reference: Int
    /// The nodes on which it is bad.
    var affects: @Sendable (Fleet.Member) -> Bool = { _ in true }

    /// Pods that live otherwise than good ones.
    private static func lives(
        _ name: String, _ behaviours: [(name: String, behaviour: String)], reference: Int = 3,
        on label: (key: String, value: String)? = nil
    ) -> Kind {
        Kind(
            name: name,
            magnitudes: behaviours.map { Magnitude(name: $0.name, behaviour: $0.behaviour) }, reference: reference,
            affects: { member in label.map { member.labels[$0.key] == $0.value } ?? true })
    }

    /// A kind that comes on a share of the nodes; which ones, the cluster draws by name.
    private static func shared(_ name: String, _ behaviour: String) -> Kind {
        lives(name, [10, 25, 50, 100].map { ("\($0) % of nodes", "\(behaviour)@\($0)%") })
    }

    /// One signal is multiplied.
    private static func multiplied(
        _ name: String, _ signals: [Telemetry.Signal], by factors: [Double], reference: Int
    ) -> Kind {
        Kind(
            name: name,
            magnitudes: factors.map { factor in
                Magnitude(name: "x \(factor)", effect: { signal, _ in signals.contains(signal) ? factor : 1 })
            }, reference: reference)
    }

    /// All of them, in the order of the list of what bad looks like.
    static let all: [Kind] = [
        shared("never Ready", "never-ready"),
        shared("crash loop", "crash-loop"),
        lives(
            "Ready, then crashes", [30, 60, 120, 300].map { ("after \($0) s", "ready-then-crash=\($0)") }, reference: 1),
        shared("image cannot be pulled", "image-pull-backoff"),
        shared("config error", "create-error"),
        lives("OOMKilled", [120, 300, 600, 800].map { ("after \($0 / 60) min", "oom-killed=\($0)") }, reference: 2),
        Kind(
            name: "memory that grows",
            magnitudes: [50.0, 100, 200, 400].map { percent in
                Magnitude(
                    name: "\(Int(percent)) % in 10 min",
                    effect: { signal, minutes in signal == .memory ? 1 + percent / 1_000 * max(0, minutes) : 1 })
            }, reference: 2),
        multiplied("processor time", [.cpu], by: [1.25, 1.5, 2, 4], reference: 2),
        lives(
            "liveness restarts", [180, 300, 420, 600].map { ("every \($0 / 60) min", "ready-then-crash=\($0)") },
            reference: 2),
        lives(
            "node turns NotReady", [60, 300, 600, 900].map { ("after \($0 / 60) min", "node-dies=\($0)") }, reference: 2
        ),
        lives(
            "node out of memory", [60, 300, 600, 900].map { ("after \($0 / 60) min", "node-pressure=\($0)") },
            reference: 2),
        multiplied("ships nothing", [.sent], by: [0.02, 0.01, 0.001, 0], reference: 3),
        multiplied("ships less", [.sent], by: [0.9, 0.75, 0.5, 0.25], reference: 2),
        multiplied("ships more than once", [.sent], by: [1.25, 1.5, 2, 4], reference: 2),
        Kind(
            name: "its series are gone",
            magnitudes: [0.0, 2, 4, 8].map { minutes in
                Magnitude(name: "after \(Int(minutes)) min", effect: { $0 == .sent && $1 >= minutes ? nil : 1 })
            }, reference: 0),
        // Longer than the plan's timeout, a start is no slow one any more.
        lives("slow start", [15, 45, 90, 110].map { ("\($0) s", "slow-ready=\($0)") }, reference: 2),
        lives(
            "slow start on arm64",
            [60, 180, 300, 600].map { ("\($0) s", "slow=\($0)@kubernetes.io/arch=arm64") },
            on: ("kubernetes.io/arch", "arm64")),
        lives(
            "fails in one zone",
            ["never-ready", "crash-loop", "create-error", "image-pull-backoff"].map {
                ($0, "\($0)@topology.kubernetes.io/zone=eu-west-1b")
            }, on: ("topology.kubernetes.io/zone", "eu-west-1b")),
    ]
}
