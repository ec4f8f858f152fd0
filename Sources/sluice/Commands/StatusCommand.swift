import ArgumentParser
import Foundation
import SluiceClients
import SluiceCore
import SluiceRendering
import SluiceRunner
import SluiceStore

/// `sluice status`: where a rollout stands, from its database; for `ds/NAME` without one, from its Lease.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show where a rollout stands and what it waits for.",
        discussion: """
            Exit code 0 when it could be shown. With --watch it follows the rollout, and the exit code is the rollout's: \
            0 done, 2 halted, 4 done with stale nodes, 6 aborted, 7 when --timeout expires first.
            """)

    @Argument(help: "The rollout, or ds/NAME; may be left out when only one is under way.")
    var rollout: String?

    @Flag(name: [.short, .long], help: "Print again at every change, until the rollout is over or halted.")
    var watch = false

    @Option(help: ArgumentHelp("How long to watch, such as 30s, 10m or 1h.", valueName: "duration"))
    var timeout: DurationArgument?

    @OptionGroup var clusterFlags: ClusterFlags
    @OptionGroup var state: StateFlags
    @OptionGroup var output: OutputFlags

    /// The time between two looks, in seconds.
    static let interval = 0.2

    func run() throws {
        try reportingFailures {
            guard let store = try state.openForReading() else {
                return try showLease(orElse: .missing(path: state.path))
            }
            let selection = RolloutSelection(store: store, namespace: clusterFlags.namespace)
            let record: RolloutRecord
            do {
                record = try selection.find(rollout, acceptsFinished: true)
            } catch let failure as CommandFailure {
                guard rollout.flatMap(RolloutSelection.daemonSet) != nil else { throw failure }
                return try showLease(orElse: nil)
            }
            if watch {
                try follow(record.id, store)
            } else {
                try show(try status(record.id, store))
            }
        }
    }

    private func status(_ id: String, _ store: Store) throws -> RolloutStatus {
        guard let state = try store.load(id) else { throw StoreError.unknownRollout(path: store.path, id: id) }
        return RolloutStatus(
            state: state, isDriven: try store.isDriven(id), isRollbackDue: try WayBack.due(for: state) != nil,
            messages: try store.messages(of: id), now: StateFlags.now)
    }

    private func show(_ status: RolloutStatus) throws {
        let document = StatusDocument(status)
        // A watched rollout gives one object a line, so that a program reads them as they come.
        let isStream = watch && output.format == .json
        Terminal.write(isStream ? document.json.compact + "\n" : document.rendered(output.format, output.style))
    }

    private func follow(_ id: String, _ store: Store) throws {
        let deadline = timeout.map { ProcessInfo.processInfo.systemUptime + Double($0.milliseconds) / 1_000 }
        var shown: RolloutStatus?
        while true {
            let current = try status(id, store)
            if shown.map({ !$0.isSame(as: current) }) ?? true {
                try show(current)
                shown = current
            }
            if let state = try store.load(id), let code = ExitCode(outcome: state.rollout) {
                if code == .done { return }
                throw CommandFailure(code)
            }
            if let deadline, ProcessInfo.processInfo.systemUptime >= deadline {
                output.say("the timeout expired; the rollout is unharmed")
                throw CommandFailure(.timeoutExpired)
            }
            Terminal.wait(seconds: Self.interval)
        }
    }

    // MARK: Without the database

    private func showLease(orElse missing: StoreError?) throws {
        guard let name = rollout.flatMap(RolloutSelection.daemonSet) else {
            throw missing ?? StoreError.missing(path: state.path)
        }
        let client = try clusterFlags.connect()
        let namespace = client.access.namespace
        guard let lease = try client.leaseCheckpoint(namespace: namespace, daemonSet: name) else {
            throw CommandFailure(
                .failed,
                "neither \(state.path) nor a Lease in namespace \(namespace) knows of a rollout of DaemonSet "
                    + name)
        }
        let document = LeaseDocument(namespace: namespace, daemonSet: name, lease: lease)
        Terminal.write(document.rendered(output.format))
    }
}

extension RolloutStatus {
    /// Whether nothing but the time of looking differs.
    func isSame(as other: RolloutStatus) -> Bool {
        var mine = self
        mine.observedAt = other.observedAt
        return mine == other
    }
}

/// A duration on the command line: `500ms`, `30s`, `10m`, `1h30m`, `7d`.
struct DurationArgument: ExpressibleByArgument {
    var milliseconds: Milliseconds

    private static let units: [(name: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]
    /// The longest duration, in days.
    private static let longestDays: Int64 = 3_650

    init?(argument: String) {
        var rest = Substring(argument)
        var total: Int64 = 0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let count = Int64(digits), let size = Self.units.first(where: { $0.name == unit })?.milliseconds,
                count <= Self.longestDays * 86_400_000 / size
            else { return nil }
            total += count * size
        }
        milliseconds = total
    }
}
