/// A text that must not be shown: a token, a password.
///
/// Printing, interpolating, debugging and dumping it all give the same placeholder.
public struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The text itself. Only for building a request.
    public let value: String

    /// Hides a text.
    public init(_ value: String) { self.value = value }

    /// A placeholder.
    public var description: String { "(hidden)" }
    /// A placeholder.
    public var debugDescription: String { "(hidden)" }
    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
