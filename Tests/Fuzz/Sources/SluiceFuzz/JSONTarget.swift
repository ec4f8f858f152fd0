import Foundation
import SluiceCore
import SluiceDocuments

/// Our reader takes what Foundation's takes, and finds the same in it.
///
/// Left out is where the two mean to differ: bytes that are not UTF-8 (ours repairs them), lone surrogates, UTF-16, a
/// key given twice, depth, numbers beyond a double, and a comma before a closing bracket, which Foundation takes.
enum JSONTarget {
    static func run(_ bytes: [UInt8]) {
        let ours = read(bytes)
        if let ours, let again = read(Array(ours.serialized.utf8)) {
            demand(again.serialized == ours.serialized, "what was written is read as something else")
        } else {
            demand(ours == nil, "what was written cannot be read")
        }
        guard isComparable(bytes) else { return }
        let theirs = foundation(bytes)
        // Foundation takes control characters in strings.
        let isText = bytes.allSatisfy { $0 >= 0x20 }
        demand((ours == nil) == (theirs == nil) || (ours == nil && !isText), "only one of two readers takes this")
        guard let ours, let theirs, KeyCounter.isPlain(bytes, ours) else { return }
        demand(isEqual(ours, theirs), "two readers find different values")
    }

    private static func isComparable(_ bytes: [UInt8]) -> Bool {
        guard bytes.first != 0xEF, !bytes.contains(0), String(validating: bytes, as: UTF8.self) != nil else {
            return false
        }
        var depth = 0
        var last = UInt8(0)
        for byte in bytes where ![0x20, 0x09, 0x0A, 0x0D].contains(byte) {
            if byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") { depth += 1 }
            let closes = byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}")
            if closes, last == UInt8(ascii: ",") { return false }
            last = byte
        }
        let text = String(decoding: bytes, as: UTF8.self).lowercased()
        return depth < 200 && !text.contains("\\ud") && !text.contains("e")
    }

    private static func read(_ bytes: [UInt8]) -> JSONValue? {
        do { return try JSONReader.read(bytes) } catch { return nil }
    }

    private static func foundation(_ bytes: [UInt8]) -> Value? {
        do { return try JSONDecoder().decode(Value.self, from: Data(bytes)) } catch { return nil }
    }

    private static func isEqual(_ ours: JSONValue, _ theirs: Value) -> Bool {
        switch (ours, theirs) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.integer(let left), .number(let right)): Double(left) == right
        case (.double(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): left.unicodeScalars.elementsEqual(right.unicodeScalars)
        case (.array(let left), .array(let right)):
            left.count == right.count && zip(left, right).allSatisfy { isEqual($0, $1) }
        case (.object(let left), .object(let right)):
            left.count == right.count
                && left.allSatisfy { key, value in right[key].map { isEqual(value, $0) } ?? false }
        default: false
        }
    }

    /// A value as JSONDecoder gives it.
    private enum Value: Decodable {
        case null, bool(Bool), number(Double), string(String), array([Value]), object([String: Value])

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if value.decodeNil() {
                self = .null
            } else if let bool = try? value.decode(Bool.self) {
                self = .bool(bool)
            } else if let number = try? value.decode(Double.self) {
                self = .number(number)
            } else if let string = try? value.decode(String.self) {
                self = .string(string)
            } else if let array = try? value.decode([Value].self) {
                self = .array(array)
            } else {
                self = .object(try value.decode([String: Value].self))
            }
        }
    }
}
