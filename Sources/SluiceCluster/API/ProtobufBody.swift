import SluiceCore

/// The few objects that kubectl sends in protobuf whatever the server says it takes: those that it makes itself
/// (`create namespace`, `create configmap`) and its questions about rights.
enum ProtobufBody {
    /// What a field holds.
    private indirect enum Field {
        case text(String)
        case flag(String)
        case number(String)
        case texts(String)
        case map(String)
        case object(String, [Int: Field])
    }

    /// How every body begins.
    private static let magic: [UInt8] = [0x6B, 0x38, 0x73, 0x00]

    private static let metadata: [Int: Field] = [
        1: .text("name"), 2: .text("generateName"), 3: .text("namespace"), 11: .map("labels"), 12: .map("annotations"),
    ]

    private static let schemas: [String: [Int: Field]] = [
        "Namespace": [1: .object("metadata", metadata)],
        "ServiceAccount": [1: .object("metadata", metadata)],
        "ConfigMap": [1: .object("metadata", metadata), 2: .map("data"), 4: .flag("immutable")],
        "PriorityClass": [
            1: .object("metadata", metadata), 2: .number("value"), 3: .flag("globalDefault"), 4: .text("description"),
        ],
        "SelfSubjectAccessReview": [
            2: .object(
                "spec",
                [
                    1: .object(
                        "resourceAttributes",
                        [
                            1: .text("namespace"), 2: .text("verb"), 3: .text("group"), 4: .text("version"),
                            5: .text("resource"), 6: .text("subresource"), 7: .text("name"),
                        ]), 2: .object("nonResourceAttributes", [1: .text("path"), 2: .text("verb")]),
                ])
        ],
        "SelfSubjectRulesReview": [2: .object("spec", [1: .text("namespace")])],
        "SelfSubjectReview": [:],
        "Eviction": [
            1: .object("metadata", metadata),
            2: .object("deleteOptions", deleteOptions),
        ],
        "DeleteOptions": deleteOptions,
    ]

    private static let deleteOptions: [Int: Field] = [
        1: .number("gracePeriodSeconds"), 2: .object("preconditions", [1: .text("uid"), 2: .text("resourceVersion")]),
        4: .text("propagationPolicy"), 5: .texts("dryRun"),
    ]

    /// Reads a body; nil when it is none, or holds an object that is not read in this form.
    static func read(_ body: [UInt8]) -> JSONValue? {
        guard body.starts(with: magic) else { return nil }
        var envelope = ProtobufFields(bytes: body.dropFirst(magic.count))
        var kind = ""
        var version = ""
        var raw: ArraySlice<UInt8> = []
        while let (number, value) = envelope.next() {
            guard case .bytes(let bytes) = value else { continue }
            if number == 2 { raw = bytes }
            guard number == 1 else { continue }
            var type = ProtobufFields(bytes: bytes)
            while let (number, value) = type.next() {
                guard case .bytes(let text) = value else { continue }
                if number == 1 { version = String(decoding: text, as: UTF8.self) }
                if number == 2 { kind = String(decoding: text, as: UTF8.self) }
            }
        }
        guard let schema = schemas[kind] else { return nil }
        var object = object(raw, schema)
        object["kind"] = .string(kind)
        object["apiVersion"] = .string(version)
        return object
    }

    private static func object(_ bytes: ArraySlice<UInt8>, _ schema: [Int: Field]) -> JSONValue {
        var fields = ProtobufFields(bytes: bytes)
        var result: JSONValue = [:]
        while let (number, value) = fields.next() {
            guard let field = schema[number] else { continue }
            switch (field, value) {
            case (.text(let name), .bytes(let text)):
                if !text.isEmpty { result[name] = .string(String(decoding: text, as: UTF8.self)) }
            case (.texts(let name), .bytes(let text)):
                result[name] = .array(
                    (result[name]?.array ?? []) + [.string(String(decoding: text, as: UTF8.self))])
            case (.flag(let name), .number(let flag)): if flag != 0 { result[name] = true }
            case (.number(let name), .number(let number)): result[name] = .integer(Int64(bitPattern: number))
            case (.map(let name), .bytes(let entry)):
                let pair = object(entry, [1: .text("key"), 2: .text("value")])
                if result[name] == nil { result[name] = [:] }
                result[name]?[pair["key"]?.string ?? ""] = pair["value"] ?? ""
            case (.object(let name, let schema), .bytes(let inner)): result[name] = object(inner, schema)
            default: continue
            }
        }
        return result
    }
}

/// The fields of a message in the protobuf wire format. It ends early where the bytes make no sense.
private struct ProtobufFields {
    enum Value {
        case number(UInt64)
        case bytes(ArraySlice<UInt8>)
    }

    var bytes: ArraySlice<UInt8>

    mutating func next() -> (number: Int, value: Value)? {
        guard let key = varint() else { return nil }
        let number = Int(truncatingIfNeeded: key >> 3)
        switch key & 7 {
        case 0: return varint().map { (number, .number($0)) }
        case 1: return take(8).map { (number, .bytes($0)) }
        case 2:
            guard let length = varint(), length <= UInt64(bytes.count) else { return nil }
            return take(Int(length)).map { (number, .bytes($0)) }
        case 5: return take(4).map { (number, .bytes($0)) }
        default: return nil
        }
    }

    private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count <= bytes.count else { return nil }
        let taken = bytes.prefix(count)
        bytes = bytes.dropFirst(count)
        return taken
    }

    private mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = bytes.popFirst() else { return nil }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }
}
