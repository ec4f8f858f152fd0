/// What to say about a key that the plan file does not have.
enum PlanHints {
    /// What to say about a secret in the plan; it must not be repeated in the message.
    static let inlineSecret =
        "a plan never holds a secret; write `file: PATH` or `env: NAME` to say where it is found"

    /// The complaint about an unknown key, with what was probably meant.
    static func unknown(_ key: String, in section: PlanSection, at path: String) -> String {
        if section.name == PlanFields.secret.name {
            return "unknown key; \(inlineSecret)"
        }
        let known = section.fields.map(\.name)
        if let nearest = NearestKey.nearest(to: key, among: known) { return "unknown key; did you mean `\(nearest)`?" }
        let homes = Self.homes(of: key, in: PlanFields.file, path: "")
        if !homes.isEmpty {
            return "unknown key here; it belongs under \(homes.map { "`\($0)`" }.joined(separator: " or "))"
        }
        return "unknown key; expected one of \(known.joined(separator: ", "))"
    }

    /// The paths of the sections that have a key, in the order of the table.
    private static func homes(of key: String, in section: PlanSection, path: String) -> [String] {
        var found = section.field(key) == nil || path.isEmpty ? [] : [path]
        for field in section.fields {
            var type = field.type
            var suffix = ""
            if case .list(let element, _) = type { (type, suffix) = (element, "[]") }
            if case .wordOr(_, let inner) = type { type = .section(inner) }
            guard case .section(let inner) = type else { continue }
            found += homes(of: key, in: inner, path: path.isEmpty ? field.name : "\(path).\(field.name)\(suffix)")
        }
        return found
    }
}
