import SluiceCore
import SluiceStore

/// Finds the rollout that a person means.
struct RolloutSelection {
    let store: Store
    let namespace: String?

    /// The rollout of an argument: its name, the beginning of it, or `ds/NAME` for the DaemonSet's latest; without one,
    /// the only rollout that is not over, else the latest if `acceptsFinished`.
    func find(_ argument: String?, acceptsFinished: Bool) throws -> RolloutRecord {
        let all = try store.rollouts()
        guard !all.isEmpty else {
            throw CommandFailure(.failed, "there is no rollout in \(store.path); begin with `sluice run -f PLAN`")
        }
        guard let argument else { return try only(all, acceptsFinished: acceptsFinished) }
        if let daemonSet = Self.daemonSet(argument) {
            let found = all.filter {
                $0.daemonSet == daemonSet && (namespace == nil || $0.namespace == namespace)
            }
            guard let latest = found.first else {
                throw CommandFailure(.failed, "there is no rollout of DaemonSet \(daemonSet) in \(store.path)")
            }
            return latest
        }
        if let exact = all.first(where: { $0.id == argument }) { return exact }
        let matches = all.filter { $0.id.hasPrefix(argument) }
        if matches.count == 1 { return matches[0] }
        let hint =
            matches.isEmpty ? "`sluice history` lists them" : "it fits \(matches.map(\.id).joined(separator: ", "))"
        throw CommandFailure(.usage, "no rollout \(argument) in \(store.path); \(hint)")
    }

    private func only(_ all: [RolloutRecord], acceptsFinished: Bool) throws -> RolloutRecord {
        let open = all.filter { !$0.phase.isFinal }
        if open.count == 1 { return open[0] }
        if open.count > 1 {
            throw CommandFailure(
                .usage, "several rollouts are under way; name one: \(open.map(\.id).joined(separator: ", "))")
        }
        guard acceptsFinished else {
            throw CommandFailure(.failed, "no rollout is under way; `sluice history` lists those that ended")
        }
        return all[0]
    }

    /// The name in `ds/NAME`, as kubectl writes it; nil for anything else.
    static func daemonSet(_ argument: String) -> String? {
        for prefix in ["ds/", "daemonset/", "daemonsets/", "daemonset.apps/", "daemonsets.apps/"]
        where argument.hasPrefix(prefix) {
            return String(argument.dropFirst(prefix.count))
        }
        return nil
    }
}
