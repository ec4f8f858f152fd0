import Glibc

/// Cuts a stream of bytes into lines, however they are torn.
struct LineBuffer {
    private var bytes: [UInt8] = []
    /// How much of `bytes` is known to hold no line feed.
    private var searched = 0
    private let limit: Int

    /// - Parameter limit: the longest line in bytes.
    init(limit: Int) { self.limit = limit }

    /// Takes more bytes.
    ///
    /// - Returns: the lines that are now complete, without their line feeds and without empty ones; nil when one is
    ///   longer than the limit.
    mutating func append(_ more: [UInt8]) -> [[UInt8]]? {
        bytes += more
        var lines: [[UInt8]] = []
        var start = 0
        while let end = lineFeed(from: max(start, searched)) {
            if end - start > limit { return nil }
            if end > start { lines.append(Array(bytes[start..<end])) }
            start = end + 1
        }
        bytes.removeFirst(start)
        searched = bytes.count
        return bytes.count > limit ? nil : lines
    }

    private func lineFeed(from start: Int) -> Int? {
        bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, start < bytes.count,
                let found = memchr(base + start, Int32(UInt8(ascii: "\n")), bytes.count - start)
            else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }
}
