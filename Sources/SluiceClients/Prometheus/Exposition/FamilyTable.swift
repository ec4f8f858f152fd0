/// Collects lines into families, and refuses what is there twice.
///
/// The text format lets a line belong to any family that was named so far; in OpenMetrics the lines of a family are one
/// block, after which it is closed and checked.
struct FamilyTable {
    /// What one line with `#` says of a family.
    enum Description {
        case help(String)
        case type(Exposition.MetricType)
        case unit(String)
    }

    private struct Building {
        var family: Exposition.MetricFamily
        var hasHelp = false
        var hasType = false
        var hasUnit = false
        /// Where the family begins.
        var place: ExpositionCursor.Place
        /// Where each sample stands; kept for OpenMetrics' rules only.
        var samplePlaces: [ExpositionCursor.Place] = []
    }

    private struct Seen {
        var line: Int
        var timestamp: Int64?
    }

    private let format: Exposition.Format
    private var building: [Building] = []
    /// By the bytes of the name: Swift's strings are equal too easily, see ``Exposition/Sample/seriesKey``.
    private var indexes: [[UInt8]: Int] = [:]
    private var current: Int?
    private var seen: [[UInt8]: Seen] = [:]
    private var sampleCount = 0

    init(format: Exposition.Format) { self.format = format }

    var families: [Exposition.MetricFamily] { building.map(\.family) }

    // MARK: Lines

    /// Takes in what a line with `#` says.
    mutating func describe(
        _ name: String, _ description: Description, at place: ExpositionCursor.Place, in cursor: ExpositionCursor
    ) throws(ExpositionError) {
        let index = try family(named: name, at: place, in: cursor)
        func refuse(_ message: String) -> ExpositionError {
            cursor.error(.duplicateMetadata(message), at: place)
        }
        let isLate = !building[index].family.samples.isEmpty
        let quoted = ExpositionText.quoted(name)
        switch description {
        case .help(let text):
            guard !building[index].hasHelp else { throw refuse("a second HELP line for \(quoted)") }
            guard !isLate || format == .text else { throw refuse("a HELP line behind the samples of \(quoted)") }
            building[index].hasHelp = true
            building[index].family.help = text
        case .type(let type):
            guard !building[index].hasType else { throw refuse("a second TYPE line for \(quoted)") }
            guard !isLate else { throw refuse("a TYPE line behind the samples of \(quoted)") }
            building[index].hasType = true
            building[index].family.type = type
        case .unit(let unit):
            guard !building[index].hasUnit else { throw refuse("a second UNIT line for \(quoted)") }
            guard !isLate else { throw refuse("a UNIT line behind the samples of \(quoted)") }
            building[index].hasUnit = true
            building[index].family.unit = unit
        }
    }

    /// Takes in a sample.
    mutating func add(
        _ sample: Exposition.Sample, at place: ExpositionCursor.Place, in cursor: ExpositionCursor
    ) throws(ExpositionError) {
        sampleCount += 1
        let limit = ExpositionLimits.samples
        guard sampleCount <= limit else { throw cursor.error(.tooManySamples(limit: limit), at: place) }
        let index = try family(of: sample, at: place, in: cursor)
        try demandNew(sample, at: place, in: cursor)
        building[index].family.samples.append(sample)
        guard format == .openMetrics else { return }
        if let message = OpenMetricsRules.breach(of: sample, in: building[index].family) {
            throw cursor.error(.brokenRule(message), at: place)
        }
        building[index].samplePlaces.append(place)
    }

    /// Ends the last family.
    mutating func close(at cursor: ExpositionCursor) throws(ExpositionError) {
        guard format == .openMetrics, let current else { return }
        let family = building[current].family
        if let message = OpenMetricsRules.breach(of: family) {
            throw cursor.error(.brokenRule(message), at: building[current].place)
        }
        if let (sample, message) = OpenMetricsRules.metricBreach(of: family) {
            throw cursor.error(.brokenRule(message), at: building[current].samplePlaces[sample])
        }
        for suffix in Set(family.type.suffixes + [""]).sorted() {
            let name = Array((family.name + suffix).utf8)
            if let other = indexes[name], other != current {
                let names = "\(ExpositionText.quoted(building[other].family.name)) and \(ExpositionText.quoted(family.name))"
                let message = "the families \(names) could both have the samples"
                let clash = ExpositionText.quoted(String(decoding: name, as: UTF8.self))
                throw cursor.error(.brokenRule("\(message) \(clash)"), at: building[current].place)
            }
            indexes[name] = current
        }
        building[current].samplePlaces = []
        self.current = nil
    }

