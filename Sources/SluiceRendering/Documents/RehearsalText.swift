import SluiceCore

extension RehearsalDocument {
    private static let labelWidth = 17
    /// How many zones are shown; `wide` shows all.
    private static let zoneLimit = 4

    func text(_ style: Style, isWide: Bool) -> String {
        var page = TextPage(style)
        if let good = report.good { addGood(good, to: &page, isWide: isWide) }
        if !report.bad.isEmpty { addBad(to: &page, isWide: isWide) }
        addAssumptions(to: &page)
        return page.text
    }

    // MARK: A good version

    private func addGood(_ good: RehearsalReport.Good, to page: inout TextPage, isWide: Bool) {
        let all = good.completed == good.runs
        page.add(
            "A good version completes in \(all ? "all" : "\(good.completed) of") \(TextLayout.counted(good.runs, "run")) "
                + "(\(report.namespace)/\(report.daemonSet), \(TextLayout.counted(report.nodes, "node")), "
                + "\(TextLayout.counted(report.waves, "wave"))).",
            tone: all ? .good : .bad)
        func add(_ label: String, _ text: String) { page.add(label: label, text, labelWidth: Self.labelWidth) }
        if let duration = good.duration {
            let estimate = DurationText.text(seconds: report.estimate.seconds)
            add("takes", "\(Self.spread(duration, Self.time)); the plan's estimate: \(estimate)")
        }
        let start =
            report.blindAtStart == 0
            ? "" : "; besides \(TextLayout.counted(report.blindAtStart, "node")) that had none when it began"
        add(
            "without collector",
            "at most \(good.peakBlind.greatest) of \(TextLayout.counted(report.nodes, "node")) at once "
                + "(p50 \(good.peakBlind.percentile(50))), budget \(report.maxUnavailable)\(start)")
        if good.zones.count > 1 { add("by zone", zones(good.zones, isWide: isWide)) }
        add(
            "leaks",
            "\(Self.tenths(good.leaks.mean)) nodes expected to get the new version outside their wave, by churn "
                + "(p95 \(good.leaks.percentile(95)), at most \(good.leaks.greatest))")
        if good.stale.greatest > 0 {
            add("left over", "\(Self.spread(good.stale) { String($0) }) nodes without the new version at the end")
        }
        for ending in good.endings where ending.phase != .completed {
            add("\(ending.runs) of \(good.runs)", Self.sentence(of: ending))
        }
    }

    private func zones(_ zones: [RehearsalReport.Zone], isWide: Bool) -> String {
        let shown = isWide ? zones[...] : zones.prefix(Self.zoneLimit)
        let texts = shown.map { "\($0.name.isEmpty ? "no zone" : $0.name) \($0.peakBlind) of \($0.nodes)" }
        let more = zones.count - shown.count
        return texts.joined(separator: ", ") + (more > 0 ? " and \(more) more (-o wide)" : "")
    }

    private static func time(_ milliseconds: Int64) -> String { DurationText.text(seconds: milliseconds / 1_000) }

    private static func spread(_ distribution: Distribution, _ text: (Int64) -> String) -> String {
        let (least, greatest) = (text(distribution.least), text(distribution.greatest))
        guard least != greatest else { return least }
        return "p50 \(text(distribution.percentile(50))), p95 \(text(distribution.percentile(95))) "
            + "(\(least) to \(greatest))"
    }

    private static func tenths(_ number: Double) -> String {
        let tenths = Int64((number * 10).rounded())
        return tenths == 0 && number > 0 ? "below 0.1" : "\(tenths / 10).\(tenths % 10)"
    }

    private static func sentence(of ending: RehearsalReport.Ending) -> String {
        let place = ending.wave.map { " in wave \($0)" } ?? ""
        let why = ending.reason.map { " (\($0.rawValue))" } ?? ""
        let words = ending.message.isEmpty ? "" : ": \(ending.message)"
        switch ending.phase {
        case .halted, .aborted, .completed: return "\(ending.phase.rawValue)\(place)\(why)\(words)"
        case .preparing, .updating, .soaking: return "never ended\(place)"
        }
    }

