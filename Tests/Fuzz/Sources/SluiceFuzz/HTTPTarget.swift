import SluiceCore
import SluiceDocuments

@testable import SluiceClients

/// An answer as libcurl hands it over: `STATUS`, then `name: value` lines up to an empty one, then the body.
enum HTTPTarget {
    static func run(_ bytes: [UInt8]) {
        let (head, body) = split(bytes)
        let status = APIStatus(head: head, body: body)
        demand(status.retryAfter ?? 0 >= 0, "a negative wait")
        let error = APIError(status: status, .listNodes())
        demand(!"\(error)".isEmpty && error.askedWait <= KubernetesLimits.retryAfterCap)
        let response = APIResponse(status: head.status, headers: head.headers, body: body)
        _ = response.serverTime
        _ = response.warnings
        _ = CreationRefusal.latest(in: response)
        for isRange in [false, true] {
            _ = PrometheusClient.read(
                status: head.status, body: body, from: "http://user:secret@p:9090/", isRange: isRange)
        }
        if let json = response.json { lease(json) }
        _ = TerminalText.plain(body)
    }

    private static func lease(_ json: JSONValue) {
        let lease = LeaseRecord(json: json)
        _ = lease.renewedAt
        demand(lease.duration >= 0, "a negative duration")
        let held = lease.held(by: "host/id", at: Timestamp(1_795_000_000_000), checkpoint: ["phase": "running"])
        demand(held.holder == "host/id", "a Lease that cannot be taken")
    }

    private static func split(_ bytes: [UInt8]) -> (HTTPHead, [UInt8]) {
        var rest = bytes[...]
        func line() -> String {
            let line = rest.prefix { $0 != UInt8(ascii: "\n") }
            rest = rest.dropFirst(line.count + 1)
            return String(decoding: line, as: UTF8.self)
        }
        let status = Int(line().prefix(3)) ?? 200
        var headers: [(name: String, value: String)] = []
        while !rest.isEmpty {
            let text = line()
            guard let colon = text.firstIndex(of: ":") else { break }
            let value = text[text.index(after: colon)...].drop { $0 == " " }
            headers.append((text[..<colon].lowercased(), String(value)))
        }
        return (HTTPHead(status: status, headers: headers), Array(rest))
    }
}
