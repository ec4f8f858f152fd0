import SluiceCore

/// What a request says about fields that nobody knows: `fieldValidation`.
enum FieldValidation: String {
    case ignore = "Ignore"
    case warn = "Warn"
    case strict = "Strict"

    init(_ target: Target) {
        self = target["fieldValidation"].flatMap(Self.init(rawValue:)) ?? .warn
    }

    /// The object of a request's body without unknown fields, and the warnings about them.
    func checkedBody(_ value: JSONValue, _ kind: ResourceKind) throws(Failure) -> (JSONValue, [String]) {
        let (known, problems) = Schema.checked(value, as: kind.kind)
        guard let message = refusal(of: problems) else { return (known, warnings(of: problems)) }
        throw .badRequest("\(kind.kind) in version \"\(kind.version)\" cannot be handled as a \(kind.kind): \(message)")
    }

    /// What a patch made of an object, without unknown fields, and the warnings about them.
    func checkedPatch(_ value: JSONValue, _ kind: ResourceKind) throws(Failure) -> (JSONValue, [String]) {
        let (known, problems) = Schema.checked(value, as: kind.kind)
        guard let message = refusal(of: problems) else { return (known, warnings(of: problems)) }
        let rule = "Invalid value: \(JSONValue.string(value.serialized).serialized): \(message)"
        throw Failure(
            422, "Invalid", " \"\" is invalid: patch: \(rule)",
            details: ["causes": [["reason": "FieldValueInvalid", "message": .string(rule), "field": "patch"]]])
    }

    /// Why an object with problems is refused; nil when it is taken.
    private func refusal(of problems: [Schema.Problem]) -> String? {
        if let wrong = problems.first(where: { $0.mismatch != nil }) { return wrong.message }
        guard self == .strict, !problems.isEmpty else { return nil }
        return "strict decoding error: " + problems.map(\.message).joined(separator: ", ")
    }

    private func warnings(of problems: [Schema.Problem]) -> [String] {
        self == .ignore ? [] : problems.map(\.message)
    }
}

extension ClusterAnswer {
    /// The answer with warnings in its headers.
    func warning(of problems: [String]) -> ClusterAnswer {
        var answer = self
        answer.headers += problems.map { ("Warning", "299 - \(JSONValue.string($0).serialized)") }
        return answer
    }
}
