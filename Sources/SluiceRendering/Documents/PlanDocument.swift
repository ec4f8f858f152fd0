public import SluiceCore

/// What `plan` prints, and `run` before it asks.
public struct PlanDocument: Sendable {
    /// The plan on the fleet.
    public var plan: WavePlan
    /// The DaemonSet's namespace.
    public var namespace: String
    /// The DaemonSet's name.
    public var daemonSet: String
    /// What the cluster says to it before anything is touched.
    public var preflight: [PreflightFinding]

    /// What `plan` prints.
    public init(plan: WavePlan, namespace: String, daemonSet: String, preflight: [PreflightFinding]) {
        self.plan = plan
        self.namespace = namespace
        self.daemonSet = daemonSet
        self.preflight = preflight
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
        .object(PlanField.self) { field in
            switch field {
            case .digest: .string(plan.digest)
            case .daemonSet: .string("\(namespace)/\(daemonSet)")
            case .images: .images(plan.targetTemplate.images)
            case .updateRevision: .nullable(plan.updateRevision)
            case .needsPatch: .bool(plan.needsPatch)
            case .eligibleNodes: .count(plan.eligibleNodes.count)
            case .maxUnavailable: .count(plan.maxUnavailable)
            case .windows: .array(plan.calendar.windows.map(Self.json(of:)))
            case .freeze: .array(plan.calendar.freezes.map(Self.json(of:)))
            case .waves: .array(plan.waves.map(Self.json(of:)))
            case .excluded: .array(plan.excluded.map(Self.json(of:)))
            case .deferred: .array(plan.deferred.map(Self.json(of:)))
            case .placementChanges: .array(plan.placementChanges.map(Self.json(of:)))
            case .warnings: .strings(plan.warnings)
            case .estimate: Self.json(of: plan.estimate)
            case .expectedLeak: plan.expectedLeak.map(Self.json(of:)) ?? .null
            case .preflight: .array(preflight.map(Self.json(of:)))
            }
        }
    }

    private static func json(of window: RolloutCalendar.Window) -> OrderedJSON {
        .object(WindowField.self) { field in
            switch field {
            case .days: .strings(window.days.map(\.rawValue))
            case .from: .string(RolloutCalendar.Window.clock(window.from))
            case .to: .string(RolloutCalendar.Window.clock(window.to))
            case .timeZone: .string(window.zone.name)
            }
        }
    }

    private static func json(of freeze: RolloutCalendar.Freeze) -> OrderedJSON {
        .object(FreezeField.self) { field in
            switch field {
            case .from: .string(RolloutCalendar.Freeze.date(freeze.from))
            case .to: .string(RolloutCalendar.Freeze.date(freeze.to))
            case .reason: .nullable(freeze.reason.isEmpty ? nil : freeze.reason)
            case .timeZone: .string(freeze.zone.name)
            }
        }
    }

    private static func json(of wave: WavePlan.PlannedWave) -> OrderedJSON {
        .object(PlanWaveField.self) { field in
            switch field {
            case .name: .string(wave.name)
            case .nodes: .strings(wave.nodes)
            case .batches: .array(wave.batches.map(OrderedJSON.strings))
            case .soakSeconds: .integer(wave.soakSeconds)
            case .failuresAllowed: .count(wave.failuresAllowed)
            case .needsApproval: .bool(wave.needsApproval)
            case .observed: .strings(wave.observed)
            }
        }
    }

    private static func json(of exclusion: WavePlan.Exclusion) -> OrderedJSON {
        .object(ExcludedField.self) { field in
            switch field {
            case .node: .string(exclusion.node)
            case .reason: .string(exclusion.reason)
            case .kind: .string(exclusion.kind.rawValue)
            }
        }
    }

    private static func json(of deferral: WavePlan.Deferral) -> OrderedJSON {
        .object(DeferredField.self) { field in
            switch field {
            case .node: .string(deferral.node)
            case .reason: .string(deferral.reason)
            }
        }
    }

    private static func json(of change: WavePlan.PlacementChange) -> OrderedJSON {
        .object(PlacementField.self) { field in
            switch field {
            case .node: .string(change.node)
            case .gains: .bool(change.gains)
            case .reason: .string(change.reason)
            }
        }
    }

    private static func json(of finding: PreflightFinding) -> OrderedJSON {
        .object(PreflightField.self) { field in
            switch field {
            case .check: .string(finding.check.rawValue)
            case .subject: .string(finding.subject)
            case .outcome: .string(finding.outcome.rawValue)
            case .message: .nullable(finding.message)
            }
        }
    }

    private static func json(of estimate: WavePlan.Estimate) -> OrderedJSON {
        .object(EstimateField.self) { field in
            switch field {
            case .seconds: .integer(estimate.seconds)
            case .basis: .string(estimate.basis)
            }
        }
    }

    private static func json(of leak: LeakEstimate) -> OrderedJSON {
        .object(ExpectedLeakField.self) { field in
            switch field {
            case .nodes: leak.nodes.map(OrderedJSON.count) ?? .null
            case .basis: .string(leak.basis)
            }
        }
    }
}

extension OrderedJSON {
    static func images(_ images: [ContainerImage]) -> OrderedJSON {
        .array(
            images.map { image in
                .object(ImageField.self) { field in
                    switch field {
                    case .container: .string(image.container)
                    case .image: .string(image.image)
                    }
                }
            })
    }
}
