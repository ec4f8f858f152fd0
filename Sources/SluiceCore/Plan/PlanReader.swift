/// Reads a plan file: from a document with places to a plan, or to everything that is wrong with it.
public struct PlanReader {
    var checker = PlanChecker()
    let zones: ZoneDatabase

    /// The plan that a document holds, or all of its problems at once.
    ///
    /// First the document is compared with the table of fields (unknown and missing keys, types, ranges, names), then
    /// the fields with each other. Everything that can be known without a cluster is known after this.
    ///
    /// - Parameters:
    ///   - document: the file.
    ///   - zones: where the time zones of windows and freezes are looked up.
    public static func read(
        _ document: Document, zones: ZoneDatabase = .utcOnly
    ) -> Result<RolloutPlan, PlanProblems> {
        var reader = PlanReader(zones: zones)
        if let other = otherFile(document) { return .failure(PlanProblems([other])) }
        reader.checker.check(document, is: .section(PlanFields.file), at: "")
        let plan = reader.plan(document)
        guard reader.checker.problems.isEmpty else { return .failure(PlanProblems(reader.checker.problems)) }
        return .success(plan)
    }

    /// The one thing to say about a file of another kind, whose every key would be unknown.
    private static func otherFile(_ document: Document) -> PlanProblem? {
        guard let kind = document["kind"], case .string(let name) = kind.content, name != PlanFields.kind,
            document["apiVersion"]?.content != .string(PlanFields.apiVersion)
        else { return nil }
        return PlanProblem(
            at: kind.position, path: "kind",
            "expected \(PlanFields.kind) of \(PlanFields.apiVersion), found \(PlanChecker.found(kind)); "
                + "this file is no rollout plan")
    }

    private mutating func plan(_ document: Document) -> RolloutPlan {
        let spec = document["spec"]
        let gates = gates(spec?["gates"], at: "spec.gates", taken: [:])
        if spec?["images"] != nil, let revision = spec?.entry("revision") {
            checker.report(
                revision.keyPosition, "spec.revision",
                "expected only one of `images`, `revision`, found both; a revision has its images")
        }
        return RolloutPlan(
            name: document["metadata"]?["name"]?.text ?? "",
            namespace: spec?["daemonSet"]?["namespace"]?.text,
            daemonSet: spec?["daemonSet"]?["name"]?.text ?? "",
            images: spec?["images"]?.entries.map {
                ContainerImage(container: $0.key, image: $0.value.text ?? "")
            } ?? [],
            revision: spec?["revision"]?.text,
            budget: budget(spec?["budget"]),
            readiness: readiness(spec?["readiness"]),
            calendar: calendar(spec), blockers: blockers(spec?["blockers"]),
            deletion: spec?["deletion"]?.word() ?? .delete,
            onStrategyChanged: spec?["onStrategyChanged"]?.word() ?? .reassert,
            onFailure: spec?["onFailure"]?.word() ?? .halt,
            onImageChanged: spec?["onImageChanged"]?.word() ?? .halt,
            onConfigChanged: spec?["onConfigChanged"]?.word() ?? .warn, leak: leak(spec),
            maxLeaked: spec?["maxLeaked"].flatMap(PlanAmount.amount),
            gates: gates,
            waves: waves(spec?["waves"], planGates: spec?["gates"]),
            notifications: notifications(spec?["notifications"]))
    }

    /// Parking needs another template to put back.
    private mutating func leak(_ spec: Document?) -> LeakPolicy {
        guard let value = spec?["leak"], let policy: LeakPolicy = value.word() else { return .allow }
        if policy == .park, spec?["images"] == nil, spec?["revision"] == nil {
            checker.report(
                value.position, "spec.leak",
                "expected `images` or `revision` beside `park`: without them the template that stands is the one that is "
                    + "rolled out, and there is none to put back")
        }
        return policy
    }

    private mutating func budget(_ value: Document?) -> Budget {
        var caps: [Budget.LabelCap] = []
        var places: [String: Document.Position] = [:]
        for (index, item) in (value?["perLabel"]?.elements ?? []).enumerated() {
            guard let key = item["key"], let name = key.text else { continue }
            unique(key, name, in: &places, at: "spec.budget.perLabel[\(index)].key", "a cap for the label")
            guard let most = item["maxUnavailable"].flatMap(PlanAmount.amount) else { continue }
            caps.append(Budget.LabelCap(key: name, maxUnavailable: most))
        }
        return Budget(
            maxUnavailable: value?["maxUnavailable"].flatMap(PlanAmount.amount), perLabel: caps,
            waitTimeoutSeconds: value?["waitTimeout"]?.seconds ?? Budget.defaultWaitTimeoutSeconds)
    }

