/// Text in URLs.
enum URLText {
    /// A URL as it may stand in a message: user and password left out.
    static func withoutUser(_ url: String) -> String {
        var bytes = Array(url.utf8)
        var start = 0
        for index in bytes.indices.dropLast(2) where bytes[index...].starts(with: "://".utf8) {
            start = index + 3
            break
        }
        let end = bytes[start...].firstIndex { "/?#".utf8.contains($0) } ?? bytes.endIndex
        guard let at = bytes[start..<end].lastIndex(of: UInt8(ascii: "@")) else { return url }
        bytes.removeSubrange(start...at)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A URL without slashes at its end, so that a path can follow.
    static func withoutEndingSlashes(_ url: String) -> String {
        var url = url
        while url.hasSuffix("/") { url.removeLast() }
        return url
    }

    /// A value of a form (`application/x-www-form-urlencoded`); everything but unreserved characters is escaped.
    static func formEncoded(_ text: String) -> String {
        var encoded: [UInt8] = []
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                encoded.append(byte)
            default: encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }
}
