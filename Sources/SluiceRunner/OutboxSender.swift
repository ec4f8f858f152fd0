import SluiceClients
import SluiceCore
import SluiceStore

/// Sends what waits in the outbox: the messages of one destination one after the other, a few tries each.
///
/// It never holds a rollout up: it has no thread, and waits for nothing. Whoever owns it hands it each ``Arrival`` and calls
/// ``advance()``; how the messages fared is written down with what ``takeResults()`` gives.
final class OutboxSender {
    /// Tries of one message, the first included.
    static let attempts = 5
    /// The wait after the first failed try, in milliseconds; it doubles.
    static let backoffBase: Milliseconds = 1_000
    /// The longest wait before a message of an earlier driver is tried again, in milliseconds.
    static let backoffCap: Milliseconds = 30_000
    /// The time between two looks into a database that cannot be read, in milliseconds.
    private static let loadInterval: Milliseconds = 5_000
    /// How long the end of a driver or a command waits for the last messages, in milliseconds.
    static let patience: Milliseconds = 10_000

    /// The messages of one rollout to one destination keep their order.
    private struct Lane: Hashable {
        var rollout: String
        var address: OutboxAddress
    }

    private struct Entry {
        var record: OutboxRecord
        var dueAt: Milliseconds
        var isUnderWay = false

        var lane: Lane { Lane(rollout: record.rollout, address: record.message.address) }
    }

    private let store: Store
    private let outside: any Outside
    /// Nil for a command that does not speak to the cluster: Events then wait for one that does.
    private let cluster: KubernetesClient?
    private let notifications: NotificationClient
    private let rollout: RolloutRecord
    /// The destinations of each rollout, by its name.
    private var destinations: [String: [NotificationDestination]]
    private var entries: [Entry] = []
    private var orders: [OrderID: (number: Int64, status: Int)] = [:]
    private var lastNumber: Int64 = 0
    /// When the database is looked into for messages; nil when all are known.
    private var loadAt: Milliseconds? = .min
    /// Whether the journal says already that Events cannot be written. Rights that lack are lacking for all of them.
    private var eventsAreGivenUp = false
    private var results = Results()

    /// What is to be written down.
    struct Results {
        var deliveries: [Int64: OutboxDelivery] = [:]
        var journal: [JournalLine] = []
    }

    /// - Parameter environment: looks up an environment variable.
    init(
        of rollout: RolloutRecord, plan: RolloutPlan, store: Store, outside: any Outside, cluster: KubernetesClient?,
        environment: @escaping (String) -> String?
    ) {
        self.rollout = rollout
        self.store = store
        self.outside = outside
        self.cluster = cluster
        notifications = NotificationClient(outside: outside, environment: environment)
        destinations = [rollout.id: plan.notifications]
    }

    /// Whether nothing waits to be sent.
    var isIdle: Bool { entries.isEmpty }

    /// How many messages wait.
    var waiting: Int { entries.count }

    /// Has the database looked into for new messages.
    func noteNewMessages() { loadAt = .min }

    /// What has come of messages since the last call.
    func takeResults() -> Results {
        defer { results = Results() }
        return results
    }

    // MARK: Sending

    /// When ``advance()`` is to be called at the latest; nil when only an arrival can change anything.
    var nextWake: Milliseconds? { heads.filter { !$0.isUnderWay }.map(\.dueAt).min() }

    /// The oldest message of each lane.
    private var heads: [Entry] {
        var lanes: Set<Lane> = []
        return entries.filter { lanes.insert($0.lane).inserted }
    }

    /// Sends what is due.
    func advance() {
        let now = outside.now.monotonic
        if let loadAt, loadAt <= now { load() }
        for head in heads where !head.isUnderWay && head.dueAt <= now { send(head.record) }
    }

    /// Takes what belongs to a message under way.
    ///
    /// - Returns: whether it did.
    @discardableResult
    func receive(_ arrival: Arrival) -> Bool {
        switch arrival {
        case .head(let id, let head) where orders[id] != nil: orders[id]?.status = head.status
        case .finished(let id, let result):
            guard let order = orders.removeValue(forKey: id) else { return false }
            switch result {
            case .success: settle(order.number, NotificationClient.verdict(status: order.status))
            case .failure(let error): settle(order.number, NotificationClient.verdict(error))
            }
        case .head, .bytes, .exited, .signal, .storeChanged: return false
        }
        return true
    }

