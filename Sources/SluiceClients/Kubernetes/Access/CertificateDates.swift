import SluiceCore

/// The little of a certificate (X.509, RFC 5280) that a message wants to name.
enum CertificateDates {
    /// When the first certificate of a PEM text ends; nil when that cannot be read.
    static func end(_ pem: [UInt8]) -> Timestamp? {
        let text = String(decoding: pem, as: UTF8.self)
        guard let begin = text.firstRange(of: "-----BEGIN CERTIFICATE-----"),
            let end = text[begin.upperBound...].firstRange(of: "-----END CERTIFICATE-----"),
            let bytes = Base64.decode(String(text[begin.upperBound..<end.lowerBound]))
        else { return nil }
        var file = DER(bytes[...])
        guard var certificate = file.next(tag: 0x30), var body = certificate.next(tag: 0x30) else { return nil }
        // Version (where it is said), serial number, algorithm, issuer.
        _ = body.next(tag: 0xA0)
        guard body.next(tag: 0x02) != nil, body.next(tag: 0x30) != nil, body.next(tag: 0x30) != nil,
            var validity = body.next(tag: 0x30), validity.time() != nil
        else { return nil }
        return validity.time()
    }
}

/// Reads values of DER one after the other.
private struct DER {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// What is in the next value when it has this tag; else nil, and the value stays.
    mutating func next(tag: UInt8) -> DER? {
        var bytes = rest
        guard bytes.popFirst() == tag, let first = bytes.popFirst() else { return nil }
        var length = Int(first)
        if first >= 0x80 {
            let digits = Int(first & 0x7F)
            // Four bytes of length are more than a certificate ever has.
            guard (1...4).contains(digits), bytes.count >= digits else { return nil }
            length = bytes.prefix(digits).reduce(0) { $0 << 8 | Int($1) }
            bytes = bytes.dropFirst(digits)
        }
        guard bytes.count >= length else { return nil }
        rest = bytes.dropFirst(length)
        return DER(bytes.prefix(length))
    }

    /// A UTCTime (`YYMMDDhhmmssZ`, from 1950) or a GeneralizedTime (`YYYYMMDDhhmmssZ`).
    mutating func time() -> Timestamp? {
        var digits: String
        if let short = next(tag: 0x17) {
            digits = String(decoding: short.rest, as: UTF8.self)
            digits = (digits < "50" ? "20" : "19") + digits
        } else if let long = next(tag: 0x18) {
            digits = String(decoding: long.rest, as: UTF8.self)
        } else {
            return nil
        }
        guard digits.utf8.count == 15, digits.hasSuffix("Z") else { return nil }
        let parts = [(0, 4, "-"), (4, 2, "-"), (6, 2, "T"), (8, 2, ":"), (10, 2, ":"), (12, 2, "Z")]
        let text = parts.map { String(digits.dropFirst($0.0).prefix($0.1)) + $0.2 }.joined()
        return Timestamp(rfc3339: text)
    }
}
