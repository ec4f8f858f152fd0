import SluiceCore

/// Walks JSON text and takes out only what it is asked for.
///
/// A Pod is 10 KB of which a rollout reads a tenth, and a replaced pod is nine events, so Node and Pod are read by this
/// instead of through a tree of values. What is skipped is only checked for strings that end and brackets that close.
///
/// All memory is read through ``byte(at:)`` and ``slice(_:)``, which know the end of the text. Behind the end stands a
/// zero byte, as it were: no token contains one, so every loop stops there.
struct ObjectScanner {
    private let text: UnsafeBufferPointer<UInt8>
    private let interner: StringInterner
    private(set) var index = 0

    /// A scanner that is valid as long as the buffer is.
    init(_ text: UnsafeBufferPointer<UInt8>, interner: StringInterner) {
        self.text = text
        self.interner = interner
    }

    // MARK: Bytes

    @inline(__always)
    private func byte(at index: Int) -> UInt8 {
        index < text.count ? text[index] : 0
    }

    private func slice(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: text[range.clamped(to: 0..<text.count)])
    }

    func error(_ message: String) -> ScanError {
        ScanError(index < text.count ? message : "the text ends too early", at: min(index, text.count))
    }

    @inline(__always)
    private mutating func skipSpace() {
        while true {
            switch byte(at: index) {
            case 0x20, 0x0A, 0x0D, 0x09: index += 1
            default: return
            }
        }
    }

    private mutating func take(_ wanted: UInt8) -> Bool {
        guard byte(at: index) == wanted else { return false }
        index += 1
        return true
    }

    // MARK: Structure

    /// Walks the members of an object; `member` must read or skip each value. A null counts as an empty object.
    @inline(__always)
    mutating func object(
        _ member: (inout ObjectScanner, Key) throws(ScanError) -> Void
    ) throws(ScanError) {
        skipSpace()
        if byte(at: index) == UInt8(ascii: "n") { return try skipLiteral() }
        guard take(UInt8(ascii: "{")) else { throw error("expected an object") }
        skipSpace()
        if take(UInt8(ascii: "}")) { return }
        while true {
            skipSpace()
            let key = try key()
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw error("expected a colon") }
            try member(&self, key)
            skipSpace()
            if take(UInt8(ascii: ",")) { continue }
            guard take(UInt8(ascii: "}")) else { throw error("expected a comma or the end of the object") }
            return
        }
    }

    /// Walks the elements of an array; `element` must read or skip each. A null counts as an empty array.
    @inline(__always)
    mutating func array(_ element: (inout ObjectScanner) throws(ScanError) -> Void) throws(ScanError) {
        skipSpace()
        if byte(at: index) == UInt8(ascii: "n") { return try skipLiteral() }
        guard take(UInt8(ascii: "[")) else { throw error("expected an array") }
        skipSpace()
        if take(UInt8(ascii: "]")) { return }
        while true {
            try element(&self)
            skipSpace()
            if take(UInt8(ascii: ",")) { continue }
            guard take(UInt8(ascii: "]")) else { throw error("expected a comma or the end of the array") }
            return
        }
    }

    /// Demands that nothing but white space follows.
    mutating func end() throws(ScanError) {
        skipSpace()
        guard index == text.count else { throw error("unexpected text after the value") }
    }

    /// Goes back to a place that was read before.
    mutating func seek(_ place: Int) { index = place }

    // MARK: Keys

    /// A key of an object, where it stands in the text. One with escapes matches nothing: the API writes none in the
    /// names of fields.
    struct Key {
        fileprivate var text: UnsafeBufferPointer<UInt8>

        @inline(__always)
        static func ~= (name: StaticString, key: Key) -> Bool {
            let count = name.utf8CodeUnitCount
            guard key.text.count == count else { return false }
            for index in 0..<count where key.text[index] != name.utf8Start[index] { return false }
            return true
        }
    }

    private mutating func key() throws(ScanError) -> Key {
        guard byte(at: index) == UInt8(ascii: "\"") else { throw error("expected a key") }
        let start = index + 1
        try skipString()
        return Key(text: slice(start..<index - 1))
    }

    /// The key as text, for maps whose keys are data (labels).
    func string(_ key: Key) throws(ScanError) -> String { try decoded(key.text) }

    // MARK: Values

    /// Reads a string; null counts as nil.
    mutating func string() throws(ScanError) -> String? {
        guard let raw = try raw() else { return nil }
        return try decoded(raw)
    }

    /// The bytes of a string with its escapes; nil for null.
    private mutating func raw() throws(ScanError) -> UnsafeBufferPointer<UInt8>? {
        skipSpace()
        if byte(at: index) == UInt8(ascii: "n") {
            try skipLiteral()
            return nil
        }
        guard byte(at: index) == UInt8(ascii: "\"") else { throw error("expected a string") }
        let start = index + 1
        try skipString()
        return slice(start..<index - 1)
    }

    /// Reads a truth value; null counts as false.
    mutating func bool() throws(ScanError) -> Bool {
        skipSpace()
        let isTrue = byte(at: index) == UInt8(ascii: "t")
        guard isTrue || byte(at: index) == UInt8(ascii: "f") || byte(at: index) == UInt8(ascii: "n") else {
            throw error("expected true or false")
        }
        try skipLiteral()
        return isTrue
    }

    /// Reads a whole number; null counts as 0.
    mutating func integer() throws(ScanError) -> Int64 {
        skipSpace()
        if byte(at: index) == UInt8(ascii: "n") {
            try skipLiteral()
            return 0
        }
        let start = index
        skipNumber()
        guard let number = Int64(String(decoding: slice(start..<index), as: UTF8.self)) else {
            index = start
            throw error("expected a whole number")
        }
        return number
    }

    /// Reads a time in RFC 3339; null and anything unreadable count as nil.
    mutating func timestamp() throws(ScanError) -> Timestamp? {
        try raw().flatMap { Timestamp(rfc3339: $0) }
    }

    /// Reads a map of strings.
    mutating func strings() throws(ScanError) -> [String: String] {
        var result: [String: String] = [:]
        try object { (scanner, key) throws(ScanError) in
            result[try scanner.string(key)] = try scanner.string() ?? ""
        }
        return result
    }
}