    private func readiness(_ value: Document?) -> Readiness {
        Readiness(
            minReadySeconds: value?["minReadySeconds"]?.whole ?? 0, timeoutSeconds: value?["timeout"]?.seconds,
            restartsAllowed: Int(value?["restartsAllowed"]?.whole ?? 0),
            startupFactor: value?["startupFactor"]?.whole ?? Readiness.defaultStartupFactor)
    }
}

extension PlanReader {
    /// The gates of a list whose names must differ from each other and from those in `taken`.
    private mutating func gates(
        _ value: Document?, at path: String, taken: [String: Document.Position]
    ) -> [Gate] {
        var places = taken
        return (value?.elements ?? []).enumerated().map { index, item in
            let itemPath = "\(path)[\(index)]"
            if let name = item["name"], let text = name.text {
                unique(name, text, in: &places, at: "\(itemPath).name", "a gate named")
            }
            if let count = item["count"]?.whole, let limit = item["failureLimit"], let most = limit.whole, most >= count
            {
                checker.report(
                    limit.position, "\(itemPath).failureLimit",
                    "expected less than the count of \(count), found \(most); this gate could never fail")
            }
            let server = item["prometheus"]
            checkAccess(server, server?["address"]?.text ?? "", at: "\(itemPath).prometheus")
            checkScrape(item, at: itemPath)
            checkAccess(item["webhook"], item["webhook"]?["url"]?.text ?? "", at: "\(itemPath).webhook")
            return gate(item)
        }
    }

    private func gate(_ item: Document) -> Gate {
        return Gate(
            name: item["name"]?.text ?? "",
            provider: provider(item),
            criterion: criterion(item), at: item["at"]?.word() ?? .soak, isDryRun: item["dryRun"] != nil,
            intervalSeconds: item["interval"]?.seconds ?? 30, initialDelaySeconds: item["initialDelay"]?.seconds ?? 0,
            count: item["count"]?.whole.map(Int.init), failureLimit: Int(item["failureLimit"]?.whole ?? 0),
            inconclusiveLimit: Int(item["inconclusiveLimit"]?.whole ?? 3),
            consecutiveErrorLimit: Int(item["consecutiveErrorLimit"]?.whole ?? 4), onFailure: item["onFailure"]?.word(),
            onNoData: item["onNoData"]?.doubtPolicy ?? .halt,
            onInconclusive: item["onInconclusive"]?.doubtPolicy ?? .halt,
            onError: item["onError"]?.doubtPolicy ?? .halt)
    }

    private func criterion(_ item: Document) -> Gate.Criterion {
        guard item["webhook"] == nil else { return .consent }
        guard let value = item["comparison"] else {
            let condition = item["successCondition"]?.text.flatMap(Gate.Condition.init(text:))
            return .threshold(condition ?? Gate.Condition(.equal, 0))
        }
        var comparison = Comparison(
            worse: value["worse"]?.word() ?? .different,
            tolerance: value["tolerance"]?.text.flatMap(Comparison.tolerance) ?? Comparison.defaultTolerance)
        comparison.nodeLabel = value["nodeLabel"]?.text ?? comparison.nodeLabel
        if item["scrape"] != nil { comparison.baselineSeconds = PlanFields.scrapeBaselineSeconds }
        comparison.baselineSeconds = value["baseline"]?.seconds ?? comparison.baselineSeconds
        return .comparison(comparison)
    }
}

extension PlanReader {
    private mutating func waves(_ value: Document?, planGates: Document?) -> [Wave] {
        var places: [String: Document.Position] = [:]
        var planGateNames: [String: Document.Position] = [:]
        for gate in planGates?.elements ?? [] {
            if let name = gate["name"], let text = name.text { planGateNames[text] = name.position }
        }
        let items = value?.elements ?? []
        checkLastWave(items)
        return items.enumerated().map { index, item in
            let path = "spec.waves[\(index)]"
            if let name = item["name"], let text = name.text {
                unique(name, text, in: &places, at: "\(path).name", "a wave named")
            }
            checkFieldsTogether(item, at: path)
            return Wave(
                name: item["name"]?.text ?? "", members: members(item, at: path),
                take: item["take"].flatMap(PlanAmount.amount), spreadOver: item["spreadOver"]?.text,
                forEach: item["forEach"]?.text,
                batches: (item["batches"]?.elements ?? []).compactMap(PlanAmount.amount),
                soakSeconds: item["soak"]?.seconds ?? 0,
                failuresAllowed: item["failuresAllowed"].flatMap(PlanAmount.amount),
                onFailure: item["onFailure"]?.word(),
                needsApproval: item["approval"]?.text == PlanFields.approvalRequired,
                gates: gates(item["gates"], at: "\(path).gates", taken: planGateNames))
        }
    }

