import SluiceClients
import SluiceCore
import Testing

/// How long a test waits for something that must come, in milliseconds.
private let patience: Milliseconds = 60_000

extension SystemOutside {
    /// Polls until an arrival satisfies the condition.
    ///
    /// - Returns: everything that arrived, that one included.
    func arrivals(until isLast: (Arrival) -> Bool) throws -> [Arrival] {
        let deadline = now.monotonic + patience
        var all: [Arrival] = []
        while true {
            let arrivals = poll(until: deadline)
            try #require(!arrivals.isEmpty, "nothing arrived in time")
            all += arrivals
            if arrivals.contains(where: isLast) { return all }
        }
    }

    /// Runs one request to its end.
    func fetch(_ request: HTTPRequest) throws -> (head: HTTPHead?, result: Result<[UInt8], TransportError>) {
        let id = start(.http(request))
        var head: HTTPHead?
        for arrival in try arrivals(until: { $0.isEnd(of: id) }) {
            if case .head(id, let value) = arrival { head = value }
            if case .finished(id, let result) = arrival { return (head, result) }
        }
        throw Unfinished()
    }

    /// Runs one request that must fail.
    func failure(_ request: HTTPRequest) throws -> TransportError {
        let (_, result) = try fetch(request)
        guard case .failure(let error) = result else {
            Issue.record("the request succeeded: \(try result.text)")
            throw Unfinished()
        }
        return error
    }

    /// Runs one command to its end.
    func run(_ command: Command) throws -> Result<CommandOutput, TransportError> {
        let id = start(.command(command))
        for arrival in try arrivals(until: { $0.isEnd(of: id) }) {
            if case .exited(id, let result) = arrival { return result }
        }
        throw Unfinished()
    }
}

struct Unfinished: Error {}

extension Arrival {
    func isEnd(of id: OrderID) -> Bool {
        switch self {
        case .finished(let other, _), .exited(let other, _): other == id
        case .head, .bytes, .signal, .storeChanged: false
        }
    }
}

extension Result<[UInt8], TransportError> {
    var text: String { get throws { String(decoding: try get(), as: UTF8.self) } }
}
