@testable import SluiceClients

/// Makes random expositions and writes them in the ways that their format allows.
struct ExpositionPrinter {
    private let format: Exposition.Format
    private var random: Generator

    /// SplitMix64.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var word = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
            return word ^ word >> 31
        }
    }

    init(_ format: Exposition.Format, seed: UInt64) {
        self.format = format
        random = Generator(state: seed)
    }

    private mutating func coin() -> Bool { Bool.random(using: &random) }
    private mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &random) }
    private mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

    // MARK: Values

    mutating func exposition(maximumFamilies: Int = 8) -> Exposition {
        Exposition(families: (0...below(maximumFamilies)).map { family($0) })
    }

    private mutating func family(_ index: Int) -> Exposition.MetricFamily {
        let textTypes: [Exposition.MetricType] = [.counter, .gauge, .histogram, .summary, .unknown]
        let type = pick(format == .text ? textTypes : Exposition.MetricType.allCases)
        let takesUnit = format == .openMetrics && type != .info && type != .stateset
        let unit = takesUnit ? pick(["", "seconds", "b:ytes"]) : ""
        let stem = pick(["m", "job:m", "_M", "m.é", "m \"\\\n{}", "日"]) + "\(index)"
        var family = Exposition.MetricFamily(
            unit.isEmpty ? stem : "\(stem)_\(unit)", type: type, help: pick(["", "words", "# \\n \\ \" \n é"]),
            unit: unit)
        // Without anything to print it would not be there.
        let least = family.help.isEmpty && type == .unknown ? 1 : 0
        for metric in 0..<least + below(3) { family.samples += samples(of: family, metric) }
        return family
    }

    private mutating func samples(of family: Exposition.MetricFamily, _ metric: Int) -> [Exposition.Sample] {
        var labels = [Exposition.Label("metric", "\(metric)")]
        for name in ["b", "_c", "é.f", "a\"\\\n"] where coin() {
            labels.append(.init(name, pick(["x", "a\\nb\n\"", "é{}=,# ", "日", "\\", "\u{0}"])))
        }
        let timestamp = coin() ? nil : Int64(below(2_000_000_000_000)) - 1_000
        func sample(_ suffix: String, _ value: Double, _ label: Exposition.Label? = nil) -> Exposition.Sample {
            let all = (labels + (label.map { [$0] } ?? [])).sorted {
                $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
            }
            return Exposition.Sample(family.name + suffix, labels: all, value: value, timestamp: timestamp)
        }
        var samples: [Exposition.Sample]
        switch family.type {
        case .gauge, .unknown: samples = [sample("", value())]
        case .counter:
            samples = [sample(format == .text && coin() ? "" : "_total", Double(below(1_000)) / 8)]
            if coin() { samples.append(sample("_created", 1.5e9)) }
        case .info: samples = [sample("_info", 1)]
        case .stateset: samples = ["on", "off"].map { sample("", Double(below(2)), .init(family.name, $0)) }
        case .summary:
            samples = ["0.5", "1.0"].map { sample("", value(), .init("quantile", $0)) }
            samples += [sample("_count", Double(below(9))), sample("_sum", value())]
        case .histogram, .gaugehistogram:
            let counts = [below(9), below(9)].sorted().map(Double.init)
            let gauge = family.type == .gaugehistogram ? "g" : ""
            samples = zip(["-0.5", "+Inf"], counts).map { sample("_bucket", $1, .init("le", $0)) }
            samples += [sample("_\(gauge)count", counts[1]), sample("_\(gauge)sum", value())]
        }
        guard format == .openMetrics else { return samples }
        for index in samples.indices where ["_bucket", "_total"].contains(where: samples[index].name.hasSuffix) {
            samples[index].hasExemplar = coin()
        }
        return samples
    }

    private mutating func value() -> Double {
        switch below(4) {
        case 0: pick([.nan, .infinity, -.infinity, 0, -0.0, 1, .greatestFiniteMagnitude, .leastNonzeroMagnitude])
        case 1: Double(below(2_000)) - 1_000
        case 2: Double.random(in: -1...1, using: &random)
        default: finite(Double(bitPattern: random.next()))
        }
    }

    private func finite(_ value: Double) -> Double { value.isFinite ? value : 0.1 }

    // MARK: Text

    mutating func print(_ exposition: Exposition) -> String {
        var text = exposition.families.map { family in
            lines(of: family).map { line in
                let isFree = format == .text && below(8) == 0
                return isFree ? pick(["\n", "# a comment é\n", " \t\r\n"]) + line + "\n" : line + lineEnd()
            }.joined()
        }.joined()
        if format == .openMetrics { text += coin() ? "# EOF" : "# EOF\n" }
        return text
    }

    private mutating func lineEnd() -> String { format == .text && below(8) == 0 ? " \r\n" : "\n" }

    private mutating func lines(of family: Exposition.MetricFamily) -> [String] {
        var lines: [String] = []
        let name = isPlain(family.name) && coin() ? family.name : quoted(family.name)
        if family.type != .unknown || coin() {
            let word = family.type == .unknown && format == .text ? "untyped" : family.type.rawValue
            lines.append("#\(blank())TYPE\(blank())\(name)\(blank())\(word)")
        }
        if !family.unit.isEmpty { lines.append("# UNIT \(name) \(family.unit)") }
        if !family.help.isEmpty {
            var help = family.help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
            if format == .openMetrics, coin() { help = help.replacing("\"", with: "\\\"") }
            lines.append("# HELP \(name) \(help)")
        }
        return lines + family.samples.map { line(of: $0) }
    }

    private mutating func line(of sample: Exposition.Sample) -> String {
        var labels = sample.labels.shuffled(using: &random).map { label in
            let name = isPlain(label.name, colon: false) && coin() ? label.name : quoted(label.name)
            return "\(name)\(gap())=\(gap())\(quoted(label.value))"
        }
        // An empty label is no label.
        if coin() { labels.append("empty=\"\"") }
        let isOutside = isPlain(sample.name) && coin()
        if !isOutside { labels.insert(quoted(sample.name), at: below(labels.count + 1)) }
        var text = isOutside ? sample.name : ""
        let comma = format == .text && coin() ? "," : ""
        if !labels.isEmpty {
            let list = labels.joined(separator: "\(gap()),\(gap())")
            text += "\(isOutside ? gap() : ""){\(gap())\(list)\(comma)\(gap())}"
        }
        text += blank() + number(sample.value)
        if let timestamp = sample.timestamp { text += blank() + time(timestamp) }
        if sample.hasExemplar {
            text += pick([" # {} 1", " # {a=\"# \\\"é\"} -1.5e3 1520879606.5", " # {a=\"\",b=\"c\"} NaN"])
        }
        return text
    }

    private mutating func blank() -> String { format == .text ? pick([" ", "\t", " \t "]) : " " }
    private mutating func gap() -> String { format == .text ? pick(["", "", " ", "\t"]) : "" }

    private mutating func number(_ value: Double) -> String {
        if value.isNaN { return pick(["NaN", "nan"]) }
        if value.isInfinite { return value < 0 ? pick(["-Inf", "-inf"]) : pick(["+Inf", "Inf", "infinity"]) }
        return "\(value)"
    }

    private func time(_ milliseconds: Int64) -> String {
        guard format == .openMetrics else { return "\(milliseconds)" }
        let fraction = String(milliseconds.magnitude % 1_000 + 1_000).dropFirst()
        return "\(milliseconds < 0 ? "-" : "")\(milliseconds.magnitude / 1_000).\(fraction)"
    }

    private func quoted(_ text: String) -> String {
        "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n"))\""
    }

    private func isPlain(_ name: String, colon: Bool = true) -> Bool {
        name.utf8.allSatisfy { byte in
            let scalar = Character(Unicode.Scalar(byte))
            return scalar.isASCII && (scalar.isLetter || scalar.isNumber) || scalar == "_" || colon && scalar == ":"
        }
    }
}
