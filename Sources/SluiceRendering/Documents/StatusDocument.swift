public import SluiceCore

/// What `status` prints.
public struct StatusDocument: Sendable {
    /// The rollout's status.
    public var status: RolloutStatus

    /// What `status` prints.
    public init(_ status: RolloutStatus) {
        self.status = status
    }

    /// The document in one of its forms, ended by a line feed.
    public func rendered(_ format: OutputFormat, _ style: Style = Style()) -> String {
        switch format {
        case .text: text(style, isWide: false)
        case .wide: text(style, isWide: true)
        case .json: json.text(asYAML: false)
        case .yaml: json.text(asYAML: true)
        }
    }

    /// The document's fields, as documented in `docs/contract.md`.
    public var json: OrderedJSON {
        .object(StatusField.self) { field in
            switch field {
            case .id: .string(status.id)
            case .phase: .string(status.phase.rawValue)
            case .reason: .nullable(status.reason?.rawValue)
            case .message: .nullable(status.message.isEmpty ? nil : status.message)
            case .daemonSet: .string("\(status.namespace)/\(status.daemonSet)")
            case .updateRevision: .nullable(status.updateRevision)
            case .driver: .string(status.driver.rawValue)
            case .holds: .array(status.holds.map(Self.json(of:)))
            case .wave: .nullable(status.wave)
            case .nodes: Self.json(of: status.nodes)
            case .waves: .array(status.waves.map(Self.json(of:)))
            case .startedAt: .time(status.startedAt)
            case .changedAt: .time(status.changedAt)
            case .finishedAt: .time(status.finishedAt)
            case .untold: .array(status.untold.map(Self.json(of:)))
            case .next: .strings(status.next.map(\.command))
            }
        }
    }

    private static func json(of message: OutboxRecord) -> OrderedJSON {
        .object(UntoldField.self) { field in
            switch field {
            case .event: .string(message.message.event.rawValue)
            case .destination: .nullable(message.message.address.name)
            case .createdAt: .time(message.message.createdAt)
            case .attempts: .count(message.delivery.attempts)
            case .error: .nullable(message.delivery.lastError.isEmpty ? nil : message.delivery.lastError)
            case .isGivenUp: .bool(message.delivery.givenUpAt != nil)
            }
        }
    }

    private static func json(of hold: Hold) -> OrderedJSON {
        .object(HoldField.self) { field in
            switch field {
            case .kind: .string(hold.kind.rawValue)
            case .reason: .string(hold.reason)
            case .since: .time(hold.since)
            }
        }
    }

    static func json(of counts: RolloutStatus.Counts) -> OrderedJSON {
        .object(NodeCountField.self) { field in
            switch field {
            case .total: .count(counts.total)
            case .updated: .count(counts.updated)
            case .pending: .count(counts.pending)
            case .inFlight: .count(counts.inFlight)
            case .deferred: .count(counts.deferred)
            case .skipped: .count(counts.skipped)
            case .failed: .count(counts.failed)
            case .leaked: .count(counts.leaked)
            }
        }
    }

    private static func json(of wave: RolloutStatus.WaveLine) -> OrderedJSON {
        .object(StatusWaveField.self) { field in
            switch field {
            case .name: .string(wave.name)
            case .status: .string(wave.status.rawValue)
            case .nodes: .count(wave.nodes.total)
            case .updated: .count(wave.nodes.updated)
            case .pending: .count(wave.nodes.pending)
            case .inFlight: .count(wave.nodes.inFlight)
            case .deferred: .count(wave.nodes.deferred)
            case .skipped: .count(wave.nodes.skipped)
            case .failed: .count(wave.nodes.failed)
            case .batch: .count(wave.batch)
            case .batches: .count(wave.batches)
            case .soakSeconds: .integer(wave.soakSeconds)
            case .soakEndsAt: .time(wave.soakEndsAt)
            case .needsApproval: .bool(wave.needsApproval)
            case .approvedAt: .time(wave.approvedAt)
            case .approvedBy: .nullable(wave.approvedBy)
            case .gates: .array(wave.gates.map(json(of:)))
            }
        }
    }

    private static func json(of gate: GateRecord) -> OrderedJSON {
        .object(StatusGateField.self) { field in
            switch field {
            case .name: .string(gate.gate)
            case .verdict: .string(gate.verdict.rawValue)
            case .message: .nullable(gate.message.isEmpty ? nil : gate.message)
            }
        }
    }
}
