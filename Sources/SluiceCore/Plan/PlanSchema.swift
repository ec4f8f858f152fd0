/// The JSON Schema (draft 2020-12) of the plan file, for editors: generated from the table that the reader uses.
public enum PlanSchema {
    /// The schema. It knows keys, types, ranges and forms; what fields say together only ``PlanReader`` knows.
    public static var jsonSchema: JSONValue {
        var definitions: [String: JSONValue] = [:]
        collect(PlanFields.file, into: &definitions)
        var root = definitions.removeValue(forKey: PlanFields.file.name) ?? .object([:])
        root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        root["title"] = "Sluice rollout plan"
        root["$defs"] = .object(definitions)
        return root
    }

    private static func collect(_ section: PlanSection, into definitions: inout [String: JSONValue]) {
        guard definitions[section.name] == nil else { return }
        definitions[section.name] = schema(section)
        for field in section.fields {
            switch field.type {
            case .section(let inner), .list(.section(let inner), _), .wordOr(_, let inner):
                collect(inner, into: &definitions)
            case .text, .choice, .whole, .amount, .duration, .onlyTrue, .texts, .list: break
            }
        }
    }

    private static func schema(_ section: PlanSection) -> JSONValue {
        var properties: [String: JSONValue] = [:]
        for field in section.fields {
            var property = schema(field.type)
            let defaultNote = field.defaultText.map { " Default: \($0)." } ?? ""
            property["description"] = .string(field.summary + defaultNote)
            properties[field.name] = property
        }
        var result: JSONValue = [
            "type": "object", "description": .string(section.summary), "additionalProperties": false,
            "properties": .object(properties),
        ]
        let required = section.fields.filter(\.isRequired).map { JSONValue.string($0.name) }
        if !required.isEmpty { result["required"] = .array(required) }
        let choices = section.exactlyOneOf.map { keys in
            JSONValue.array(keys.map { ["required": .array([.string($0)])] })
        }
        if choices.count == 1 { result["oneOf"] = choices[0] }
        if choices.count > 1 { result["allOf"] = .array(choices.map { ["oneOf": $0] }) }
        return result
    }

    private static func schema(_ type: PlanType) -> JSONValue {
        switch type {
        case .section(let section): ["$ref": .string("#/$defs/\(section.name)")]
        case .list(let element, let atLeast):
            ["type": "array", "items": schema(element), "minItems": .integer(Int64(atLeast))]
        case .texts(let key, let value, let atLeast):
            [
                "type": "object", "propertyNames": text(key), "additionalProperties": text(value),
                "minProperties": .integer(Int64(atLeast)),
            ]
        case .text(let rule): text(rule)
        case .choice(let words): ["enum": .array(words.map { .string($0) })]
        case .wordOr(let words, let section):
            ["anyOf": [schema(.choice(words)), schema(.section(section))]]
        case .whole(let range):
            ["type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound)]
        case .amount(let zeroAllowed):
            [
                "anyOf": [
                    [
                        "type": "integer", "minimum": .integer(zeroAllowed ? 0 : 1),
                        "maximum": .integer(PlanBounds.nodes),
                    ],
                    ["type": "string", "pattern": "^0*([1-9][0-9]?|100)%$"],
                ]
            ]
        case .duration: ["type": "string", "minLength": 2, "pattern": .string(PlanDuration.pattern)]
        case .onlyTrue: ["const": true]
        }
    }

    private static func text(_ rule: TextRule) -> JSONValue {
        ["type": "string", "maxLength": .integer(Int64(rule.maxLength)), "pattern": .string(rule.pattern)]
    }
}
