import SluiceCore
import Testing

/// Compares the swaps with what they stand for: every choice of as many values from both groups together.
@Suite("Shift test")
struct ShiftTestTests {
    /// Numbers that differ and are drawn anew for each case.
    private struct Numbers {
        var state: UInt64

        mutating func next() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 40) / Double(1 << 24)
        }

        mutating func values(_ count: Int, around center: Double = 0) -> [Double] {
            (0..<count).map { _ in center + next() }
        }
    }

    /// The share of the choices whose mean lies as far, or farther, above the others' as the few's, the shift taken off.
    private func share(_ few: [Double], _ others: [Double], of shift: Double, isHigh: Bool) -> Double {
        let all = few.map { $0 - shift } + others
        var extreme = 0
        var choices = 0
        func choose(_ sum: Double, _ taken: Int, from first: Int) {
            guard taken < few.count else {
                choices += 1
                // A hair's breadth, for the sums are rounded in another order.
                if isHigh ? sum >= seen - 1e-9 : sum <= seen + 1e-9 { extreme += 1 }
                return
            }
            for index in first..<all.count { choose(sum + all[index], taken + 1, from: index + 1) }
        }
        let seen = all.prefix(few.count).reduce(0, +)
        choose(0, 0, from: 0)
        return Double(extreme) / Double(choices)
    }

    @Test("The swaps give the shares of all choices", arguments: 1...40)
    func swapsAreChoices(case number: Int) throws {
        var numbers = Numbers(state: UInt64(number))
        let few = numbers.values(1 + number % 4, around: number % 3 == 0 ? 0.7 : 0)
        let others = numbers.values(1 + number % 7)
        let test = try #require(ShiftTest(few, against: others))
        for shift in [-0.5, 0, 0.3, test.estimate] {
            let high = share(few, others, of: shift, isHigh: true)
            let low = share(few, others, of: shift, isHigh: false)
            #expect(abs(test.probability(ofAtMost: shift) - high) < 1e-9)
            #expect(abs(test.probability(ofAtLeast: shift) - low) < 1e-9)
        }
    }

    @Test("The bounds are where the probabilities pass the level")
    func boundsFitProbabilities() throws {
        var numbers = Numbers(state: 7)
        let test = try #require(ShiftTest(numbers.values(3, around: 1), against: numbers.values(9)))
        let (lower, upper) = (test.lowerBound(at: 0.05), test.upperBound(at: 0.05))
        #expect(test.probability(ofAtMost: lower) > 0.05)
        #expect(test.probability(ofAtMost: lower - 1e-6) <= 0.05)
        #expect(test.probability(ofAtLeast: upper) > 0.05)
        #expect(test.probability(ofAtLeast: upper + 1e-6) <= 0.05)
    }

    @Test("Two against two can exclude nothing")
    func tooFewExcludeNothing() throws {
        let test = try #require(ShiftTest([100, 101], against: [0, 1]))
        #expect(test.choices == 6)
        #expect(test.lowerBound(at: 0.05) == -.infinity)
        #expect(test.upperBound(at: 0.05) == .infinity)
    }

    /// Of groups that do not differ, no more than the level's share may be said to differ, with both ways of looking at
    /// choices; drawing them takes a while.
    @Test("What does not differ is not said to", arguments: [(3, 20, 400, 5...32), (6, 60, 100, 1...12)])
    func holdsItsLevel(few: Int, others: Int, groups: Int, allowed: ClosedRange<Int>) throws {
        var numbers = Numbers(state: 11)
        var alarms = 0
        for _ in 0..<groups {
            let test = try #require(ShiftTest(numbers.values(few), against: numbers.values(others)))
            if test.probability(ofAtMost: 0) <= 0.05 { alarms += 1 }
        }
        #expect(allowed.contains(alarms))
    }

    @Test("Drawn choices agree with all of them")
    func drawnAgree() throws {
        var numbers = Numbers(state: 3)
        let few = numbers.values(3, around: 0.4)
        let others = numbers.values(70)
        #expect(ShiftTest.choices(of: 3, outOf: 73) == 62_196)
        let drawn = try #require(ShiftTest(few, against: others))
        let exact = share(few, others, of: 0, isHigh: true)
        #expect(drawn.choices == ShiftTest.choiceLimit)
        let fromTheOtherSide = try #require(ShiftTest(others, against: few))
        #expect(fromTheOtherSide.probability(ofAtLeast: 0) == drawn.probability(ofAtMost: 0))
        #expect(fromTheOtherSide.lowerBound(at: 0.05) == -drawn.upperBound(at: 0.05))
        #expect(abs(drawn.probability(ofAtMost: 0) - exact) < 0.005)
    }
}
