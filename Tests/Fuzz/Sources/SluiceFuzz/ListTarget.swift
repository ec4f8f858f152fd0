import SluiceCore
import SluiceDocuments

@testable import SluiceClients

/// The scanner reads nodes and pods as a plain decoder of a tree of values does.
///
/// The API server writes no object with a key twice, no escapes in the names of fields, and no two conditions of a
/// type; on such the two may differ. So they are compared on the tree without them, written anew; the text itself must
/// be read as that is, unless it has them.
enum ListTarget {
    static func run(_ bytes: [UInt8]) {
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONReader.read(bytes)
        } catch {
            // What is skipped is not checked, so the scanner may take it; it must not trap.
            _ = pod(bytes)
            _ = node(bytes)
            _ = page(bytes, Pod.self)
            return
        }
        let plain = plain(json)
        let text = Array(plain.serialized.utf8)
        if let pod = pod(text) { demand(pod == Pod(json: plain), "another pod") }
        if let node = node(text) { demand(node == Node(json: plain), "another node") }
        comparePages(plain, text)
        guard plain == json, KeyCounter.isPlain(bytes, json) else { return }
        demand(pod(bytes) == pod(text), "the pod depends on how it is written")
        demand(node(bytes) == node(text), "the node depends on how it is written")
    }

    private static func comparePages(_ plain: JSONValue, _ text: [UInt8]) {
        let items = plain["items"]?.array ?? []
        if let page = page(text, Pod.self) {
            demand(page.items == items.map { Pod(json: $0) }, "other pods")
            demand(page.resourceVersion == plain.at("metadata", "resourceVersion")?.string, "another version")
        }
        if let page = page(text, Node.self) {
            demand(page.items == items.map { Node(json: $0) }, "other nodes")
        }
    }

    private static func pod(_ bytes: [UInt8]) -> Pod? {
        do { return try Pod.decode(bytes, interner: StringInterner()) } catch { return nil }
    }

    private static func node(_ bytes: [UInt8]) -> Node? {
        do { return try Node.decode(bytes, interner: StringInterner()) } catch { return nil }
    }

    private static func page<Object: ClusterObject>(_ bytes: [UInt8], _ type: Object.Type) -> ObjectPage<Object>? {
        do { return try Object.decodePage(bytes, interner: StringInterner()) } catch { return nil }
    }

    /// Without nulls, empty texts, and all but the first of what should be there once.
    private static func plain(_ json: JSONValue) -> JSONValue {
        switch json {
        case .null, .bool, .integer, .double, .string: json
        case .array(let elements): .array(elements.filter { $0 != .null }.map(plain))
        case .object(let members):
            .object(
                Dictionary(
                    uniqueKeysWithValues: members.filter { $0.value != .null && $0.value != "" }.map {
                        ($0.key, once($0.key, plain($0.value)))
                    }))
        }
    }

    private static func once(_ key: String, _ value: JSONValue) -> JSONValue {
        guard let elements = value.array else { return value }
        switch key {
        case "conditions":
            var types: [JSONValue?] = []
            return .array(
                elements.filter { element in
                    guard !types.contains(element["type"]) else { return false }
                    types.append(element["type"])
                    return true
                })
        case "ownerReferences", "matchFields", "nodeSelectorTerms", "values": return .array(Array(elements.prefix(1)))
        case "containers": return .array(unique(elements))
        default: return value
        }
    }

    /// Of containers of one name the order after sorting is not said.
    private static func unique(_ containers: [JSONValue]) -> [JSONValue] {
        var names: Set<JSONValue> = []
        return containers.filter { names.insert($0["name"] ?? "").inserted }
    }
}

/// Whether a text has every key once and no escapes in keys.
enum KeyCounter {
    static func isPlain(_ bytes: [UInt8], _ json: JSONValue) -> Bool {
        var count = 0
        var index = 0
        var hasEscape = false
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                hasEscape = false
                index += 1
                while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
                    if bytes[index] == UInt8(ascii: "\\") { (hasEscape, index) = (true, index + 1) }
                    index += 1
                }
            case UInt8(ascii: ":"):
                if hasEscape { return false }
                count += 1
            default: break
            }
            index += 1
        }
        return count == members(json)
    }

    private static func members(_ json: JSONValue) -> Int {
        switch json {
        case .null, .bool, .integer, .double, .string: 0
        case .array(let elements): elements.reduce(0) { $0 + members($1) }
        case .object(let object): object.values.reduce(object.count) { $0 + members($1) }
        }
    }
}
