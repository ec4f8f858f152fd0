extension Exposition {
    /// Reads what a pod answers at `/metrics`, whole or not at all.
    ///
    /// Where a program differs from the letter without any doubt on what it means, it is read: in the text format,
    /// lines may end in CR LF, and those of one family may stand apart. OpenMetrics forbids both, and demands more:
    /// `# EOF`, names that do not clash, and values that their type allows. All that is checked.
    ///
    /// Sources: https://prometheus.io/docs/instrumenting/exposition_formats/ and
    /// https://prometheus.io/docs/specs/om/open_metrics_spec/.
    ///
    /// - Parameters:
    ///   - bytes: the body, not compressed; at most ``ExpositionLimits/textBytes``.
    ///   - contentType: the header of that name. `application/openmetrics-text` means OpenMetrics; anything else, and
    ///     none, the text format 0.0.4: many programs send a wrong one.
    /// - Throws: ``ExpositionError`` for the first thing that is wrong, with its place.
    public static func read(_ bytes: [UInt8], contentType: String?) throws(ExpositionError) -> Exposition {
        try read(bytes, contentType: contentType, sampleLimit: ExpositionLimits.samples)
    }

    /// The same with another limit, for tests.
    static func read(
        _ bytes: [UInt8], contentType: String?, sampleLimit: Int
    ) throws(ExpositionError) -> Exposition {
        let format = try Format(contentType: contentType)
        guard bytes.count <= ExpositionLimits.textBytes else {
            throw ExpositionError(.tooManyBytes(limit: ExpositionLimits.textBytes), line: 1, column: 1)
        }
        let first = bytes.first { !ExpositionCursor.isSeparator($0) }
        guard let first else { throw ExpositionError(.empty, line: 1, column: 1) }
        // No line of either format begins like that.
        guard first != UInt8(ascii: "<") else { throw ExpositionError(.htmlPage, line: 1, column: 1) }
        var parser = ExpositionParser(bytes, format: format, sampleLimit: sampleLimit)
        return try parser.read()
    }
}

extension Exposition.Format {
    /// The format that a `Content-Type` header names.
    ///
    /// - Throws: ``ExpositionError/Reason/unsupported(contentType:)`` for protobuf and for another OpenMetrics.
    init(contentType: String?) throws(ExpositionError) {
        let parts = (contentType ?? "").lowercased().split(separator: ";").map { part in
            String(part.filter { $0 != " " && $0 != "\t" && $0 != "\"" })
        }
        let type = parts.first ?? ""
        let version = parts.dropFirst().first { $0.hasPrefix("version=") }?.dropFirst("version=".count)
        let isOther = version.map { !$0.hasPrefix("0.") && !$0.hasPrefix("1.") } ?? false
        let isOpenMetrics = type == "application/openmetrics-text"
        guard !type.contains("protobuf"), !(isOpenMetrics && isOther) else {
            let name = TerminalText.plain(contentType ?? "")
            throw ExpositionError(.unsupported(contentType: name), line: 1, column: 1)
        }
        self = isOpenMetrics ? .openMetrics : .text
    }
}
