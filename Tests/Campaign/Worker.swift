import Foundation
import SluiceSimulator

/// One process that carries seeds out one after the other and says on stdout which one it is at, so that its parent knows
/// the failing one even when a trap ends the process.
enum Worker {
    /// A line of the worker.
    enum Line {
        /// A seed begins.
        case seed(UInt64)
        /// A seed has ended, badly.
        case failed(FailedSeed)
        /// All seeds have ended.
        case tally(Tally)

        var text: String {
            switch self {
            case .seed(let seed): "s \(seed)"
            case .failed(let failed): "f " + Self.encoded(failed)
            case .tally(let tally): "t " + Self.encoded(tally)
            }
        }

        init?(_ text: String) {
            let rest = Data(text.dropFirst(2).utf8)
            switch text.first {
            case "s":
                guard let seed = UInt64(text.dropFirst(2)) else { return nil }
                self = .seed(seed)
            case "f":
                guard let failed = Self.decoded(FailedSeed.self, rest) else { return nil }
                self = .failed(failed)
            case "t":
                guard let tally = Self.decoded(Tally.self, rest) else { return nil }
                self = .tally(tally)
            default: return nil
            }
        }

        private static func encoded(_ value: some Encodable) -> String {
            do {
                return String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
            } catch {
                fatalError("cannot be written as JSON: \(error)")
            }
        }

        private static func decoded<Value: Decodable>(_ type: Value.Type, _ data: Data) -> Value? {
            do {
                return try JSONDecoder().decode(type, from: data)
            } catch {
                return nil
            }
        }
    }

    static func run(from first: UInt64, count: UInt64) {
        var total = Tally()
        for seed in first..<(first + count) {
            say(.seed(seed))
            let run = SeedRun.run(seed: seed, trace: Trace(isOn: false))
            total.add(run.tally)
            if !run.violations.isEmpty {
                say(.failed(FailedSeed(seed: seed, ending: run.ending, violations: run.violations)))
            }
        }
        say(.tally(total))
    }

    /// Past the buffer of `print`, which a trap would lose.
    private static func say(_ line: Line) { FileHandle.standardOutput.write(Data((line.text + "\n").utf8)) }
}

/// A seed whose run broke a rule.
struct FailedSeed: Codable {
    var seed: UInt64
    var ending: String
    var violations: [Violation]

    /// What a person reads first, and the command that shows the rest.
    var text: String {
        let shown = violations.prefix(3).map { "  \($0.judge) at \($0.time) ms: \($0.message)" }
        let more = violations.count > 3 ? ["  and \(violations.count - 3) more"] : []
        return (["seed \(seed) (\(ending)):"] + shown + more + ["  replay it: Scripts/campaign.sh --replay \(seed)"])
            .joined(separator: "\n")
    }
}

/// One seed with a readable trace.
enum Replay {
    /// - Parameter limit: the seconds of virtual time after which it ends; nil for the seed's own.
    static func run(seed: UInt64, until limit: Int64?) -> Int32 {
        let trace = Trace(isOn: true)
        let run = SeedRun.run(seed: seed, limit: limit.map { $0 * 1_000 }, trace: trace)
        for line in trace.lines { print(line) }
        print("seed \(seed): \(run.ending)")
        guard !run.violations.isEmpty else { return 0 }
        print(FailedSeed(seed: seed, ending: run.ending, violations: run.violations).text)
        return 1
    }
}
