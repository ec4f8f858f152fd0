import SluiceClients
import SluiceCluster
import SluiceCore

/// The outside of somebody who only reads, past the simulated network: every answer is there at once, and nothing goes
/// wrong. For judges, who look at the cluster with the client that the commands use.
final class DirectOutside: Outside {
    private let world: World
    private var arrivals: [Arrival] = []
    private var count: UInt64 = 0

    init(_ world: World) { self.world = world }

    var now: Moment { Moment(monotonic: world.time, wall: world.wall) }

    func random() -> UInt64 { 0 }

    func readFile(_ path: String) throws(FileError) -> [UInt8] {
        throw FileError(path: path, message: "No such file or directory", isMissing: true)
    }

    func start(_ order: Order) -> OrderID {
        count += 1
        let id = OrderID(count)
        guard case .http(let request) = order,
            case .answer(let answer) = world.cluster.handle(Wire.asked(request), at: world.wall)
        else {
            arrivals.append(.finished(id, .failure(TransportError(.broken, "only reads are answered here"))))
            return id
        }
        let headers = [("date", Wire.date(world.wall))] + answer.headers.map { ($0.name.lowercased(), $0.value) }
        arrivals.append(.head(id, HTTPHead(status: answer.status, headers: headers)))
        arrivals.append(.finished(id, .success(Array(answer.body.utf8))))
        return id
    }

    func cancel(_ id: OrderID) { arrivals.removeAll { $0.order == id } }

    func poll(until deadline: Milliseconds?) -> [Arrival] {
        defer { arrivals = [] }
        return arrivals
    }
}
