@testable import SluiceCore

/// The reference of the plan file in Markdown, one table a section, in the order of the table of fields.
enum PlanReference {
    static var markdown: String {
        var seen: Set<String> = []
        var text = ""
        for (section, path) in places(PlanFields.file, "") where seen.insert(section.name).inserted {
            text += "\n### " + (path.isEmpty ? "The file" : "`\(path)`") + "\n\n\(section.summary)"
            for keys in section.exactlyOneOf {
                text += " Exactly one of \(keys.map { "`\($0)`" }.joined(separator: ", ")) must be there."
            }
            text += "\n\n| key | value | default | meaning |\n|---|---|---|---|\n"
            for field in section.fields {
                let standing = field.isRequired ? "**required**" : field.defaultText ?? "–"
                text += "| `\(field.name)` | \(describe(field.type)) | \(standing) | \(field.summary) |\n"
            }
        }
        return text
    }

    private static func places(_ section: PlanSection, _ path: String) -> [(PlanSection, String)] {
        var found = [(section, path)]
        for field in section.fields {
            let inner = path.isEmpty ? field.name : "\(path).\(field.name)"
            switch field.type {
            case .section(let section), .wordOr(_, let section): found += places(section, inner)
            case .list(.section(let section), _): found += places(section, inner + "[]")
            default: continue
            }
        }
        return found
    }

    private static func describe(_ type: PlanType) -> String {
        switch type {
        case .text(let rule): rule.expected.replacing("|", with: "\\|")
        case .choice(let words): words.map { "`\($0)`" }.joined(separator: ", ")
        case .wordOr(let words, _): "\(describe(.choice(words))), or a mapping, see below"
        case .whole(let range): "a whole number, \(range.lowerBound) to \(range.upperBound)"
        case .amount(let zeroAllowed): "a count from \(zeroAllowed ? 0 : 1), or `1%` to `100%`"
        case .duration(let range):
            "a duration, \(PlanDuration.text(range.lowerBound)) to \(PlanDuration.text(range.upperBound))"
        case .onlyTrue: "`true`"
        case .texts(let key, let value, _): "a mapping of \(key.expected) to \(value.expected)"
        case .list(.section, _): "a list, see below"
        case .list(let element, _): "a list of: \(describe(element))"
        case .section: "a mapping, see below"
        }
    }
}
