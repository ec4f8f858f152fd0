import SluiceCore
import Testing

/// As much of JSON Schema 2020-12 as the plan's schema uses; a keyword that it does not know fails the test.
struct SchemaValidator {
    let root: JSONValue

    /// Whether a value is valid under the schema.
    func accepts(_ value: JSONValue) throws -> Bool { try accepts(value, under: root) }

    private func accepts(_ value: JSONValue, under schema: JSONValue) throws -> Bool {
        for (keyword, argument) in schema.object ?? [:] where try !accepts(value, keyword, argument, in: schema) {
            return false
        }
        return true
    }

    private func accepts(
        _ value: JSONValue, _ keyword: String, _ argument: JSONValue, in schema: JSONValue
    ) throws -> Bool {
        switch keyword {
        case "$schema", "$defs", "title", "description": return true
        case "$ref":
            let name = try #require(argument.string?.split(separator: "/").last)
            return try accepts(value, under: try #require(root.at("$defs", String(name))))
        case "type": return Self.typeName(of: value) == argument.string
        case "enum": return argument.array?.contains(value) == true
        case "const": return argument == value
        case "required": return (argument.array ?? []).allSatisfy { $0.string.flatMap { value[$0] } != nil }
        case "properties":
            return try (argument.object ?? [:]).allSatisfy { name, inner in
                try value[name].map { try accepts($0, under: inner) } ?? true
            }
        case "additionalProperties":
            let known = schema["properties"]?.object ?? [:]
            return try (value.object ?? [:]).filter { known[$0.key] == nil }.values.allSatisfy {
                argument == false ? false : try accepts($0, under: argument)
            }
        case "propertyNames":
            return try (value.object ?? [:]).keys.allSatisfy { try accepts(.string($0), under: argument) }
        case "oneOf": return try (argument.array ?? []).filter { try accepts(value, under: $0) }.count == 1
        case "allOf": return try (argument.array ?? []).allSatisfy { try accepts(value, under: $0) }
        case "anyOf": return try (argument.array ?? []).contains { try accepts(value, under: $0) }
        case "items": return try (value.array ?? []).allSatisfy { try accepts($0, under: argument) }
        case "minItems": return Int64(value.array?.count ?? .max) >= argument.integer ?? 0
        case "minProperties": return Int64(value.object?.count ?? .max) >= argument.integer ?? 0
        case "minLength": return Int64(value.string?.count ?? .max) >= argument.integer ?? 0
        case "maxLength": return Int64(value.string?.count ?? 0) <= argument.integer ?? .max
        case "minimum": return value.integer ?? .max >= argument.integer ?? .min
        case "maximum": return value.integer ?? .min <= argument.integer ?? .max
        case "pattern":
            guard let text = value.string else { return true }
            return try Regex(try #require(argument.string)).firstMatch(in: text) != nil
        default:
            Issue.record("unknown keyword \(keyword)")
            return false
        }
    }

    private static func typeName(of value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool: "boolean"
        case .integer: "integer"
        case .double: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}
