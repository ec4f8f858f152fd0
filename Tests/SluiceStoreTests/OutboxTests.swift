import SluiceCore
import SluiceStore
import Testing

@Suite("The outbox")
struct OutboxTests {
    private let folder: TemporaryFolder
    private var random = SeededGenerator(seed: 41)

    init() throws { folder = try TemporaryFolder() }

    private func message(_ key: String, to address: OutboxAddress = .cluster) -> OutboxMessage {
        OutboxMessage(
            address: address, event: .wavePassed, key: key, body: Array("{\"a\":\"\0\u{e9}\"}".utf8),
            createdAt: Timestamp(7))
    }

    private func commit(
        _ outbox: OutboxChanges, consuming requests: [Int64] = [], of id: String = "r-1", in store: Store
    ) throws {
        let line = JournalLine(time: Timestamp(7), event: .wavePassed)
        try store.commit(
            RowChanges(), journal: [line], outbox: outbox, consuming: requests, of: id, at: Timestamp(9))
    }

    @Test("A message is written with its journal line, or neither is")
    mutating func together() throws {
        let path = folder.file("state.db")
        let store = try openStore(path)
        try store.create(random.state(daemonSetUID: "ds"), journal: [], messages: [message("a")])
        let refused = try storeError {
            try commit(OutboxChanges(new: [message("b")]), consuming: [99], in: store)
        }
        #expect(refused == .requestNotPending(number: 99))
        #expect(try store.messages(of: "r-1").map(\.message) == [message("a")])
        #expect(try store.journal(of: "r-1", limit: 9).isEmpty)
        try commit(OutboxChanges(new: [message("b"), message("b", to: .destination("chat"))]), in: store)
        let messages = try openStore(path).messages(of: "r-1")
        #expect(messages.map(\.message) == [message("a"), message("b"), message("b", to: .destination("chat"))])
        #expect(messages.map(\.delivery) == Array(repeating: OutboxDelivery(dueAt: Timestamp(7)), count: 3))
        #expect(messages.map(\.rollout) == Array(repeating: "r-1", count: 3))
    }

    @Test("A message that is there already is not added again")
    mutating func onlyOnce() throws {
        let store = try openStore(folder.file("state.db"))
        try store.create(random.state(daemonSetUID: "ds"), journal: [])
        for _ in 0..<2 { try commit(OutboxChanges(new: [message("a")]), in: store) }
        #expect(try store.messages(of: "r-1").count == 1)
    }

    @Test("What is neither sent nor given up is found by the DaemonSet, whichever of its rollouts it tells of")
    mutating func unsent() throws {
        let store = try openStore(folder.file("state.db"))
        var first = random.state(id: "r-1", daemonSetUID: "ds")
        first.rollout.phase = .completed
        try store.create(first, journal: [], messages: ["a", "b", "c", "d"].map { message($0) })
        try store.create(random.state(id: "r-2", daemonSetUID: "ds"), journal: [], messages: [message("e")])
        try store.create(random.state(id: "r-3", daemonSetUID: "other"), journal: [], messages: [message("f")])
        let all = try store.messages(of: "r-1")
        let deliveries = [
            all[0].number: OutboxDelivery(dueAt: Timestamp(7), sentAt: Timestamp(8)),
            all[1].number: OutboxDelivery(
                attempts: 5, dueAt: Timestamp(7), lastError: "HTTP 500", givenUpAt: Timestamp(8)),
            all[2].number: OutboxDelivery(attempts: 2, dueAt: Timestamp(99), lastError: "HTTP 503"),
        ]
        try commit(OutboxChanges(deliveries: deliveries), of: "r-2", in: store)
        let unsent = try store.unsentMessages(daemonSetUID: "ds")
        #expect(unsent.map { "\($0.rollout) \($0.message.key)" } == ["r-1 c", "r-1 d", "r-2 e"])
        #expect(unsent.first?.delivery == deliveries[all[2].number])
        #expect(try store.unsentMessages(daemonSetUID: "ds", after: all[3].number).map(\.message.key) == ["e"])
        #expect(try store.messages(of: "r-1")[1].delivery == deliveries[all[1].number])
    }
}
