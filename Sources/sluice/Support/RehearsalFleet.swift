import Foundation
import SluiceClients
import SluiceCore
import SluiceRehearsal
import SluiceRunner

/// The fleet of a rehearsal: the live one, or one that was saved.
struct RehearsalFleet {
    let snapshot: FleetSnapshot

    init(_ plan: RolloutPlan, snapshot file: String?, _ flags: ClusterFlags) throws {
        if let asked = flags.namespace, let written = plan.namespace, asked != written {
            throw CommandFailure(.usage, "the plan is for namespace \(written), but --namespace says \(asked)")
        }
        guard let file else {
            snapshot = try Self.live(plan, flags)
            return
        }
        let bytes = try InputFile.read(file, atMost: RehearsalLimits.snapshotBytes)
        do throws(SnapshotError) {
            snapshot = try SnapshotReader.read(
                bytes, daemonSet: plan.daemonSet, namespace: plan.namespace ?? flags.namespace)
        } catch {
            throw CommandFailure(.usage, "\(file):\(error)")
        }
    }

    private static func live(_ plan: RolloutPlan, _ flags: ClusterFlags) throws -> FleetSnapshot {
        let client = try flags.connect()
        let namespace = plan.namespace ?? client.access.namespace
        guard let facts = try ClusterReader.facts(client, namespace: namespace, daemonSet: plan.daemonSet) else {
            throw CommandFailure(
                .failed,
                "there is no DaemonSet \(plan.daemonSet) in namespace \(namespace); `kubectl get ds -A` lists those that "
                    + "there are")
        }
        return FleetSnapshot(takenAt: client.outside.now.wall, facts: facts)
    }

    /// Saves a snapshot for the owner's eyes alone; a file that is there already is replaced once the new one is whole.
    static func save(_ snapshot: FleetSnapshot, to file: String) throws {
        var text = ""
        snapshot.save { text += $0 }
        let part = "\(file).part"
        guard
            FileManager.default.createFile(
                atPath: part, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        else { throw CommandFailure(.failed, "cannot write \(part); is its folder there and writable?") }
        guard rename(part, file) == 0 else {
            throw CommandFailure(.failed, "cannot rename \(part) to \(file): \(String(cString: strerror(errno)))")
        }
    }
}
