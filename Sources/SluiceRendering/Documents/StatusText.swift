import SluiceCore

extension StatusDocument {
    /// How many nodes of a kind are shown with their sentences; `wide` shows all.
    private static let noteLimit = 10
    /// The columns of a progress bar.
    private static let barWidth = 10
    /// The most columns of a wave's name in the tree; `wide` shows it whole.
    private static let nameLimit = 20
    /// The columns of the tree beside a wave's name: its branch, status, bar and numbers.
    private static let treeWidth = 34
    private static let labelWidth = 8

    func text(_ style: Style, isWide: Bool) -> String {
        var page = TextPage(style)
        addHead(to: &page)
        addTree(to: &page, isWide: isWide)
        if !status.holds.isEmpty {
            page.add(headline: "Waiting for", tone: .attention)
            for hold in status.holds {
                let age = hold.since.map { " (\(DurationText.text(from: $0, to: status.observedAt)))" } ?? ""
                page.add(hold.reason, first: "  \(hold.kind.rawValue)\(age): ", rest: "      ")
            }
        }
        addNotes("Failed", .bad, status.notes.filter { $0.status == .failed }, to: &page, isWide: isWide)
        addNotes("In flight", .plain, status.notes.filter(Self.isInFlight), to: &page, isWide: isWide)
        addNotes("Deferred", .attention, status.notes.filter { $0.status == .deferred }, to: &page, isWide: isWide)
        addNotes("Skipped", .attention, status.notes.filter { $0.status == .skipped }, to: &page, isWide: isWide)
        addNotes("Leaked", .attention, status.notes.filter(\.isLeaked), to: &page, isWide: isWide)
        addUntold(to: &page, isWide: isWide)
        if !status.next.isEmpty {
            page.add(headline: "Next")
            for step in status.next {
                // A command stays on one line, so that it can be copied.
                page.add(line: "  " + TextLayout.cleaned(step.command))
                page.add(step.purpose, first: "      ", tone: .muted)
            }
        }
        return page.text
    }

    /// The messages that nobody has got. Nobody asked for the Events, so that only `wide` shows those.
    private func addUntold(to page: inout TextPage, isWide: Bool) {
        let untold = status.untold.filter { isWide || $0.message.address != .cluster }
        guard !untold.isEmpty else { return }
        page.add(headline: "Not told: \(TextLayout.counted(untold.count, "message"))", tone: .attention)
        for record in isWide ? untold[...] : untold.suffix(Self.noteLimit) {
            let who = record.message.address.name ?? "the DaemonSet's Events"
            let fate = record.delivery.givenUpAt == nil ? "waits for the next try" : "given up"
            let tries = record.delivery.attempts == 0 ? "" : ", attempt \(record.delivery.attempts) failed"
            let why = record.delivery.lastError.isEmpty ? "" : ": \(record.delivery.lastError)"
            page.add("\(fate)\(tries)\(why)", first: "  \(who), \(record.message.event.rawValue): ", rest: "      ")
        }
        if !isWide, untold.count > Self.noteLimit {
            page.add("and \(untold.count - Self.noteLimit) earlier; -o wide lists them all", first: "  ", tone: .muted)
        }
    }

    private func addHead(to page: inout TextPage) {
        let counts = status.nodes
        let nodes = "\(counts.updated) of \(TextLayout.counted(counts.total, "node")) updated"
        page.add(
            "\(status.id) of \(status.namespace)/\(status.daemonSet): \(status.phase.rawValue), \(nodes)",
            tone: Self.tone(of: status.phase))
        let reason = status.reason.map { "\($0.rawValue): " } ?? ""
        if !reason.isEmpty || !status.message.isEmpty {
            page.add(label: "reason", reason + status.message, labelWidth: Self.labelWidth)
        }
        if let pause = status.pauseReason {
            page.add(label: "paused", pause.isEmpty ? "without a reason given" : pause, labelWidth: Self.labelWidth)
        }
        page.add(label: "revision", status.updateRevision ?? "not recorded yet", labelWidth: Self.labelWidth)
        let since = DurationText.text(from: status.startedAt, to: status.observedAt)
        let took = status.finishedAt.map { ", took \(DurationText.text(from: status.startedAt, to: $0))" } ?? ""
        page.add(label: "started", "\(status.startedAt.rfc3339), \(since) ago\(took)", labelWidth: Self.labelWidth)
        page.add(label: "driver", driverSentence, labelWidth: Self.labelWidth)
    }

    private var driverSentence: String {
        let changed = DurationText.text(from: status.changedAt, to: status.observedAt)
        switch status.driver {
        case .live: return "at work; last change \(changed) ago"
        case .gone: return "gone; nothing moves until `sluice resume`; last change \(changed) ago"
        case .none: return "none needed; last change \(changed) ago"
        }
    }

