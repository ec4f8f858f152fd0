import SluiceClients
import SluiceCluster
import SluiceCore
import SluiceStore

/// What the world is told was written down before, and what is written down to be told is what happened: a message for each
/// line of the journal that the world hears of, and none for anything else.
final class OutboxJudge: Judge {
    let name = "outbox"

    func requestLeaves(
        _ request: HTTPRequest, _ purpose: Wire.Purpose, by process: SimulatedProcess, in world: World
    ) {
        guard case .message(let key) = purpose else { return }
        do {
            // Whoever drives also tells what an earlier rollout left untold.
            let reader = try world.reader(of: process)
            let messages = try reader?.rollouts().flatMap { try reader?.messages(of: $0.id) ?? [] } ?? []
            let isEvent = request.url.contains("/events")
            let written = messages.map(\.message).first {
                key.hasSuffix($0.key) && ($0.address == .cluster) == isEvent
            }
            guard let written else { return world.violated(name, "\(key) is told and not in the database") }
            if written.body != request.body {
                world.violated(name, "\(key) is told in other words than it was written down in")
            }
        } catch {
            world.violated(name, "the database cannot be read: \(error)")
        }
    }

    func runEnded(_ run: FinishedRun, in world: World) {
        for rollout in run.rollouts { judge(rollout, world) }
    }

    private func judge(_ run: FinishedRun.Rollout, _ world: World) {
        let isWayBack = world.undertaking(of: run.state.rollout.id).undone != nil
        let happened = run.journal.compactMap { line in
            let event = isWayBack && line.event == .completed ? .rolledBack : Self.events[line.event]
            return event.map { "\($0.rawValue) at \(line.time.rfc3339Micro)" }
        }
        let written = run.messages.filter { $0.message.address == .cluster }
        let told = written.filter { $0.message.event == .rolledBack || Self.events.values.contains($0.message.event) }
            .map { "\($0.message.event.rawValue) at \($0.message.createdAt.rfc3339Micro)" }
        if happened.sorted() != told.sorted() {
            world.violated(name, "the journal has \(happened.sorted()), the outbox \(told.sorted())")
        }
        if Set(written.map(\.message.key)).count != written.count { world.violated(name, "two messages have one key") }
        world.tally.peak("messages sent", run.messages.count { $0.delivery.sentAt != nil })
        world.tally.peak("messages given up", run.messages.count { $0.delivery.givenUpAt != nil })
    }

    /// The lines that the world hears of whatever the plan says; of those, a way back is complete in another word.
    private static let events: [JournalEvent: NotificationEvent] = [
        .started: .started, .wavePassed: .wavePassed, .halted: .halted, .completed: .completed, .aborted: .aborted,
    ]
}
