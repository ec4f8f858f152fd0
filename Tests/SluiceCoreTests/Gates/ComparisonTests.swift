import Testing

@testable import SluiceCore

/// What a comparison makes of levels before and after.
@Suite("Comparison")
struct ComparisonTests {
    /// Others that all did the same but for a little noise, and updated nodes of which each changed by a factor.
    private func levels(
        _ factors: [Double], others: Int = 20, drift: Double = 1, level: Double = 100
    ) -> [NodeLevel] {
        let steady = (0..<others).map { number in
            let noise = 1 + 0.02 * Double(number % 5 - 2)
            return NodeLevel(
                node: "other-\(number)", isUpdated: false, before: level * Double(1 + number % 3),
                after: level * Double(1 + number % 3) * noise * drift)
        }
        return steady
            + factors.enumerated().map { number, factor in
                NodeLevel(
                    node: "new-\(number)", isUpdated: true, before: level * Double(number + 1),
                    after: level * Double(number + 1) * factor * drift)
            }
    }

    private func verdict(
        _ levels: [NodeLevel], worse: Comparison.Worse = .different, tolerance: Double = 0.5, isFinal: Bool = true
    ) -> String {
        switch Comparison(worse: worse, tolerance: tolerance).judge(levels, isFinal: isFinal) {
        case .good: "good"
        case .bad: "bad"
        case .undecided: "undecided"
        case .noData: "no data"
        case .failed: "failed"
        }
    }

    @Test("What all nodes do is no news; what only the updated ones do is")
    func driftIsNoNews() {
        #expect(verdict(levels([1, 1.02, 0.98], drift: 3)) == "good")
        #expect(verdict(levels([2, 2.1, 1.9], drift: 0.3)) == "bad")
        #expect(verdict(levels([0.5, 0.45, 0.4])) == "bad")
    }

    @Test("Only the bad direction counts")
    func directionCounts() {
        #expect(verdict(levels([0.3, 0.3, 0.3]), worse: .higher) == "good")
        #expect(verdict(levels([0.3, 0.3, 0.3]), worse: .lower) == "bad")
        #expect(verdict(levels([3, 3, 3]), worse: .lower) == "good")
        #expect(verdict(levels([3, 3, 3]), worse: .higher) == "bad")
    }

    @Test("A change within the tolerance is good, and one hot node among three convicts nobody")
    func toleranceAndOneHotNode() {
        #expect(verdict(levels([1.2, 1.25, 1.2])) == "good")
        #expect(verdict(levels([1, 1, 20]), worse: .higher) == "undecided")
    }

    @Test("Too few nodes can show nothing, whatever they do")
    func tooFewShowNothing() {
        #expect(verdict(levels([9], others: 3)) == "undecided")
        #expect(verdict(levels([1], others: 3)) == "undecided")
        #expect(verdict(levels([1, 1, 1], others: 0)) == "undecided")
        #expect(verdict(levels([], others: 9)) == "no data")
    }

    @Test("While the soak lasts it takes more to convict")
    func earlyLooksAreCautious() {
        // The best that 2 of 17 can show is 1 in 136.
        let few = levels([5, 5], others: 15)
        #expect(verdict(few, worse: .higher, isFinal: true) == "bad")
        #expect(verdict(few, worse: .higher, isFinal: false) == "undecided")
        #expect(verdict(levels([5, 5, 5]), worse: .higher, isFinal: false) == "bad")
    }

