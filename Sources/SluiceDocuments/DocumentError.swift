public import SluiceCore

/// Why a text is no document that Sluice can read.
public struct DocumentError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was met, what was expected, and what to do about it, in one sentence.
    public var message: String
    /// Where it was met.
    public var position: Document.Position

    /// A complaint about a place in a text.
    public init(_ message: String, at position: Document.Position) {
        self.message = message
        self.position = position
    }

    /// The complaint behind its place: `12:5: …`.
    public var description: String { "\(position.line):\(position.column): \(message)" }
}
