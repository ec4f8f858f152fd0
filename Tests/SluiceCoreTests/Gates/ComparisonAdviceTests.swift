import SluiceCore
import Testing

/// What a comparison that cannot tell says would help.
@Suite("Comparison, advice")
struct ComparisonAdviceTests {
    private func advice(
        _ updated: [Double], others: Int, noise: Double = 0.01, worse: Comparison.Worse = .higher
    ) -> Comparison.Advice {
        let others = (0..<others).map { noise * Double($0 % 5 - 2) }
        return Comparison(worse: worse, tolerance: 0.5).advice(updated, against: others)
    }

    @Test("By hand: one of 16 has p = 1/16, and two have 120 choices, of which one is as extreme")
    func oneMore() {
        #expect(advice([0], others: 15) == .moreUpdatedNodes(1))
        // To convict takes 100 choices (120 are there), and 200 for both directions: 3 of 16 are 560.
        #expect(advice([3], others: 15) == .moreUpdatedNodes(1))
        #expect(advice([3], others: 15, worse: .different) == .moreUpdatedNodes(2))
    }

    @Test("A fleet whose largest number of choices is below 20 cannot be judged: 2 of 5 are 10, 3 of 6 are 20")
    func tooSmall() {
        #expect(advice([0], others: 4) == .fleetTooSmall(choices: 10, needed: 20))
        #expect(advice([0], others: 5) == .moreUpdatedNodes(2))
    }

    @Test("The nearer the change lies to the tolerance, the more nodes it takes; at the tolerance no number is enough")
    func noise() throws {
        let wide = [-0.6, -0.2, 0.2, 0.6]
        guard case .moreUpdatedNodes(let few) = advice(wide.map { $0 + 0.1 }, others: 400, noise: 0.3),
            case .moreUpdatedNodes(let many) = advice(wide.map { $0 + 0.25 }, others: 400, noise: 0.3)
        else {
            Issue.record("not decidable")
            return
        }
        #expect(few < many && many < 100, "\(few), \(many)")
        #expect(advice([0.4, 0.4055], others: 20) == .noNumber)
    }

    @Test("With as many more nodes that did the same the judge decides, with one fewer it does not")
    func smallest() throws {
        func judge(_ updated: Int) -> GateAssessment.Measurement {
            Comparison(worse: .different, tolerance: 0.5).judge(
                (0..<16).map { number in
                    let isUpdated = number < updated
                    return NodeLevel(
                        node: "n\(number)", isUpdated: isUpdated, before: 100, after: isUpdated ? 300 : 100)
                }, isFinal: true)
        }
        for (updated, words) in [(1, "2 more updated nodes"), (2, "1 more updated node")] {
            guard case .undecided(let sentence) = judge(updated) else {
                Issue.record("\(updated) were enough")
                continue
            }
            #expect(sentence.hasSuffix("; \(words) that did the same would tell"), "\(sentence)")
        }
        guard case .bad = judge(3) else {
            Issue.record("3 were not enough")
            return
        }
    }

    @Test(
        "How far a query looks back",
        arguments: [
            ("up", nil), ("rate(x[2m])", 120), ("avg_over_time(rate(x[90s])[1h30m:1m])", 5_400),
            (#"sum(rate(x{pod=~"a[.]b[9d]"}[1500ms]))"#, 2), ("rate(x[{{window}}])", nil), ("x[", nil),
            (#"x{a="\"[2m]"}[ 1m ]"#, 60), ("x[99999999999999999999y]", nil), ("x[]", nil),
        ] as [(String, Int64?)])
    func ranges(query: String, seconds: Int64?) {
        #expect(PrometheusQuery(address: "http://p", query: query).longestRangeSeconds == seconds)
    }
}
