/// The names of HTTP headers.
enum HeaderName {
    private static let signs = Array("!#$&'*+-.^_`|~".utf8)

    /// A text as a part of a header's name: everything that may not stand there, and the percent sign, is escaped, as
    /// the API server expects it of `Impersonate-Extra-…`.
    static func escaped(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            let isLetter = (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
            if isLetter || signs.contains(byte) {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
