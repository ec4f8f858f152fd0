/// Reads an exposition line by line.
struct ExpositionParser {
    private var cursor: ExpositionCursor
    private var table: FamilyTable
    private let format: Exposition.Format

    init(_ bytes: [UInt8], format: Exposition.Format, sampleLimit: Int) {
        cursor = ExpositionCursor(bytes, format: format)
        table = FamilyTable(format: format, sampleLimit: sampleLimit)
        self.format = format
    }

    /// Reads all lines.
    mutating func read() throws(ExpositionError) -> Exposition {
        while !cursor.isAtEnd {
            cursor.skipBlanks()
            if cursor.byte == UInt8(ascii: "#") {
                guard try comment() else { return try finish() }
            } else if format == .text, cursor.isAtLineEnd {
                try cursor.endLine()
            } else {
                try sample()
            }
        }
        guard format == .text else { throw cursor.error(.cut) }
        return try finish()
    }

    private mutating func finish() throws(ExpositionError) -> Exposition {
        try table.close(at: cursor)
        return Exposition(families: table.families)
    }

    // MARK: Lines with #

    /// Reads a line that begins with `#`.
    ///
    /// - Returns: whether more lines may follow.
    private mutating func comment() throws(ExpositionError) -> Bool {
        let start = cursor.place
        cursor.advance()
        try cursor.separator()
        if cursor.takeWord("HELP") {
            try help(start)
        } else if cursor.takeWord("TYPE") {
            try type(start)
        } else if format == .openMetrics {
            let word = cursor.place
            if cursor.takeWord("UNIT") {
                try unit(start)
            } else if cursor.takeWord("EOF") {
                try end()
                return false
            } else {
                _ = cursor.token()
                throw cursor.unexpected("HELP, TYPE, UNIT or EOF", from: word)
            }
        } else {
            _ = try cursor.string(try cursor.restOfLine())
            try cursor.endLine()
        }
        return true
    }

    private mutating func help(_ start: ExpositionCursor.Place) throws(ExpositionError) {
        try cursor.separator()
        let name = try cursor.anyMetricName()
        // In the text format, a help without words may lack the blank before it.
        if format == .openMetrics || !cursor.isAtLineEnd {
            guard ExpositionCursor.isBlank(cursor.byte) else { throw cursor.unexpected("one blank") }
            try cursor.separator()
        }
        var range = try cursor.restOfLine()
        if format == .text {
            while let last = range.last, ExpositionCursor.isBlank(cursor.bytes[last]) { range.removeLast() }
        }
        let raw = try cursor.string(range)
        let text = ExpositionCursor.withoutEscapes(raw, quotes: format == .openMetrics)
        try cursor.endLine()
        try table.describe(name, .help(text), at: start, in: cursor)
    }

    private mutating func type(_ start: ExpositionCursor.Place) throws(ExpositionError) {
        try cursor.separator()
        let name = try cursor.anyMetricName()
        try cursor.separator()
        let word = cursor.place
        let text = String(decoding: cursor.bytes[cursor.token()], as: UTF8.self)
        guard let type = format.types[text] else { throw cursor.unexpected("a type of metric", from: word) }
        try cursor.endLine()
        try table.describe(name, .type(type), at: start, in: cursor)
    }

    private mutating func unit(_ start: ExpositionCursor.Place) throws(ExpositionError) {
        try cursor.separator()
        let name = try cursor.anyMetricName()
        try cursor.separator()
        let unit = try cursor.string(cursor.token())
        try cursor.endLine()
        try table.describe(name, .unit(unit), at: start, in: cursor)
    }

    private mutating func end() throws(ExpositionError) {
        guard !cursor.isAtEnd else { return }
        guard cursor.byte == ExpositionCursor.lineFeed else { throw cursor.unexpected("the end of the line") }
        try cursor.endLine()
        guard cursor.isAtEnd else { throw cursor.unexpected("nothing behind '# EOF'") }
    }

    // MARK: Samples

    private mutating func sample() throws(ExpositionError) {
        let start = cursor.place
        var labels = ExpositionCursor.Labels()
        if cursor.take(UInt8(ascii: "{")) {
            labels = try cursor.labels(wantsName: true)
        } else {
            labels.metricName = try cursor.metricName()
            let isSeparate = ExpositionCursor.isBlank(cursor.byte)
            cursor.skipBlanks()
            if cursor.take(UInt8(ascii: "{")) {
                labels.labels = try cursor.labels(wantsName: false).labels
            } else if !isSeparate {
                throw cursor.unexpected(cursor.isAtLineEnd ? "a number" : "'{' or a blank")
            }
        }
        guard let name = labels.metricName else {
            let reason = ExpositionError.Reason.unexpected(
                expected: "a metric name in quotes", found: "none in these braces")
            throw cursor.error(reason, at: start)
        }
        try cursor.separator()
        let value = try cursor.number("a number")
        var sample = Exposition.Sample(name, labels: labels.labels, value: value)
        switch format {
        case .text:
            cursor.skipBlanks()
            if !cursor.isAtLineEnd { sample.timestamp = try cursor.timestamp() }
        case .openMetrics:
            let isLonger = cursor.take(0x20)
            if isLonger, cursor.byte != UInt8(ascii: "#") { sample.timestamp = try cursor.timestamp() }
            if isLonger, sample.timestamp == nil || cursor.take(0x20) {
                try exemplar()
                sample.hasExemplar = true
            }
        }
        try cursor.endLine()
        try table.add(sample, at: start, in: cursor)
    }

    /// Reads what follows the blank before the `#` of an exemplar.
    private mutating func exemplar() throws(ExpositionError) {
        guard cursor.take(UInt8(ascii: "#")) else { throw cursor.unexpected("'#' and an exemplar") }
        try cursor.separator()
        let start = cursor.place
        guard cursor.take(UInt8(ascii: "{")) else { throw cursor.unexpected("'{' and the labels of the exemplar") }
        let labels = try cursor.labels(wantsName: false)
        let limit = ExpositionLimits.exemplarCharacters
        guard labels.characters <= limit else {
            let message = "the labels of an exemplar have \(labels.characters) characters; at most \(limit) are allowed"
            throw cursor.error(.brokenRule(message), at: start)
        }
        try cursor.separator()
        _ = try cursor.number("a number")
        if cursor.take(0x20) { _ = try cursor.timestamp() }
    }
}

extension Exposition.Format {
    /// The types by the words of a TYPE line.
    fileprivate var types: [String: Exposition.MetricType] {
        switch self {
        case .text: Self.textTypes
        case .openMetrics: Self.openMetricsTypes
        }
    }

    private static let textTypes: [String: Exposition.MetricType] = [
        "counter": .counter, "gauge": .gauge, "histogram": .histogram, "summary": .summary, "untyped": .unknown,
    ]

    private static let openMetricsTypes = Dictionary(
        uniqueKeysWithValues: Exposition.MetricType.allCases.map { ($0.rawValue, $0) })
}