    // MARK: Which family

    private mutating func family(
        named name: String, at place: ExpositionCursor.Place, in cursor: ExpositionCursor
    ) throws(ExpositionError) -> Int {
        if let current, building[current].family.name.utf8.elementsEqual(name.utf8) { return current }
        return try other(name, at: place, in: cursor)
    }

    /// A family that is not the current one: a known one in the text format, else a new one.
    private mutating func other(
        _ name: String, at place: ExpositionCursor.Place, in cursor: ExpositionCursor
    ) throws(ExpositionError) -> Int {
        try close(at: cursor)
        let key = Array(name.utf8)
        if let known = indexes[key] {
            guard format == .text else {
                let owner = ExpositionText.quoted(building[known].family.name)
                throw cursor.error(
                    .brokenRule("the lines of the family \(owner) are not together; here is one of it again"), at: place)
            }
            current = known
            return known
        }
        let index = building.count
        building.append(Building(family: Exposition.MetricFamily(name), place: place))
        if format == .text { indexes[key] = index }
        current = index
        return index
    }

    private mutating func family(
        of sample: Exposition.Sample, at place: ExpositionCursor.Place, in cursor: ExpositionCursor
    ) throws(ExpositionError) -> Int {
        if let current, isMember(sample.name, of: building[current].family) { return current }
        if format == .text, indexes[Array(sample.name.utf8)] == nil {
            for suffix in Self.textSuffixes where sample.name.utf8.count > suffix.utf8.count {
                let stem = sample.name.utf8.dropLast(suffix.utf8.count)
                guard sample.name.hasSuffix(suffix), let index = indexes[Array(stem)] else { continue }
                guard building[index].family.type.suffixes.contains(suffix) else { continue }
                current = index
                return index
            }
        }
        if format == .openMetrics, let current, building[current].family.name.utf8.elementsEqual(sample.name.utf8) {
            let family = building[current].family
            let names = family.type.suffixes.map { ExpositionText.quoted(family.name + $0) }.joined(separator: " or ")
            throw cursor.error(.brokenRule("the samples of this \(family.type) must be named \(names)"), at: place)
        }
        return try other(sample.name, at: place, in: cursor)
    }

    private static let textSuffixes = ["_total", "_created", "_bucket", "_count", "_sum"]

    private func isMember(_ name: String, of family: Exposition.MetricFamily) -> Bool {
        let count = family.name.utf8.count
        guard name.utf8.starts(with: family.name.utf8) else { return false }
        let rest = String(name.utf8.dropFirst(count)) ?? ""
        if format == .text {
            // Only OpenMetrics ends a counter's name in _total; and a family may be named like this one's samples.
            guard !rest.isEmpty else { return true }
            return family.type.suffixes.contains(rest) && indexes[Array(name.utf8)] == nil
        }
        return family.type.suffixes.contains(rest)
    }

    // MARK: Twice

    private mutating func demandNew(
        _ sample: Exposition.Sample, at place: ExpositionCursor.Place, in cursor: ExpositionCursor
    ) throws(ExpositionError) {
        let key = sample.seriesKey
        if let earlier = seen[key] {
            let isLater: Bool
            if format == .openMetrics, let before = earlier.timestamp, let now = sample.timestamp {
                isLater = before < now
            } else {
                isLater = false
            }
            guard isLater else {
                let reason = ExpositionError.Reason.duplicateSeries(
                    ExpositionText.series(sample), firstLine: earlier.line)
                throw cursor.error(reason, at: place)
            }
        }
        seen[key] = Seen(line: place.line, timestamp: sample.timestamp)
    }
}
