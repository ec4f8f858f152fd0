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
    private let sampleLimit: Int
    private var building: [Building] = []
    /// Text format: the families by name. OpenMetrics: the closed ones by the names that their samples can have.
    private var indexes: [ByteKey: Int] = [:]
    private var current: Int?
    /// Where the last sample went: the next one mostly has the same name.
    private var last: (name: String, index: Int)?
    private var seen: [ByteKey: Seen] = [:]
    private var sampleCount = 0

    init(format: Exposition.Format, sampleLimit: Int) {
        self.format = format
        self.sampleLimit = sampleLimit
    }

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
            building[index].hasHelp = true
            building[index].family.help = text
        case .type(let type):
            guard !building[index].hasType else { throw refuse("a second TYPE line for \(quoted)") }
            guard !isLate else { throw refuse("a TYPE line behind the samples of \(quoted)") }
            building[index].hasType = true
            building[index].family.type = type
        case .unit(let unit):
            guard !building[index].hasUnit else { throw refuse("a second UNIT line for \(quoted)") }
            building[index].hasUnit = true
            building[index].family.unit = unit
        }
    }

    /// Takes in a sample.
    mutating func add(
        _ sample: Exposition.Sample, at place: ExpositionCursor.Place, in cursor: ExpositionCursor
    ) throws(ExpositionError) {
        sampleCount += 1
        guard sampleCount <= sampleLimit else { throw cursor.error(.tooManySamples(limit: sampleLimit), at: place) }
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
        for suffix in family.type.suffixes {
            let name = ByteKey(family.name + suffix)
            if let other = indexes[name] {
                let message = clash(building[other].family.name, family.name, over: family.name + suffix)
                throw cursor.error(.duplicateMetadata(message), at: building[current].place)
            }
            indexes[name] = current
        }
        building[current].samplePlaces = []
        self.current = nil
    }

    private func clash(_ first: String, _ second: String, over name: String) -> String {
        let both = "could have samples named \(ExpositionText.quoted(name))"
        guard first != second else { return "two families \(ExpositionText.quoted(first)) \(both)" }
        return "the families \(ExpositionText.quoted(first)) and \(ExpositionText.quoted(second)) \(both)"
    }

    // MARK: Which family

    /// The family that a line with `#` is about. In OpenMetrics such a line behind samples begins a family of its own,
    /// even under the same name: every Go program has a gauge and a counter that share one.
    private mutating func family(
        named name: String, at place: ExpositionCursor.Place, in cursor: ExpositionCursor
    ) throws(ExpositionError) -> Int {
        if let current, building[current].family.name.utf8.elementsEqual(name.utf8) {
            if format == .text || building[current].family.samples.isEmpty { return current }
        }
        if format == .text, let known = indexes[ByteKey(name)] { return known }
        return try begin(name, at: place, in: cursor)
    }

    private mutating func begin(
        _ name: String, at place: ExpositionCursor.Place, in cursor: ExpositionCursor
    ) throws(ExpositionError) -> Int {
        try close(at: cursor)
        let index = building.count
        building.append(Building(family: Exposition.MetricFamily(name), place: place))
        if format == .text { indexes[ByteKey(name)] = index }
        current = index
        return index
    }

    private mutating func family(
        of sample: Exposition.Sample, at place: ExpositionCursor.Place, in cursor: ExpositionCursor
    ) throws(ExpositionError) -> Int {
        if let last, last.name.utf8.elementsEqual(sample.name.utf8), last.index == current { return last.index }
        let index: Int
        switch format {
        case .text: index = try textFamily(of: sample.name, at: place, in: cursor)
        case .openMetrics: index = try openMetricsFamily(of: sample.name, at: place, in: cursor)
        }
        last = (sample.name, index)
        current = index
        return index
    }

    /// A family of that name, else one whose type has such samples, else a new one.
    private mutating func textFamily(
        of name: String, at place: ExpositionCursor.Place, in cursor: ExpositionCursor
    ) throws(ExpositionError) -> Int {
        let bytes = Array(name.utf8)
        if let known = indexes[ByteKey(name)] { return known }
        for suffix in Self.textSuffixes where bytes.count > suffix.utf8.count {
            guard bytes.suffix(suffix.utf8.count).elementsEqual(suffix.utf8),
                let index = indexes[ByteKey(Array(bytes.dropLast(suffix.utf8.count)))],
                building[index].family.type.suffixes.contains(suffix)
            else { continue }
            return index
        }
        return try begin(name, at: place, in: cursor)
    }

    private static let textSuffixes = ["_total", "_created", "_bucket", "_count", "_sum"]

    /// The current family when its type has such samples, else a new one.
    private mutating func openMetricsFamily(
        of name: String, at place: ExpositionCursor.Place, in cursor: ExpositionCursor
    ) throws(ExpositionError) -> Int {
        if let current {
            let family = building[current].family
            if family.type.suffixes.contains(where: { (family.name + $0).utf8.elementsEqual(name.utf8) }) {
                return current
            }
            if family.name.utf8.elementsEqual(name.utf8) {
                let names = family.type.suffixes.map { ExpositionText.quoted(family.name + $0) }
                let message = "the samples of this \(family.type) must be named \(names.joined(separator: " or "))"
                throw cursor.error(.brokenRule(message), at: place)
            }
        }
        if let known = indexes[ByteKey(name)] {
            let owner = ExpositionText.quoted(building[known].family.name)
            let message = "the samples of the family \(owner) are not together; here is one of them again"
            throw cursor.error(.brokenRule(message), at: place)
        }
        return try begin(name, at: place, in: cursor)
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
