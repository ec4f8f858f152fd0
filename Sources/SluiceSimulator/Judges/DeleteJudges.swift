import SluiceClients
import SluiceCluster
import SluiceCore
import SluiceRunner
import SluiceStore

/// Every delete names the uid of the pod that it means, and that pod is one that its driver has seen.
final class OnceJudge: Judge {
    let name = "once"
    private var started: Set<String> = []

    func requestLeaves(
        _ request: HTTPRequest, _ purpose: Wire.Purpose, by process: SimulatedProcess, in world: World
    ) {
        guard case .deletePod(let pod, let uid) = purpose else { return }
        if uid.isEmpty { world.violated(name, "the delete of \(pod) names no uid") }
        if !uid.isEmpty, process.seen.pods[uid] == nil {
            world.violated(name, "the delete of \(pod) means uid \(uid), which is not in what the driver has seen")
        }
    }

    func podDeleted(_ record: PodDeleteRecord, by process: SimulatedProcess?, in world: World) {
        guard process != nil, record.startedTermination else { return }
        world.tally.deletes += 1
        if !started.insert(record.uid).inserted {
            world.violated(name, "\(record.pod) was sent into termination twice")
        }
    }
}

/// No pod of the version that its driver brings is ever deleted by us, unless a person asked for another try of its node.
final class RevisionJudge: Judge {
    let name = "revision"
    /// The image that the driver brings who ordered a pod away, by uid.
    private var targets: [String: String] = [:]
    /// The nodes that a person gave another try.
    private var retried: Set<String> = []

    func personAsked(_ request: OperatorRequest, on machine: Machine, in world: World) {
        if case .retry(let node, _, _) = request { retried.insert(node) }
    }

    func requestLeaves(
        _ request: HTTPRequest, _ purpose: Wire.Purpose, by process: SimulatedProcess, in world: World
    ) {
        guard case .deletePod(_, let uid) = purpose else { return }
        targets[uid] = world.undertaking(of: process).target
    }

    func podDeleted(_ record: PodDeleteRecord, by process: SimulatedProcess?, in world: World) {
        guard process != nil, record.startedTermination, let image = world.fleet.pods[record.uid]?.image,
            image == targets[record.uid], !retried.contains(record.node)
        else { return }
        world.violated(name, "\(record.pod) on \(record.node) had the target version and was deleted")
    }
}

/// A delete takes effect only while its driver holds the Lease.
final class LeaseJudge: Judge {
    let name = "lease"
    private static let lease = "sluice-node-exporter"

    func requestLeaves(
        _ request: HTTPRequest, _ purpose: Wire.Purpose, by process: SimulatedProcess, in world: World
    ) {
        guard purpose == .writeLease else { return }
        let holder = Wire.text(after: "\"holderIdentity\":\"", in: request.body)
        if !holder.isEmpty { process.leaseIdentity = holder }
    }

    func podDeleted(_ record: PodDeleteRecord, by process: SimulatedProcess?, in world: World) {
        guard let process, record.startedTermination else { return }
        let holder = world.log.leaseHolders[Self.lease] ?? ""
        guard holder != process.leaseIdentity || holder.isEmpty else { return }
        world.violated(
            name,
            "a delete of \(process.name) (\(process.leaseIdentity)) took effect on \(record.node) while "
                + (holder.isEmpty ? "nobody held the Lease" : "\(holder) held the Lease"))
    }
}

/// Nothing is ordered that is not in the database already.
final class IntentJudge: Judge {
    let name = "intent"

    func requestLeaves(
        _ request: HTTPRequest, _ purpose: Wire.Purpose, by process: SimulatedProcess, in world: World
    ) {
        switch purpose {
        case .deletePod(let pod, let uid):
            guard let rollout = process.rollout else {
                return world.violated(name, "\(pod) is deleted, and no rollout is known")
            }
            do {
                let record = world.fleet.pods[uid].map(\.node) ?? process.seen.pods[uid]?.node ?? ""
                let stored = try world.reader(of: process)?.node(record, of: rollout)
                guard stored?.podUID != uid || stored?.status != .deleting else { return }
                world.violated(
                    name,
                    "the delete of \(pod) on \(record) leaves, and the database says "
                        + (stored.map { "\($0.status.rawValue), pod \($0.podUID ?? "none")" } ?? "nothing"))
            } catch {
                world.violated(name, "the delete of \(pod) leaves, and the database cannot be read: \(error)")
            }
        case .patchDaemonSet:
            if process.rollout == nil { world.violated(name, "the DaemonSet is patched, and no rollout is known") }
        case .writeLease, .readLease, .list, .watch, .read, .question, .message, .change: break
        }
    }
}

/// The drivers change nothing but the pods, the template and the strategy of the DaemonSet, its Lease, and Events about it.
final class ScopeJudge: Judge {
    let name = "scope"
    private static let events = "/apis/events.k8s.io/v1/namespaces/monitoring/events"

    func requestLeaves(
        _ request: HTTPRequest, _ purpose: Wire.Purpose, by process: SimulatedProcess, in world: World
    ) {
        let target = request.url.dropFirst(Wire.server.count)
        switch purpose {
        case .change: world.violated(name, "\(request.method.rawValue) \(target) is none of our business")
        case .deletePod where !target.hasPrefix("/api/v1/namespaces/monitoring/pods/node-exporter-"):
            world.violated(name, "\(request.method.rawValue) \(target) is no pod of the DaemonSet")
        case .patchDaemonSet where !target.hasPrefix("/apis/apps/v1/namespaces/monitoring/daemonsets/node-exporter"):
            world.violated(name, "\(request.method.rawValue) \(target) is not the DaemonSet")
        case .message where target != "/\(Wire.hook)" && !target.hasPrefix(Self.events):
            world.violated(name, "\(request.method.rawValue) \(target) is nobody who wants to be told")
        case .deletePod, .patchDaemonSet, .writeLease, .readLease, .list, .watch, .read, .question, .message: break
        }
    }
}
