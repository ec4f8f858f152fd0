import SluiceCore

/// What a list or a watch asks for.
struct Selection: Sendable {
    /// Only this namespace; nil means all.
    var namespace: String?
    var labels: [LabelSelector.Requirement] = []
    /// Fields that must have, or must not have, a value.
    var fields: [(path: String, equals: Bool, value: String)] = []

    var hasSelectors: Bool { !labels.isEmpty || !fields.isEmpty }

    func matches(_ object: StoredObject) -> Bool {
        if let namespace, object.namespace != namespace { return false }
        for requirement in labels where !requirement.matches(object.labels) { return false }
        for field in fields where (object.field(field.path) == field.value) != field.equals { return false }
        return true
    }
}

extension Selection {
    /// The fields that a kind can be selected by.
    static func fieldPaths(of kind: ResourceKind) -> [String] {
        switch kind.plural {
        case "pods": ["metadata.name", "metadata.namespace", "spec.nodeName", "status.phase"]
        case "events":
            [
                "metadata.name", "metadata.namespace", "involvedObject.name", "involvedObject.namespace",
                "involvedObject.kind", "involvedObject.uid", "reason", "type",
            ]
        case "nodes": ["metadata.name", "spec.unschedulable"]
        default: ["metadata.name", "metadata.namespace"]
        }
    }

    /// Reads the parameters of a list or a watch.
    init(kind: ResourceKind, namespace: String?, target: Target) throws(Failure) {
        self.namespace = namespace
        labels = try Self.requirements(target["labelSelector"] ?? "")
        for term in (target["fieldSelector"] ?? "").split(separator: ",") {
            guard let field = Self.field(term) else {
                throw .badRequest("invalid selector: '\(term)'; can't understand '\(term)'")
            }
            guard Self.fieldPaths(of: kind).contains(field.path) else {
                throw .badRequest("field label not supported: \(field.path)")
            }
            fields.append(field)
        }
    }

    private static func field(_ term: Substring) -> (path: String, equals: Bool, value: String)? {
        guard let sign = term.firstIndex(of: "=") else { return nil }
        var path = term[..<sign]
        var value = term[term.index(after: sign)...]
        let equals = path.last != "!"
        if !equals { path = path.dropLast() }
        if value.first == "=" { value = value.dropFirst() }
        return (String(path), equals, String(value))
    }

    /// The requirements of a label selector in the API's syntax.
    static func requirements(_ text: String) throws(Failure) -> [LabelSelector.Requirement] {
        var parser = SelectorParser(tokens: SelectorParser.tokens(text))
        var found: [LabelSelector.Requirement] = []
        while parser.peek != nil {
            found.append(try parser.requirement())
            if parser.peek == nil { break }
            try parser.expect(",")
        }
        return found
    }

    /// The requirements of a selector object.
    static func requirements(_ selector: JSONValue?) -> [LabelSelector.Requirement] {
        let labels = (selector?["matchLabels"]?.strings ?? [:]).sorted { $0.key < $1.key }.map {
            LabelSelector.Requirement(key: $0.key, operator: .in, values: [$0.value])
        }
        let expressions = (selector?["matchExpressions"]?.array ?? []).compactMap { json in
            json["operator"]?.string.flatMap(LabelSelector.Requirement.Operator.init(rawValue:)).map {
                LabelSelector.Requirement(
                    key: json["key"]?.string ?? "", operator: $0,
                    values: (json["values"]?.array ?? []).compactMap(\.string))
            }
        }
        return labels + expressions
    }
}

/// Reads `env in (dev,test),!gpu,zone=a`.
private struct SelectorParser {
    var tokens: [String]
    var index = 0

    var peek: String? { index < tokens.count ? tokens[index] : nil }

    static func tokens(_ text: String) -> [String] {
        var found: [String] = []
        var word = ""
        func flush() {
            if !word.isEmpty { found.append(word) }
            word = ""
        }
        for character in text {
            switch character {
            case " ", "\t", "\n", "\r": flush()
            case ",", "(", ")":
                flush()
                found.append(String(character))
            case "=", "!":
                if character == "=", word.isEmpty, let last = found.last, last == "!" || last == "=" {
                    found[found.count - 1] = last + "="
                } else {
                    flush()
                    found.append(String(character))
                }
            default: word.append(character)
            }
        }
        flush()
        return found
    }

    mutating func next() -> String? {
        defer { index += 1 }
        return peek
    }

    mutating func expect(_ token: String) throws(Failure) {
        let found = next() ?? ""
        guard found == token else {
            throw .badRequest("unable to parse requirement: found '\(found)' expected: '\(token)'")
        }
    }

    mutating func requirement() throws(Failure) -> LabelSelector.Requirement {
        if peek == "!" {
            index += 1
            return LabelSelector.Requirement(key: next() ?? "", operator: .doesNotExist)
        }
        let key = next() ?? ""
        guard let first = key.first, first.isLetter || first.isNumber else {
            throw .badRequest("unable to parse requirement: found '\(key)', expected: identifier")
        }
        switch peek {
        case nil, ",": return LabelSelector.Requirement(key: key, operator: .exists)
        case "=", "==":
            index += 1
            return LabelSelector.Requirement(key: key, operator: .in, values: [value()])
        case "!=":
            index += 1
            return LabelSelector.Requirement(key: key, operator: .notIn, values: [value()])
        case "in", "notin":
            let isIn = next() == "in"
            try expect("(")
            var values = [value()]
            while peek == "," {
                index += 1
                values.append(value())
            }
            try expect(")")
            return LabelSelector.Requirement(key: key, operator: isIn ? .in : .notIn, values: values)
        case .some(let other):
            throw .badRequest(
                "unable to parse requirement: found '\(other)', expected: in, notin, =, ==, !=, gt, lt")
        }
    }

    private mutating func value() -> String {
        guard let token = peek, token != ",", token != ")" else { return "" }
        index += 1
        return token
    }
}
