/// What a person has agreed to on the command line.
public struct PlanningOptions: Sendable, Hashable {
    /// A batch or a budget may be the whole fleet (`--allow-whole-fleet`).
    public var allowWholeFleet: Bool
    /// Nodes may gain or lose their pod at once, outside the waves (`--accept-placement-change`).
    public var acceptPlacementChange: Bool

    /// What a person has agreed to.
    public init(allowWholeFleet: Bool = false, acceptPlacementChange: Bool = false) {
        self.allowWholeFleet = allowWholeFleet
        self.acceptPlacementChange = acceptPlacementChange
    }
}

/// Everything that keeps a fleet from being planned.
public struct PlanningFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// All problems, at least one.
    public var errors: [PlanningError]

    /// Everything that keeps a fleet from being planned.
    public init(errors: [PlanningError]) {
        self.errors = errors
    }

    /// The problems, one a line.
    public var description: String { errors.map(\.description).joined(separator: "\n") }
}

/// Why a fleet cannot be planned.
public enum PlanningError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The DaemonSet is being deleted.
    case daemonSetBeingDeleted(String)
    /// Containers that the template does not have, with those it has.
    case unknownContainers([String], known: [String])
    /// A revision that the cluster does not remember, with those it does, sorted.
    case unknownRevision(String, known: [String])
    /// Eligible nodes that no wave takes, sorted.
    case unmatchedNodes([String])
    /// Waves none of whose nodes runs the DaemonSet.
    case emptyWaves([String])
    /// Node names in a wave that the cluster does not have, sorted.
    case unknownNodes(wave: String, nodes: [String])
    /// Somebody else would undo the parking of the template.
    case parkingUndone(by: String)
    /// A batch or a budget as large as the fleet, without `--allow-whole-fleet`.
    case wholeFleet(reason: String)
    /// Nodes would gain or lose their pod at once, without `--accept-placement-change`.
    case placementChange([WavePlan.PlacementChange])

    /// The problem and what to do next, in one sentence; long lists are cut after some examples.
    public var description: String {
        switch self {
        case .daemonSetBeingDeleted(let name):
            return "DaemonSet \(name) is being deleted: wait until it is gone, create it anew, then plan again"
        case .unknownContainers(let names, let known):
            let have = known.isEmpty ? "no containers" : "the containers \(known.joined(separator: ", "))"
            return "spec.images names \(PlanText.list(names)), but the template has \(have): correct the name"
        case .unknownRevision(let hash, let known):
            return "spec.revision names \(hash), which the cluster does not remember (it has \(PlanText.list(known))): "
                + "put the old template back by hand and leave the key out; a larger revisionHistoryLimit keeps more"
        case .unmatchedNodes(let nodes):
            return
                "\(PlanText.count(nodes.count, "node")) that would be updated \(nodes.count == 1 ? "is" : "are") in no "
                + "wave (\(PlanText.list(nodes))): widen a wave's selector, or add a last wave with everythingElse"
        case .emptyWaves(let waves):
            return
                "\(waves.count == 1 ? "wave" : "waves") \(PlanText.list(waves)) \(waves.count == 1 ? "takes" : "take")"
                + " no node that runs the DaemonSet: correct the selector (try `kubectl get nodes -l …`) or remove it"
        case .unknownNodes(let wave, let nodes):
            return "wave \(wave) names \(PlanText.count(nodes.count, "node")) that the cluster does not have "
                + "(\(PlanText.list(nodes))): correct or remove them"
        case .parkingUndone(let tool):
            return
                "\(tool) manages the DaemonSet and would undo `leak: park`, which changes the template between batches: leave "
                + "the key out, or have \(tool) ignore the template first and remove its fields"
        case .wholeFleet(let reason):
            return
                "\(reason): make it smaller, or pass --allow-whole-fleet to accept that every node may be without its pod "
                + "at once"
        case .placementChange(let changes):
            let gained = changes.filter(\.gains).map(\.node)
            let lost = changes.filter { !$0.gains }.map(\.node)
            let parts = [
                gained.isEmpty
                    ? nil : "\(PlanText.count(gained.count, "node")) gain a pod (\(PlanText.list(gained)))",
                lost.isEmpty ? nil : "\(PlanText.count(lost.count, "node")) lose it (\(PlanText.list(lost)))",
            ].compactMap { $0 }
            return
                "the new template places pods differently: \(parts.joined(separator: ", ")) at once, outside all waves: "
                + "undo the change of placement, or pass --accept-placement-change"
        }
    }
}