    @Test("A series that vanishes with the update is a finding, and one that vanishes everywhere is missing data")
    func vanishedSeries() {
        var gone = levels([1, 1, 1])
        gone[22].after = nil
        guard case .bad(let sentence) = Comparison(worse: .lower, tolerance: 0.5).judge(gone, isFinal: true) else {
            Issue.record("a vanished series passed")
            return
        }
        #expect(
            sentence == "the series of 1 of 3 updated nodes vanished with the update (new-2); "
                + "20 of 20 other nodes still have theirs")
        for index in gone.indices { gone[index].after = nil }
        #expect(verdict(gone) == "no data")
    }

    @Test("What is seen of some updated nodes never passes for those whose series are missing")
    func missingNodesDoNotPass() {
        var gone = levels([1, 1, 1])
        gone[22].after = nil
        // As many of the others are gone too: the network, and not the update.
        for index in 0..<4 { gone[index].after = nil }
        guard case .undecided(let sentence) = Comparison(worse: .lower, tolerance: 0.5).judge(gone, isFinal: true)
        else {
            Issue.record("passed with a node unseen")
            return
        }
        #expect(sentence.hasPrefix("1 updated node had a series before and none now (new-2); besides, -"))
    }

    /// Twenty nodes, three of them updated, whose series go on for a while after the update and then end or come back.
    private func ended(after seconds: Int64, backAfter: Int64? = nil, watched: Int64, isFinal: Bool)
        -> GateAssessment.Measurement
    {
        let nodes = (0..<20).map { ComparedNode(node: "n\($0)", addresses: [], isUpdated: $0 < 3) }
        let spans = ComparisonSpans(
            before: Timestamp(0)...Timestamp(60_000), after: Timestamp(90_000)...Timestamp((90 + watched) * 1_000))
        let all = nodes.enumerated().map { number, node in
            let times = stride(from: 0, through: 90 + watched, by: 5).filter { time in
                number >= 3 || time < 90 + seconds || backAfter.map { time >= 90 + $0 } ?? false
            }
            return series(node.node, times.map { ($0, 100) })
        }
        return Comparison(worse: .lower, tolerance: 0.5, nodeLabel: "instance")
            .measurement(all, spans, compared: nodes, isFinal: isFinal)
    }

    @Test("A series that a range keeps up for a while and that then ends is one that vanished")
    func endedSeries() {
        for (watched, isFinal) in [(250, true), (301, false)] as [(Int64, Bool)] {
            guard case .bad(let sentence) = ended(after: 120, watched: watched, isFinal: isFinal) else {
                Issue.record("an ended series passed")
                return
            }
            #expect(sentence.hasPrefix("the series of 3 of 3 updated nodes vanished with the update"))
        }
        guard case .good = ended(after: 10, backAfter: 100, watched: 190, isFinal: true) else {
            Issue.record("a series that came back did not pass")
            return
        }
    }

    @Test(
        "A level before that rests on a moment is none: a pod that had just started would be what silence is compared with"
    )
    func shortBaseline() {
        let nodes = (0..<20).map { ComparedNode(node: "n\($0)", addresses: [], isUpdated: $0 < 3) }
        let spans = ComparisonSpans(
            before: Timestamp(0)...Timestamp(60_000), after: Timestamp(70_000)...Timestamp(90_000))
        func verdict(since first: Int64) -> GateAssessment.Measurement {
            let all = nodes.enumerated().map { number, node in
                let times = stride(from: number < 3 ? first : 0, through: 90, by: 1)
                return series(node.node, times.map { ($0, number < 3 ? 0 : 100) })
            }
            return Comparison(worse: .lower, tolerance: 0.5, nodeLabel: "instance")
                .measurement(all, spans, compared: nodes, isFinal: true)
        }
        #expect(verdict(since: 55) == .noData)
        guard case .good = verdict(since: 54) else {
            Issue.record("six of sixty seconds were too short")
            return
        }
    }

    @Test("While the soak lasts, a series that is not scraped again yet convicts nobody")
    func lateScrapes() {
        guard case .undecided = ended(after: 0, watched: 40, isFinal: false) else {
            Issue.record("decided before the series could come back")
            return
        }
    }

    @Test("Counters that are zero everywhere are good, and errors out of nothing are not")
    func zeros() {
        #expect(verdict(levels([1, 1, 1], level: 0), worse: .higher) == "good")
        var errors = levels([1, 1, 1], level: 0)
        for index in errors.indices where errors[index].isUpdated { errors[index].after = 4 }
        #expect(verdict(errors, worse: .higher) == "bad")
    }

    // MARK: Series

    private func series(_ label: String, _ values: [(Int64, Double)]) -> MetricSeries {
        MetricSeries(
            labels: ["instance": label],
            points: values.map { MetricSeries.Point(time: Timestamp($0.0 * 1_000), value: $0.1) })
    }

    @Test(
        "Series are told apart by node name, pod address and address with a port; points outside both times are nothing"
    )
    func seriesBecomeLevels() {
        var comparison = Comparison(worse: .lower, tolerance: 0.5)
        comparison.nodeLabel = "instance"
        let nodes = (0..<12).map {
            ComparedNode(node: "n\($0)", addresses: ["10.0.0.\($0)"], isUpdated: $0 < 3)
        }
        let spans = ComparisonSpans(
            before: Timestamp(0)...Timestamp(60_000), after: Timestamp(90_000)...Timestamp(120_000))
        let all = (0..<12).map { number in
            let label = number % 3 == 0 ? "n\(number)" : number % 3 == 1 ? "10.0.0.\(number)" : "10.0.0.\(number):9100"
            let after = number < 3 ? 10.0 : 100.0
            return series(label, [(0, 90), (60, 110), (75, 9_999), (90, after), (110, .nan), (120, after)])
        }
        guard case .bad(let sentence) = comparison.measurement(all, spans, compared: nodes, isFinal: true) else {
            Issue.record("a fall to a tenth passed")
            return
        }
        #expect(sentence.hasPrefix("-"))
        let twice = comparison.measurement(all + [all[0]], spans, compared: nodes, isFinal: true)
        #expect(twice == .failed("node n0 has more than one series; aggregate the query `by (instance)`"))
        let foreign = comparison.measurement([series("x:1", [(0, 1)])], spans, compared: nodes, isFinal: true)
        #expect(foreign == .failed("no series is one of a node's: the label instance is x:1 and the like"))
        comparison.nodeLabel = "node"
        let unlabelled = comparison.measurement(all, spans, compared: nodes, isFinal: true)
        #expect(
            unlabelled
                == .failed("a series has no label node, which says its node; aggregate the query `by (node)`"))
    }
}
