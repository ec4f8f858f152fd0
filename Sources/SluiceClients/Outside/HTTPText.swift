/// Reads the header lines of a response as libcurl hands them over, one a call.
struct HeadReader {
    /// What a line brought.
    enum Step {
        case more
        /// The final response's head. Heads of 1xx responses are never complete.
        case complete(HTTPHead)
        case tooLarge
    }

    private var head = HTTPHead(status: 0, headers: [])
    private var size = 0
    private var isComplete = false

    /// Takes a line with its line break. Lines after the head are trailers, which nobody reads.
    mutating func take(_ bytes: UnsafeRawBufferPointer) -> Step {
        size += bytes.count
        guard size <= OutsideLimits.headerBytes else { return .tooLarge }
        guard !isComplete else { return .more }
        let line = Self.trimmed(bytes[...])
        if line.starts(with: "HTTP/".utf8) {
            let status = line.split(separator: UInt8(ascii: " "), maxSplits: 2).dropFirst().first
            head = HTTPHead(status: status.flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0, headers: [])
            return .more
        }
        if line.isEmpty {
            guard !(100..<200).contains(head.status) else { return .more }
            isComplete = true
            return .complete(head)
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return .more }
        let name = String(decoding: Self.trimmed(line[..<colon]), as: UTF8.self).lowercased()
        let value = String(decoding: Self.trimmed(line[(colon + 1)...]), as: UTF8.self)
        head.headers.append((name, value))
        return .more
    }

    private static func trimmed(_ bytes: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
        var bytes = bytes
        while let first = bytes.first, isSpace(first) { bytes.removeFirst() }
        while let last = bytes.last, isSpace(last) { bytes.removeLast() }
        return bytes
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}

/// The header lines of a request.
enum RequestHeaders {
    /// The lines for libcurl: those of the request, and those that switch off what libcurl would add.
    ///
    /// - Throws: ``TransportError`` for a header that would break out of its line; its value may be a secret and is
    ///   not named.
    static func lines(_ request: HTTPRequest) throws(TransportError) -> [String] {
        var lines: [String] = []
        for header in request.headers {
            guard !header.name.isEmpty, header.name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x3A }) else {
                throw TransportError(.broken, "a request's header has a name that is not allowed")
            }
            guard HeaderText.isSendable(header.value) else {
                throw TransportError(
                    .broken, "the value of the request's header \(header.name) has a control character in it")
            }
            // libcurl's notation for a header without a value ends in a semicolon.
            lines.append(header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)")
        }
        // A server that does not know 100-continue costs a second a request.
        if !names(request, "expect") { lines.append("Expect:") }
        // Without it libcurl calls every body a form.
        if !names(request, "content-type") { lines.append("Content-Type:") }
        return lines
    }

    /// Whether the request has a header of this name (in lower case).
    static func names(_ request: HTTPRequest, _ name: String) -> Bool {
        request.headers.contains { $0.name.lowercased() == name }
    }
}

/// What may stand in an HTTP header.
enum HeaderText {
    /// Whether a value can be sent without breaking out of its line.
    static func isSendable(_ value: String) -> Bool {
        value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
    }
}
