/// The forms in which a command can print its result (`-o`).
public enum OutputFormat: String, Sendable, Hashable, CaseIterable {
    /// For people, fits ``Style/width``.
    case text
    /// For people, with every node and nothing cut.
    case wide
    /// For programs; the fields are a contract.
    case json
    /// The same fields as ``json``, as YAML.
    case yaml
}

/// How text for people looks. Rendering reads no environment: the command line decides.
public struct Style: Sendable, Hashable {
    /// Whether escape sequences for colours are written.
    public var isColored: Bool
    /// The columns that a line may fill; texts and tables are cut or wrapped to it. At least ``minimumWidth``.
    public var width: Int
    /// Whether times are written with their date.
    public var isVerbose: Bool

    /// The width that is assumed when nothing is known about the terminal, in columns.
    public static let defaultWidth = 80
    /// The least width that is used, in columns.
    public static let minimumWidth = 40

    /// How text for people looks.
    public init(isColored: Bool = false, width: Int = Style.defaultWidth, isVerbose: Bool = false) {
        self.isColored = isColored
        self.width = max(width, Style.minimumWidth)
        self.isVerbose = isVerbose
    }
}