// MARK: Skipping

extension ObjectScanner {
    /// Skips one value of any kind and depth, without recursion.
    mutating func skip() throws(ScanError) {
        skipSpace()
        switch byte(at: index) {
        case UInt8(ascii: "\""): try skipString()
        case UInt8(ascii: "{"), UInt8(ascii: "["): try skipNested()
        case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"): try skipLiteral()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): skipNumber()
        default: throw error("expected a value")
        }
    }

    private mutating func skipNested() throws(ScanError) {
        var depth = 0
        while true {
            switch byte(at: index) {
            case UInt8(ascii: "\""):
                try skipString()
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 {
                    index += 1
                    return
                }
            case 0: throw error("a zero byte")
            default: break
            }
            index += 1
        }
    }

    /// Skips a string, from its opening quote to behind its closing one.
    private mutating func skipString() throws(ScanError) {
        index += 1
        while true {
            if let base = text.baseAddress, index + 8 <= text.count {
                let word = UnsafeRawPointer(base + index).loadUnaligned(as: UInt64.self)
                let stops = Self.stops(in: UInt64(littleEndian: word))
                guard stops != 0 else {
                    index += 8
                    continue
                }
                index += stops.trailingZeroBitCount / 8
            }
            switch byte(at: index) {
            case UInt8(ascii: "\""):
                index += 1
                return
            case UInt8(ascii: "\\"): index += 2
            case 0..<0x20: throw error("a control character in a string")
            default: index += 1
            }
        }
    }

    /// Marks the first of eight bytes, lowest first, that is a quote, a backslash or a control character, by its highest
    /// bit. Bytes above the first may be marked wrongly.
    private static func stops(in word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        func zeros(in word: UInt64) -> UInt64 { (word &- ones) & ~word }
        let quotes = zeros(in: word ^ ones &* UInt64(UInt8(ascii: "\"")))
        let backslashes = zeros(in: word ^ ones &* UInt64(UInt8(ascii: "\\")))
        let controls = (word &- ones &* 0x20) & ~word
        return (quotes | backslashes | controls) & 0x8080_8080_8080_8080
    }

    private mutating func skipLiteral() throws(ScanError) {
        let word: StaticString =
            switch byte(at: index) {
            case UInt8(ascii: "t"): "true"
            case UInt8(ascii: "f"): "false"
            default: "null"
            }
        for offset in 0..<word.utf8CodeUnitCount where byte(at: index + offset) != word.utf8Start[offset] {
            index += offset
            throw error("expected \(word)")
        }
        index += word.utf8CodeUnitCount
    }

    private mutating func skipNumber() {
        while true {
            switch byte(at: index) {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
                UInt8(ascii: "e"), UInt8(ascii: "E"):
                index += 1
            default: return
            }
        }
    }
}

// MARK: Escapes

extension ObjectScanner {
    private func decoded(_ raw: UnsafeBufferPointer<UInt8>) throws(ScanError) -> String {
        guard raw.contains(UInt8(ascii: "\\")) else { return interner.text(raw) }
        return try StringEscapes.decode(raw, at: index)
    }
}
