/// One thing that is wrong with a plan file.
public struct PlanProblem: Sendable, Hashable, CustomStringConvertible {
    /// Where it stands in the file.
    public var position: Document.Position
    /// Which field it is about, `spec.waves[1].batches`; empty for the file as a whole.
    public var path: String
    /// What was expected and what was found.
    public var message: String

    /// A problem of a plan file.
    public init(at position: Document.Position, path: String, _ message: String) {
        self.position = position
        self.path = path
        self.message = message
    }

    /// The problem as it follows the file's name: `12:5: spec.waves[1].batches: expected …, found …`.
    public var description: String {
        let place = "\(position.line):\(position.column): "
        return path.isEmpty ? place + message : "\(place)\(path): \(message)"
    }
}

/// Everything that is wrong with a plan file, at least one problem, in the order of the file.
public struct PlanProblems: Error, Sendable, Hashable {
    /// The problems, sorted by line and column.
    public var problems: [PlanProblem]

    /// Problems in any order; of equal ones one is kept.
    public init(_ problems: [PlanProblem]) {
        var seen: Set<PlanProblem> = []
        self.problems = problems.filter { seen.insert($0).inserted }
            .sorted {
                ($0.position.line, $0.position.column, $0.path, $0.message)
                    < ($1.position.line, $1.position.column, $1.path, $1.message)
            }
    }
}
