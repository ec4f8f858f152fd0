/// One thing that is wrong with a file, with its place.
public struct Problem: Sendable, Hashable {
    /// The line, from 1.
    public var line: Int
    /// The column, from 1.
    public var column: Int
    /// The path of the value, such as `spec.waves[1].batches`; empty for the file as a whole.
    public var path: String
    /// What is wrong and what was expected.
    public var message: String

    /// One thing that is wrong with a file.
    public init(line: Int, column: Int, path: String, message: String) {
        self.line = line
        self.column = column
        self.path = path
        self.message = message
    }
}

/// All that is wrong with a file, one line each in the form that editors and compilers know.
public enum ProblemList {
    /// `plan.yaml:12:5: spec.waves[1].batches: …`, in the order of the places, each line ended by a line feed.
    ///
    /// Lines are not cut: tools read them.
    public static func text(_ problems: [Problem], file: String, _ style: Style = Style()) -> String {
        problems.enumerated().sorted {
            ($0.element.line, $0.element.column, $0.offset) < ($1.element.line, $1.element.column, $1.offset)
        }.map { _, problem in
            let place = TextLayout.cleaned("\(file):\(problem.line):\(problem.column):")
            let path = problem.path.isEmpty ? "" : TextLayout.cleaned(problem.path) + ": "
            return Tone.muted.applied(to: place, style) + " " + path + TextLayout.cleaned(problem.message) + "\n"
        }.joined()
    }
}
