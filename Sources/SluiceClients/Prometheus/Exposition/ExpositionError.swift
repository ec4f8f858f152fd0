/// Why a scrape cannot be used, with the place in it. One such line makes the whole text unusable: what is left out
/// could be the very number that a gate asks for.
public struct ExpositionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong.
    public enum Reason: Sendable, Equatable {
        /// There is nothing, or nothing but white space.
        case empty
        /// The server answered with a page for people.
        case htmlPage
        /// The header names a format that is no text of these two.
        case unsupported(contentType: String)
        /// The text ends too early: in the middle of a line or, in OpenMetrics, before `# EOF`.
        case cut
        /// Something else stands where something must be.
        case unexpected(expected: String, found: String)
        /// Bytes that are no UTF-8.
        case invalidUTF8
        /// A sample names a label twice.
        case duplicateLabel(String)
        /// A series has two samples (of one time, where there are times).
        case duplicateSeries(String, firstLine: Int)
        /// A family has two lines of one kind, or a TYPE line behind its samples.
        case duplicateMetadata(String)
        /// The lines are well formed but break a rule of the format.
        case brokenRule(String)
        /// The text is larger than ``ExpositionLimits/textBytes``.
        case tooManyBytes(limit: Int)
        /// There are more samples than ``ExpositionLimits/samples``.
        case tooManySamples(limit: Int)
    }

    /// What is wrong.
    public var reason: Reason
    /// The line, from 1.
    public var line: Int
    /// The column in characters (Unicode code points), from 1.
    public var column: Int

    /// An error at a place.
    public init(_ reason: Reason, line: Int, column: Int) {
        self.reason = reason
        self.line = line
        self.column = column
    }

    /// `line 3, column 7: expected a number, found 'abc'`; without a place where the text as a whole is meant.
    public var description: String {
        switch reason {
        case .empty, .htmlPage, .unsupported, .tooManyBytes: "\(reason)"
        case .cut, .unexpected, .invalidUTF8, .duplicateLabel, .duplicateSeries, .duplicateMetadata, .brokenRule,
            .tooManySamples:
            "line \(line), column \(column): \(reason)"
        }
    }
}

extension ExpositionError.Reason: CustomStringConvertible {
    /// The reason without its place.
    public var description: String {
        switch self {
        case .empty: "the answer is empty; expected metrics"
        case .htmlPage: "the answer is an HTML page; is the path of the metrics right?"
        case .unsupported(let contentType):
            "the answer is '\(contentType)'; expected the text format 0.0.4 or OpenMetrics text 1.0"
        case .cut: "the text is cut off here"
        case .unexpected(let expected, let found): "expected \(expected), found \(found)"
        case .invalidUTF8: "this is no UTF-8"
        case .duplicateLabel(let name): "the label '\(name)' is given twice"
        case .duplicateSeries(let series, let firstLine): "the series \(series) is already in line \(firstLine)"
        case .duplicateMetadata(let message), .brokenRule(let message): message
        case .tooManyBytes(let limit): "the answer is larger than \(limit >> 20) MiB"
        case .tooManySamples(let limit): "there are more than \(limit) samples"
        }
    }
}
