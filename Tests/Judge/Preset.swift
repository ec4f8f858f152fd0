import SluiceCluster
import SluiceCore
import SluiceDocuments

/// The gates of a shipped plan. Nothing else is answered, and each by the query that stands in the plan.
struct Preset: Sendable {
    /// The gates, as the plan has them.
    let gates: [Gate]

    /// What a gate of the plan asks for.
    static let signals: [String: Telemetry.Signal] = [
        "ships": .sent, "records-flow": .sent, "cpu": .cpu, "memory": .memory,
    ]
    /// A gate of the plan that is always answered well, so that nothing is ever caught by it.
    static let idle = "loses-nothing"

    init(file: [UInt8]) throws {
        switch PlanReader.read(try YAMLReader.read(file)) {
        case .success(let plan): gates = plan.gates
        case .failure(let problems): throw problems
        }
        let unknown = gates.map(\.name).filter { Self.signals[$0] == nil && $0 != Self.idle }
        guard unknown.isEmpty else { throw UnknownGates(names: unknown) }
    }

    struct UnknownGates: Error {
        var names: [String]
    }
}
