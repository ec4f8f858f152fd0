@testable import SluiceClients

/// What a pod says of itself: what was read is written plainly and read again as the same.
enum ExpositionTarget {
    /// The first byte chooses the format.
    static func run(_ bytes: [UInt8]) {
        let format = (bytes.first ?? 0) & 1 == 0 ? Exposition.Format.text : .openMetrics
        let text = Array(bytes.dropFirst())
        guard let exposition = read(text, format) else { return }
        let samples = exposition.families.flatMap(\.samples)
        if format == .text { demand(Set(samples.map(\.seriesKey)).count == samples.count, "a series is there twice") }
        for sample in samples.prefix(8) {
            demand(!exposition.values(of: sample.name).isEmpty, "a series that is not found")
        }
        guard isComparable(exposition) else { return }
        let again = read(Array(written(exposition, format).utf8), format)
        demand(again.map { "\($0)" } == "\(exposition)", "what was written is read as something else")
    }

    private static func read(_ text: [UInt8], _ format: Exposition.Format) -> Exposition? {
        let contentType = format == .text ? "text/plain" : "application/openmetrics-text"
        do throws(ExpositionError) {
            return try Exposition.read(text, contentType: contentType)
        } catch {
            demand(!"\(error)".isEmpty && error.line > 0 && error.column > 0, "a refusal without words or place")
            let lines = text.count { $0 == UInt8(ascii: "\n") } + 1
            demand(error.line <= lines && error.column <= text.count + 1, "a place behind the end")
            return nil
        }
    }

    /// Seconds as a double are not exact for far times, and a CR before the end of a line is not written again.
    private static func isComparable(_ exposition: Exposition) -> Bool {
        exposition.families.allSatisfy { family in
            !family.help.utf8.contains(0x0D)
                && family.samples.allSatisfy { ($0.timestamp ?? 0).magnitude < 1 << 50 }
        } && !exposition.families.isEmpty
    }

    private static func written(_ exposition: Exposition, _ format: Exposition.Format) -> String {
        var text = ""
        for family in exposition.families {
            let name = quoted(family.name)
            let isUntyped = family.type == .unknown && format == .text
            text += "# TYPE \(name) \(isUntyped ? "untyped" : family.type.rawValue)\n"
            if !family.unit.isEmpty { text += "# UNIT \(name) \(family.unit)\n" }
            if !family.help.isEmpty { text += "# HELP \(name) \(escaped(family.help))\n" }
            for sample in family.samples { text += line(sample, format) }
        }
        return format == .text ? text : text + "# EOF\n"
    }

    private static func line(_ sample: Exposition.Sample, _ format: Exposition.Format) -> String {
        let labels = sample.labels.map { "\(quoted($0.name))=\(quoted($0.value))" }
        var line = "{\(([quoted(sample.name)] + labels).joined(separator: ","))} \(sample.value)"
        if let time = sample.timestamp {
            let fraction = String(time.magnitude % 1_000 + 1_000).dropFirst()
            line += format == .text ? " \(time)" : " \(time < 0 ? "-" : "")\(time.magnitude / 1_000).\(fraction)"
        }
        return line + (sample.hasExemplar ? " # {} 1\n" : "\n")
    }

    private static func escaped(_ text: String) -> String {
        String(
            decoding: text.utf8.flatMap { byte -> [UInt8] in
                switch byte {
                case UInt8(ascii: "\\"): Array("\\\\".utf8)
                case UInt8(ascii: "\n"): Array("\\n".utf8)
                default: [byte]
                }
            }, as: UTF8.self)
    }

    private static func quoted(_ text: String) -> String {
        "\"\(String(decoding: escaped(text).utf8.flatMap { $0 == 0x22 ? [0x5C, 0x22] : [$0] }, as: UTF8.self))\""
    }
}
