import SluiceCore

@testable import SluiceClients

/// The lines of a watch do not depend on where the network cuts it.
enum WatchTarget {
    /// The longest line, in bytes; small, so that the fuzzer finds it.
    private static let limit = 8_192

    /// The first byte says how many bytes after it are widths of pieces, which repeat; the rest is the stream.
    static func run(_ bytes: [UInt8]) {
        let widths = bytes.dropFirst().prefix(Int(bytes.first ?? 0) % 16).map { Int($0) + 1 }
        let stream = Array(bytes.dropFirst(1 + widths.count))
        let lines = expected(stream)
        demand(cut(stream, widths.isEmpty ? [stream.count + 1] : widths) == lines, "pieces give other lines")
        for line in lines ?? [] {
            let interner = StringInterner()
            tell(line, interner, Pod.self)
            tell(line, interner, Node.self)
            tell(line, interner, DaemonSet.self)
            tell(line, interner, ControllerRevision.self)
        }
    }

    private static func expected(_ stream: [UInt8]) -> [[UInt8]]? {
        let parts = stream.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard parts.allSatisfy({ $0.count <= limit }) else { return nil }
        return parts.dropLast().filter { !$0.isEmpty }.map(Array.init)
    }

    private static func cut(_ stream: [UInt8], _ widths: [Int]) -> [[UInt8]]? {
        var buffer = LineBuffer(limit: limit)
        var lines: [[UInt8]] = []
        var rest = stream[...]
        var turn = 0
        while !rest.isEmpty {
            let width = widths[turn % widths.count]
            guard let more = buffer.append(Array(rest.prefix(width))) else { return nil }
            lines += more
            rest = rest.dropFirst(width)
            turn += 1
        }
        return lines
    }

    private static func tell<Object: ClusterObject>(
        _ line: [UInt8], _ interner: StringInterner, _ type: Object.Type
    ) {
        do throws(ScanError) {
            if case .failed(let status) = try Object.decodeLine(line, interner: interner) {
                demand(!"\(APIError(status: status, .listNodes()))".isEmpty)
            }
        } catch {
            demand(error.offset <= line.count, "a place behind the end")
        }
    }
}
