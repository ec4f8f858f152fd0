import SluiceCore
import SluiceDocuments

/// Where the next page of a list begins.
struct ContinueToken: Sendable {
    /// The version of the list's first page; -1 for whatever is current.
    var version: Int
    /// The first key that may come, within the namespace if the list is one namespace's.
    var start: String

    private init(version: Int, start: String) {
        self.version = version
        self.start = start
    }

    /// The token for what follows an object. Lists of Events do not come from a cache, and their keys begin otherwise.
    init(after object: StoredObject, _ kind: ResourceKind, _ version: Int, in namespace: String?) {
        let key = namespace == nil ? object.key : object.name
        self.init(version: version, start: (kind.stored == .events ? "" : "/") + key + "\0")
    }

    /// The key from which a list goes on.
    func key(in namespace: String?) -> String {
        let key = start.hasPrefix("/") ? String(start.dropFirst()) : start
        return namespace.map { "\($0)/\(key)" } ?? key
    }

    /// Reads a token that was handed out.
    init(text: String) throws(Failure) {
        guard let bytes = Base64URL.decoded(text) else { throw Self.refusal("illegal base64 data") }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONReader.read(bytes)
        } catch {
            let byte = bytes.first ?? 0
            let shown =
                byte < 0x7F && byte > 0x1F ? String(UnicodeScalar(byte)) : "\\u00" + Drawing.hex(UInt64(byte)).suffix(2)
            throw Self.refusal("invalid character '\(shown)' looking for beginning of value")
        }
        guard value["v"] == "meta.k8s.io/v1", let version = value["rv"]?.integer, let start = value["start"]?.string
        else { throw Self.refusal("incorrect encoding of the token") }
        self.init(version: Int(version), start: start)
    }

    private static func refusal(_ why: String) -> Failure {
        .badRequest("invalid continue token: continue key is not valid: \(why)")
    }

    /// The token as text without characters that a query would have to escape.
    var text: String {
        let value: JSONValue = ["v": "meta.k8s.io/v1", "rv": .integer(Int64(version)), "start": .string(start)]
        return Base64URL.text(Array(value.serialized.utf8))
    }

    /// The answer to a token whose state is gone; it carries a token to go on with what is current.
    var expired: Failure {
        var failure = Failure(
            410, "Expired",
            "The provided continue parameter is too old to display a consistent list result. You can start a new list "
                + "without the continue parameter, or use the continue token in this response to retrieve the "
                + "remainder of the results. Continuing with the provided token results in an inconsistent list - "
                + "objects that were created, modified, or deleted between the time the first chunk was returned and "
                + "now may show up in the list.")
        failure.continueToken = ContinueToken(version: -1, start: key(in: nil)).text
        return failure
    }
}

/// Base 64 in the alphabet for addresses, without padding.
enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    static func text(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.enumerated().reduce(0) { $0 | Int($1.element) << (16 - 8 * $1.offset) }
            for index in 0...group.count { text.append(alphabet[bits >> (18 - 6 * index) & 63]) }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of a text; nil when it is not in this form.
    static func decoded(_ text: String) -> [UInt8]? {
        var bits = 0
        var count = 0
        var bytes: [UInt8] = []
        for character in text.utf8 {
            guard let value = alphabet.firstIndex(of: character) else { return nil }
            bits = (bits << 6 | value) & 0xFFFF
            count += 6
            guard count >= 8 else { continue }
            count -= 8
            bytes.append(UInt8(bits >> count & 0xFF))
        }
        return bytes
    }
}