    private mutating func checkLastWave(_ items: [Document]) {
        let catchAlls = items.indices.filter { items[$0].entry("everythingElse") != nil }
        for index in catchAlls {
            guard let key = items[index].entry("everythingElse")?.keyPosition else { continue }
            let path = "spec.waves[\(index)].everythingElse"
            if index != catchAlls.last {
                checker.report(key, path, "expected this only in the last wave; the waves after it would get no node")
            } else if let first = catchAlls.first, first != index {
                checker.report(
                    key, path, "expected one wave with everythingElse, found a second one; spec.waves[\(first)] has it")
            } else if index != items.count - 1 {
                checker.report(key, path, "expected this only in the last wave; the waves after it would get no node")
            }
        }
    }

    private mutating func checkFieldsTogether(_ item: Document, at path: String) {
        if item["everythingElse"] != nil, let take = item.entry("take") {
            checker.report(
                take.keyPosition, "\(path).take",
                "expected no `take` beside `everythingElse`: the nodes that it leaves out would be in no wave")
        }
        if let spread = item["spreadOver"], let key = spread.text, key == item["forEach"]?.text {
            checker.report(
                spread.position, "\(path).spreadOver",
                "expected another label than that of `forEach`: each of its waves has only one value of \(key)")
        }
    }

    private mutating func members(_ item: Document, at path: String) -> Wave.Members {
        if let selector = item["selector"] { return .selector(self.selector(selector, at: "\(path).selector")) }
        guard let nodes = item["nodes"] else { return .everythingElse }
        var places: [String: Document.Position] = [:]
        for (index, node) in nodes.elements.enumerated() {
            guard let name = node.text else { continue }
            unique(node, name, in: &places, at: "\(path).nodes[\(index)]", "the node")
        }
        return .nodes(nodes.elements.compactMap(\.text))
    }

    mutating func selector(_ value: Document, at path: String) -> LabelSelector {
        if value.content == .mapping([]) {
            checker.report(
                value.position, path,
                "expected matchLabels or matchExpressions, found an empty selector, which matches every node; "
                    + "write `everythingElse: true` instead of the selector if that is meant")
        }
        var labels: [String: String] = [:]
        for entry in value["matchLabels"]?.entries ?? [] { labels[entry.key] = entry.value.text }
        let expressions = (value["matchExpressions"]?.elements ?? []).enumerated().compactMap {
            requirement($1, at: "\(path).matchExpressions[\($0)]")
        }
        return LabelSelector(matchLabels: labels, matchExpressions: expressions)
    }

    private mutating func requirement(_ item: Document, at path: String) -> LabelSelector.Requirement? {
        guard let comparison: LabelSelector.Requirement.Operator = item["operator"]?.word() else { return nil }
        let values = item.entry("values")
        switch comparison {
        case .in, .notIn:
            if values == nil {
                checker.report(
                    item.position, "\(path).values",
                    "expected at least one value for \(comparison.rawValue), found none")
            }
        case .exists, .doesNotExist:
            if let values {
                checker.report(
                    values.keyPosition, "\(path).values",
                    "expected no values beside \(comparison.rawValue); use In or NotIn to compare values")
            }
        }
        return LabelSelector.Requirement(
            key: item["key"]?.text ?? "", operator: comparison,
            values: (values?.value.elements ?? []).compactMap(\.text))
    }

    /// Notes a name that stood before.
    mutating func unique(
        _ value: Document, _ name: String, in places: inout [String: Document.Position], at path: String, _ what: String
    ) {
        if let first = places[name] {
            checker.report(
                value.position, path, "expected another name: \(what) `\(name)` stands at \(first.line):\(first.column)"
            )
        } else {
            places[name] = value.position
        }
    }
}
