public import SluiceCore

/// What `rehearse` prints.
public struct RehearsalDocument: Sendable {
    /// What the runs say together.
    public var report: RehearsalReport

    /// What `rehearse` prints.
    public init(_ report: RehearsalReport) {
        self.report = report
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
        .object(RehearsalField.self) { field in
            switch field {
            case .plan: .string(report.plan)
            case .daemonSet: .string("\(report.namespace)/\(report.daemonSet)")
            case .nodes: .count(report.nodes)
            case .blindAtStart: .count(report.blindAtStart)
            case .maxUnavailable: .count(report.maxUnavailable)
            case .waves: .count(report.waves)
            case .estimateSeconds: .integer(report.estimate.seconds)
            case .good: report.good.map(Self.json(of:)) ?? .null
            case .bad: .array(report.bad.map(Self.json(of:)))
            case .gates: .array(report.gates.map(Self.json(of:)))
            case .assumptions: Self.json(of: report.assumptions)
            }
        }
    }

    private static func json(of good: RehearsalReport.Good) -> OrderedJSON {
        .object(GoodField.self) { field in
            switch field {
            case .runs: .count(good.runs)
            case .completed: .count(good.completed)
            case .seconds: good.duration.map(seconds) ?? .null
            case .peakBlind: json(of: good.peakBlind)
            case .zones: .array(good.zones.map(json(of:)))
            case .leaks: json(of: good.leaks)
            case .stale: json(of: good.stale)
            case .endings: .array(good.endings.map(json(of:)))
            }
        }
    }

    private static func json(of bad: RehearsalReport.Bad) -> OrderedJSON {
        .object(BadField.self) { field in
            switch field {
            case .kind: .string(bad.kind)
            case .meaning: .string(bad.meaning)
            case .runs: .count(bad.runs)
            case .halted: .count(bad.halted)
            case .reached: json(of: bad.reached)
            case .seconds: bad.time.map(seconds) ?? .null
            case .needsGate: .bool(bad.needsGate)
            case .endings: .array(bad.endings.map(json(of:)))
            }
        }
    }

    /// A distribution of milliseconds in whole seconds.
    private static func seconds(_ distribution: Distribution) -> OrderedJSON {
        Distribution(distribution.values.map { $0 / 1_000 }).map(json(of:)) ?? .null
    }

    private static func json(of distribution: Distribution) -> OrderedJSON {
        .object(DistributionField.self) { field in
            switch field {
            case .min: .integer(distribution.least)
            case .p50: .integer(distribution.percentile(50))
            case .p95: .integer(distribution.percentile(95))
            case .max: .integer(distribution.greatest)
            case .mean: .double(hundredths(distribution.mean))
            }
        }
    }

    private static func hundredths(_ number: Double) -> Double { (number * 100).rounded() / 100 }

    private static func json(of zone: RehearsalReport.Zone) -> OrderedJSON {
        .object(RehearsalZoneField.self) { field in
            switch field {
            case .zone: .nullable(zone.name.isEmpty ? nil : zone.name)
            case .nodes: .count(zone.nodes)
            case .peakBlind: .count(zone.peakBlind)
            }
        }
    }

    private static func json(of ending: RehearsalReport.Ending) -> OrderedJSON {
        .object(EndingField.self) { field in
            switch field {
            case .phase: .string(ending.phase.rawValue)
            case .wave: .nullable(ending.wave)
            case .reason: .nullable(ending.reason?.rawValue)
            case .message: .nullable(ending.message.isEmpty ? nil : ending.message)
            case .runs: .count(ending.runs)
            }
        }
    }

    private static func json(of gate: RehearsalReport.Gate) -> OrderedJSON {
        .object(RehearsalGateField.self) { field in
            switch field {
            case .name: .string(gate.name)
            case .isModelled: .bool(gate.isModelled)
            case .reason: .nullable(gate.reason.isEmpty ? nil : gate.reason)
            }
        }
    }

    private static func json(of assumptions: RehearsalReport.Assumptions) -> OrderedJSON {
        .object(AssumptionField.self) { field in
            switch field {
            case .startSeconds: .integer(assumptions.startSeconds)
            case .startBasis: .string(assumptions.startBasis)
            case .stopSeconds: .integer(assumptions.stopSeconds)
            case .jitterPercent: .double(hundredths(assumptions.jitter * 100))
            case .churnPercentPerDay: .double(assumptions.churnPercentPerDay)
            }
        }
    }
}
