/// A query on Prometheus, or on anything that speaks its API.
public struct PrometheusQuery: Sendable, Hashable {
    /// The server's address, `http://prometheus.monitoring:9090`; a path prefix is kept.
    public var address: String
    /// The query with placeholders: `{{nodes}}`, `{{pods}}`, `{{instances}}` (regular expressions that match exactly the
    /// updated nodes of the wave, their pods, their addresses), `{{wave}}`, `{{nodeCount}}`, `{{window}}`.
    public var query: String
    /// Further parameters of the query, by name.
    public var parameters: [String: String]
    /// How the server is asked.
    public var access: ServerAccess

    /// A query on Prometheus.
    public init(
        address: String, query: String, parameters: [String: String] = [:], access: ServerAccess = ServerAccess()
    ) {
        self.address = address
        self.query = query
        self.parameters = parameters
        self.access = access
    }

    /// The parameters that a request sets itself (Prometheus' HTTP API: instant and range queries).
    static let ownParameters: Set<String> = ["query", "time", "start", "end", "step"]
}

/// A time over which a query is asked for.
public struct QueryRange: Sendable, Hashable {
    /// The first moment.
    public var start: Timestamp
    /// The last moment.
    public var end: Timestamp
    /// The time between two points, in seconds; at least 1.
    public var stepSeconds: Int64

    /// A time over which a query is asked for.
    public init(start: Timestamp, end: Timestamp, stepSeconds: Int64) {
        self.start = start
        self.end = end
        self.stepSeconds = stepSeconds
    }
}

extension PrometheusQuery {
    /// What the placeholders of a query stand for.
    public struct Context: Sendable, Hashable {
        /// The wave's name.
        public var wave: String
        /// The updated nodes of the wave.
        public var nodes: [String]
        /// Their pods of the target revision.
        public var pods: [String]
        /// The addresses of those pods.
        public var addresses: [String]
        /// The time since the soak began, in seconds; at least the gate's interval.
        public var windowSeconds: Int64

        /// What the placeholders stand for.
        public init(wave: String, nodes: [String], pods: [String], addresses: [String], windowSeconds: Int64) {
            self.wave = wave
            self.nodes = nodes
            self.pods = pods
            self.addresses = addresses
            self.windowSeconds = windowSeconds
        }
    }

    /// The names a query may use between `{{` and `}}`.
    public static let placeholders = ["nodes", "pods", "instances", "wave", "nodeCount", "window"]

    /// The query with its placeholders filled in.
    public func filled(with context: Context) -> PrometheusQuery {
        var result = self
        result.query = Self.replace(in: query) { name in
            switch name {
            case "nodes": Self.alternatives(context.nodes)
            case "pods": Self.alternatives(context.pods)
            case "instances": "(\(Self.alternatives(context.addresses)))(:[0-9]+)?"
            case "wave": context.wave
            case "nodeCount": String(context.nodes.count)
            case "window": "\(context.windowSeconds)s"
            default: nil
            }
        }
        return result
    }

    /// Exactly these names as a regular expression. A dot becomes `[.]`, which needs no backslash and so survives every
    /// kind of quoting in a query.
    private static func alternatives(_ names: [String]) -> String {
        var bytes: [UInt8] = []
        for (index, name) in names.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: "|")) }
            for byte in name.utf8 {
                switch byte {
                case UInt8(ascii: "."): bytes += Array("[.]".utf8)
                case UInt8(ascii: "["): bytes += Array("[[]".utf8)
                case UInt8(ascii: "]"): bytes += Array("[]]".utf8)
                default: bytes.append(byte)
                }
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func replace(in text: String, _ value: (String) -> String?) -> String {
        var result = ""
        var rest = text[...]
        while let open = firstRange(of: "{{", in: rest) {
            result += rest[..<open.lowerBound]
            let after = rest[open.upperBound...]
            guard let close = firstRange(of: "}}", in: after) else {
                return result + rest[open.lowerBound...]
            }
            let name = after[..<close.lowerBound].filter { $0 != " " }
            result += value(String(name)) ?? String(rest[open.lowerBound..<close.upperBound])
            rest = after[close.upperBound...]
        }
        return result + rest
    }

    private static func firstRange(of pair: String, in text: Substring) -> Range<Substring.Index>? {
        var index = text.startIndex
        while index < text.endIndex {
            if text[index...].hasPrefix(pair) { return index..<text.index(index, offsetBy: pair.count) }
            index = text.index(after: index)
        }
        return nil
    }
}
