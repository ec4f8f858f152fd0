import SluiceClients
import SluiceCore
import SluiceRendering

/// What the Lease of a DaemonSet says about its rollout, for a machine that does not have the database.
struct LeaseDocument {
    let namespace: String
    let daemonSet: String
    let lease: LeaseCheckpoint

    func rendered(_ format: OutputFormat) -> String {
        let json = OrderedJSON.object(fields.map { OrderedJSON.Member($0.0, $0.1.map(OrderedJSON.string) ?? .null) })
        switch format {
        case .json: return json.pretty + "\n"
        case .yaml: return YAMLWriter.text(of: json)
        case .text, .wide:
            let lines = fields.compactMap { name, value in value.map { "\(name): \($0)" } }
            return lines.joined(separator: "\n") + "\n(from the Lease; the database of this rollout is elsewhere)\n"
        }
    }

    private var fields: [(String, String?)] {
        let checkpoint = RolloutCheckpoint(annotations: lease.values)
        return [
            ("id", checkpoint?.rollout), ("daemonSet", "\(namespace)/\(daemonSet)"),
            ("phase", checkpoint?.phase.rawValue), ("wave", checkpoint.flatMap { $0.wave.isEmpty ? nil : $0.wave }),
            ("soakStartedAt", checkpoint?.soakStartedAt?.rfc3339), ("plan", checkpoint?.plan),
            ("holder", lease.holder.isEmpty ? nil : lease.holder), ("renewedAt", lease.renewedAt?.rfc3339),
        ]
    }
}