    private func addTree(to page: inout TextPage, isWide: Bool) {
        guard !status.waves.isEmpty else { return }
        page.addGap()
        let names = status.waves.map { wave in
            let name = TextLayout.cleaned(wave.name)
            return isWide ? name : TextLayout.cut(name, to: min(Self.nameLimit, page.style.width - Self.treeWidth))
        }
        let nameWidth = names.reduce(0) { max($0, $1.count) }
        let countWidth = status.waves.reduce(0) { max($0, Self.count(of: $1).count) }
        for (index, wave) in status.waves.enumerated() {
            let isLast = index == status.waves.count - 1
            let count = Self.count(of: wave)
            let parts = [
                TextLayout.padded(names[index], to: nameWidth), TextLayout.padded(wave.status.rawValue, to: 8),
                Self.bar(of: wave.nodes), String(repeating: " ", count: countWidth - count.count) + count,
            ]
            let head = (isLast ? "└─ " : "├─ ") + parts.joined(separator: "  ")
            let rest = (isLast ? "   " : "│  ") + "  "
            page.add(line: Self.tone(of: wave).applied(to: head, page.style))
            let details = details(of: wave)
            if !details.isEmpty { page.add(details, first: rest, rest: rest, tone: Self.tone(of: wave)) }
            for gate in wave.gates {
                page.add(
                    "gate \(gate.gate): \(gate.verdict.rawValue)" + (gate.message.isEmpty ? "" : ", \(gate.message)"),
                    first: rest, rest: rest + "  ", tone: Self.tone(of: gate.verdict))
            }
        }
    }

    private static func count(of wave: RolloutStatus.WaveLine) -> String { "\(wave.nodes.updated)/\(wave.nodes.total)" }

    private static func bar(of counts: RolloutStatus.Counts) -> String {
        let filled = counts.total == 0 ? 0 : counts.updated * barWidth / counts.total
        return "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: barWidth - filled) + "]"
    }

    private func details(of wave: RolloutStatus.WaveLine) -> String {
        var details: [String] = []
        switch wave.status {
        case .pending, .passed: break
        case .updating:
            details.append(
                wave.batch > wave.batches ? "last round" : "batch \(wave.batch) of \(wave.batches)")
        case .soaking:
            if let end = wave.soakEndsAt {
                let left = DurationText.text(from: status.observedAt, to: end)
                details.append(end > status.observedAt ? "\(left) of the soak left" : "soak is over")
            }
        }
        if let who = wave.approvedBy {
            details.append("approved by \(who)")
        } else if wave.needsApproval, wave.status == .pending {
            details.append("needs an approval")
        }
        if wave.nodes.inFlight > 0 { details.append("\(wave.nodes.inFlight) in flight") }
        if wave.nodes.deferred > 0 { details.append("\(wave.nodes.deferred) deferred") }
        if wave.nodes.skipped > 0 { details.append("\(wave.nodes.skipped) skipped") }
        if wave.nodes.failed > 0 { details.append("\(wave.nodes.failed) failed") }
        return details.joined(separator: ", ")
    }

    private static func isInFlight(_ note: RolloutStatus.NodeNote) -> Bool {
        note.status == .deleting || note.status == .replacing
    }

    private func addNotes(
        _ title: String, _ tone: Tone, _ notes: [RolloutStatus.NodeNote], to page: inout TextPage, isWide: Bool
    ) {
        guard !notes.isEmpty else { return }
        page.add(headline: "\(title): \(TextLayout.counted(notes.count, "node"))", tone: tone)
        for note in isWide ? notes[...] : notes.prefix(Self.noteLimit) {
            let wave = note.wave.map { " (\(isWide ? $0 : TextLayout.cut($0, to: Self.nameLimit)))" } ?? ""
            let age = Self.isInFlight(note) ? note.deletedAt.map(age(of:)) ?? "" : ""
            let message = age.isEmpty ? note.message : note.message.prefix(1).uppercased() + note.message.dropFirst()
            page.add(age + message, first: "  \(note.node)\(wave): ", rest: "      ")
        }
        if !isWide, notes.count > Self.noteLimit {
            page.add("and \(notes.count - Self.noteLimit) more; -o wide lists them all", first: "  ", tone: .muted)
        }
    }

    private func age(of deletion: Timestamp) -> String {
        "deleted \(DurationText.text(from: deletion, to: status.observedAt)) ago. "
    }

    static func tone(of phase: Phase) -> Tone {
        switch phase {
        case .preparing, .updating, .soaking: .plain
        case .halted, .aborted: .bad
        case .completed: .good
        }
    }

    private static func tone(of wave: RolloutStatus.WaveLine) -> Tone {
        guard wave.nodes.failed == 0 else { return .bad }
        switch wave.status {
        case .pending: return .muted
        case .updating, .soaking: return .plain
        case .passed: return .good
        }
    }

    private static func tone(of verdict: GateRecord.Verdict) -> Tone {
        switch verdict {
        case .running: .plain
        case .passed: .good
        case .failed: .bad
        case .noData, .inconclusive, .error: .attention
        }
    }
}