    private func load() {
        do throws(StoreError) {
            if lastNumber == 0 {
                eventsAreGivenUp = try store.messages(of: rollout.id).contains {
                    $0.message.address == .cluster && $0.delivery.givenUpAt != nil
                }
            }
            for record in try store.unsentMessages(daemonSetUID: rollout.daemonSetUID, after: lastNumber) {
                lastNumber = record.number
                guard cluster != nil || record.message.address != .cluster else { continue }
                entries.append(Entry(record: record, dueAt: due(record.delivery.dueAt)))
            }
            loadAt = nil
        } catch {
            // The driver meets the same error at its next commit and says it there; the messages wait.
            loadAt = outside.now.monotonic + Self.loadInterval
        }
    }

    /// A wall clock that was set may not put a message off for longer than a wait can be.
    private func due(_ time: Timestamp) -> Milliseconds {
        let now = outside.now
        let wait = time.millisecondsSince1970 - now.wall.millisecondsSince1970
        return now.monotonic + min(max(0, wait), Self.backoffCap)
    }

    private func send(_ record: OutboxRecord) {
        guard let index = entries.firstIndex(where: { $0.record.number == record.number }) else { return }
        entries[index].isUnderWay = true
        switch record.message.address {
        case .cluster:
            let event = APIRequest.createEvent(record.message.body, namespace: rollout.namespace)
            cluster?.send(event) { [weak self] result in
                switch result {
                case .success: self?.settle(record.number, .sent)
                case .failure(let error): self?.settle(record.number, error.eventVerdict)
                }
            }
        case .destination(let name):
            guard let destination = destination(name, of: record.rollout) else {
                return settle(record.number, .refused("its plan cannot be read any more"))
            }
            switch notifications.request(for: record.message, to: destination, at: outside.now.wall) {
            case .success(let request): orders[outside.start(.http(request))] = (record.number, 0)
            case .failure(let error): settle(record.number, .failed(error.message))
            }
        }
    }

    /// The destination of a rollout's plan. Messages of a rollout whose place this one took are sent by this one.
    private func destination(_ name: String, of id: String) -> NotificationDestination? {
        if destinations[id] == nil {
            do {
                let records = try store.rollouts(namespace: rollout.namespace, daemonSet: rollout.daemonSet)
                let text = records.first { $0.id == id }?.planText ?? []
                destinations[id] = try PlanLoader.load(text, file: "the plan of rollout \(id)").notifications
            } catch {
                return nil
            }
        }
        return destinations[id]?.first { $0.name == name }
    }

    // MARK: What came of it

    private func settle(_ number: Int64, _ verdict: DeliveryVerdict) {
        guard let index = entries.firstIndex(where: { $0.record.number == number }) else { return }
        var delivery = entries[index].record.delivery
        let now = outside.now
        switch verdict {
        case .sent: delivery.sentAt = now.wall
        case .failed(let reason), .refused(let reason):
            delivery.attempts += 1
            delivery.lastError = reason
            let wait = Self.backoffBase << Milliseconds(min(delivery.attempts - 1, 10))
            delivery.dueAt = Timestamp(now.wall.millisecondsSince1970 + wait)
            if case .refused = verdict { delivery.givenUpAt = now.wall }
            if delivery.attempts >= Self.attempts { delivery.givenUpAt = now.wall }
        }
        results.deliveries[number] = delivery
        entries[index].record.delivery = delivery
        entries[index].dueAt = due(delivery.dueAt)
        entries[index].isUnderWay = false
        guard delivery.isOver else { return }
        let entry = entries.remove(at: index)
        if delivery.givenUpAt != nil { complain(of: entry.record, at: now.wall) }
    }

    private func complain(of record: OutboxRecord, at now: Timestamp) {
        let event = record.message.event.rawValue
        let tries = record.delivery.attempts == 1 ? "1 try" : "\(record.delivery.attempts) tries"
        let sentence: String
        switch record.message.address {
        case .cluster:
            guard !eventsAreGivenUp else { return }
            eventsAreGivenUp = true
            sentence =
                "no Event about `\(event)` after \(tries): \(record.delivery.lastError); further ones are not named"
        case .destination(let name):
            sentence = "notification `\(event)` to \(name) was given up after \(tries): \(record.delivery.lastError)"
        }
        results.journal.append(JournalLine(time: now, event: .undelivered, message: sentence))
    }
}