    // MARK: Bad versions

    private func addBad(to page: inout TextPage, isWide: Bool) {
        let least = report.bad.map(\.runs).min() ?? 0
        page.add(headline: "A bad version reaches, in \(TextLayout.counted(least, "run")) of each kind:")
        var table = TextTable(
            columns: [
                .init("Kind"), .init("p50", .right), .init("Most", .right), .init("Halted", .right),
                .init("After", .right), .init("Wave", isFlexible: true), .init("Because"),
            ],
            rows: report.bad.map { bad in
                let ending = bad.endings.first { $0.phase != .completed } ?? bad.endings.first
                let isStopped = bad.halted > 0
                return [
                    .init(bad.kind), .init(String(bad.reached.percentile(50))),
                    .init(String(bad.reached.greatest), bad.halted == bad.runs ? .plain : .bad),
                    .init(Self.share(bad.halted, of: bad.runs), bad.halted == bad.runs ? .good : .bad),
                    .init(bad.time.map { Self.time($0.percentile(50)) } ?? ""),
                    .init(isStopped ? ending?.wave ?? "" : ""),
                    .init(isStopped ? ending?.reason?.rawValue ?? "" : "nothing stopped it"),
                ]
            })
        if isWide {
            table.columns.append(.init("Meaning"))
            for (index, bad) in report.bad.enumerated() { table.rows[index].append(.init(bad.meaning)) }
        }
        page.add(table, isWide: isWide)
        let blindKinds = report.bad.filter(\.needsGate).map(\.kind)
        if !blindKinds.isEmpty, !report.gates.contains(where: \.isModelled) {
            page.add(
                "Only a gate can see \(blindKinds.joined(separator: " and ")), and no gate of this plan is modelled.",
                first: "  ", tone: .attention)
        }
    }

    /// Less than all is never rounded up to all, and more than none never down to none.
    private static func share(_ part: Int, of whole: Int) -> String {
        guard part > 0, part < whole else { return part == 0 ? "never" : "always" }
        return "\(min(99, max(1, part * 100 / whole))) %"
    }

    // MARK: Assumptions

    private func addAssumptions(to page: inout TextPage) {
        let assumed = report.assumptions
        page.add(headline: "Modelled and assumed:")
        func add(_ text: String) { page.add(text, first: "  - ") }
        let jitter = Self.number(assumed.jitter * 100)
        add(
            "A pod is Ready \(assumed.startSeconds) s after its creation (\(assumed.startBasis)) and ends "
                + "\(assumed.stopSeconds) s after its delete, each up to \(jitter) % more or less; no image is downloaded."
        )
        add(
            "Churn of \(Self.number(assumed.churnPercentPerDay)) % of the nodes a day: half of them are replaced by a "
                + "new node, half lose their pod to somebody else.")
        for gate in report.gates {
            add(
                gate.isModelled
                    ? "Gate \(gate.name) is modelled; functions over a time give the value of the moment."
                    : "Gate \(gate.name) is not modelled and always passes: \(gate.reason).")
        }
        if report.gates.isEmpty { add("The plan has no gates: nothing sees what Kubernetes does not see.") }
        if report.needsApproval { add("Every approval is given at once: nobody knows how long people take.") }
        if report.hasCalendar {
            add("Windows and freezes are waited for in modelled time, which begins when the fleet was read.")
        }
        add(
            "NotReady nodes stay so and broken pods stay broken until they are replaced; the API server never fails, and "
                + "the controller makes pods as fast as they are needed.")
    }

    /// Without a fraction where there is none.
    private static func number(_ number: Double) -> String {
        number == number.rounded() && abs(number) < 1e15 ? String(Int64(number)) : String(number)
    }
}
