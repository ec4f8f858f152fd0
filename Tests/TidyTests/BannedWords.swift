/// Words that a target may not use, with the reason.
struct BannedWord {
    enum Place {
        /// Anywhere in code; comments and string literals are free.
        case code
        /// In string literals.
        case literal
    }

    var word: String
    var place = Place.code
    /// Whether the rule counts for a file.
    var appliesTo: @Sendable (SourceFile) -> Bool
    var reason: String

    /// Every use of the word where it is banned.
    func findings(in file: SourceFile) -> [Finding] {
        guard appliesTo(file) else { return [] }
        let lines = place == .code ? file.code : file.literals
        return lines.enumerated().compactMap { index, line in
            Words.contains(word, in: line) ? Finding(file, line: index + 1, "`\(word)`: \(reason)") : nil
        }
    }
}

extension BannedWord {
    /// All rules.
    static let all = ambient + traps + output + storage + judged

    private static let outsideFolder = "Sources/SluiceClients/Outside/"

    private static func isAmbient(_ file: SourceFile) -> Bool {
        file.isProduct && file.isSwift && !file.path.hasPrefix(outsideFolder) && file.target != "sluice"
    }

    /// Time, chance and environment come through the seam, so that a simulated run can be repeated.
    private static let ambient =
        [
            "Date()", "Date.now", "UUID()", ".shuffled", ".shuffle(", ".randomElement", ".random(in:", "hashValue",
            "Hasher()", "getenv", "ProcessInfo", "ContinuousClock", "SuspendingClock", "SystemRandomNumberGenerator",
        ].map { BannedWord(word: $0, appliesTo: isAmbient, reason: ambientReason) }
        + [
            // The server of the embedded cluster is a process of its own and gives the cluster its clock.
            BannedWord(
                word: "clock_gettime", appliesTo: { isAmbient($0) && $0.target != "SluiceClusterServer" },
                reason: ambientReason)
        ]

    private static let ambientReason = "time, chance and environment come through `Outside` alone"

    private static let traps =
        [
            BannedWord(
                word: "try?", appliesTo: { $0.isProduct && $0.isSwift && !$0.name.hasPrefix("SystemOutside") },
                reason: "an error is handled or passed on, not dropped"),
            BannedWord(word: "try!", appliesTo: { $0.isSwift }, reason: "bad input never crashes"),
            BannedWord(word: "as!", appliesTo: { $0.isSwift }, reason: "bad input never crashes"),
            BannedWord(
                word: "fatalError(", appliesTo: { $0.isProduct && $0.isSwift },
                reason: "what cannot happen is a `precondition` with its reason; the rest is an error"),
        ]
        + ["Thread.sleep", "Task.sleep", "usleep(", "nanosleep("].map {
            BannedWord(
                word: $0, appliesTo: { $0.isSwift && !$0.name.hasPrefix("SystemOutside") },
                reason: "time passes in `poll` alone, and sleeping is no synchronisation")
        }

    private static let output = ["print(", "debugPrint(", "dump("].map {
        BannedWord(
            word: $0, appliesTo: { $0.isProduct && $0.isSwift && $0.target != "sluice" },
            reason: "output goes through the command line's writer")
    }

    private static let storage = [
        "SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ", "CREATE TABLE ", "DROP TABLE ", "ALTER TABLE ", "PRAGMA ",
    ].map {
        BannedWord(
            word: $0, place: .literal,
            appliesTo: { $0.isProduct && $0.isSwift && $0.target != "SluiceStore" && $0.target != "Migrations" },
            reason: "SQL stands in SluiceStore and in migrations/ alone")
    }

    private static let judged = ["Eligibility", "Readiness", "UnavailabilityBudget", "BudgetLedger"].map {
        BannedWord(
            word: $0, appliesTo: { $0.isProduct && $0.isSwift && $0.target == "SluiceCluster" },
            reason: "a cluster that shares code with what it judges proves nothing")
    }
}
