/// What a program wrote for a person, made fit for one line of a message.
enum TerminalText {
    private static let limit = OutsideLimits.diagnosticsCharacters

    /// The text on one line, without escape sequences and other control characters, shortened.
    static func plain(_ bytes: [UInt8]) -> String {
        // Twice the limit is enough to fill it, and no huge text is walked through.
        plain(String(decoding: bytes.prefix(8 * limit), as: UTF8.self))
    }

    /// The text on one line, without escape sequences and other control characters, shortened.
    static func plain(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        var isEscaped = false
        for scalar in text.unicodeScalars {
            if isEscaped {
                // `ESC [ parameters letter` colours and moves; of others only the escape itself goes.
                isEscaped = scalar == "[" || scalar == ";" || (0x30...0x3F).contains(scalar.value)
            } else if scalar == "\u{1B}" {
                isEscaped = true
            } else {
                let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
                scalars.append(isControl ? " " : scalar)
            }
        }
        let line = String(scalars).split(separator: " ").joined(separator: " ")
        return line.count > limit ? line.prefix(limit) + "…" : line
    }
}
