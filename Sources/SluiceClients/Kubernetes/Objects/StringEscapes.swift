/// Undoes the escapes of JSON strings.
enum StringEscapes {
    static func decode(_ raw: UnsafeBufferPointer<UInt8>, at offset: Int) throws(ScanError) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(raw.count)
        var index = 0
        while index < raw.count {
            guard raw[index] == UInt8(ascii: "\\") else {
                bytes.append(raw[index])
                index += 1
                continue
            }
            guard index + 1 < raw.count else { throw ScanError("a string without an end", at: offset) }
            index += 2
            switch raw[index - 1] {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(raw[index - 1])
            case UInt8(ascii: "b"): bytes.append(0x08)
            case UInt8(ascii: "f"): bytes.append(0x0C)
            case UInt8(ascii: "n"): bytes.append(0x0A)
            case UInt8(ascii: "r"): bytes.append(0x0D)
            case UInt8(ascii: "t"): bytes.append(0x09)
            case UInt8(ascii: "u"):
                guard let scalar = scalar(raw, &index) else {
                    throw ScanError("expected four hexadecimal digits", at: offset)
                }
                bytes += Array(String(Character(scalar)).utf8)
            default: throw ScanError("an unknown escape", at: offset)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The scalar of the digits behind `\u`; a surrogate pair is one scalar, a lone surrogate the replacement character.
    private static func scalar(_ raw: UnsafeBufferPointer<UInt8>, _ index: inout Int) -> Unicode.Scalar? {
        guard let first = digits(raw, index) else { return nil }
        index += 4
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, index + 1 < raw.count, raw[index] == UInt8(ascii: "\\"),
            raw[index + 1] == UInt8(ascii: "u"), let second = digits(raw, index + 2), (0xDC00..<0xE000).contains(second)
        else { return "\u{FFFD}" }
        index += 6
        return Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
    }

    private static func digits(_ raw: UnsafeBufferPointer<UInt8>, _ index: Int) -> UInt32? {
        guard index + 4 <= raw.count else { return nil }
        var number: UInt32 = 0
        for byte in raw[index..<index + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
            number = number << 4 | UInt32(digit)
        }
        return number
    }
}
