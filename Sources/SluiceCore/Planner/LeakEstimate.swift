/// How many nodes are expected to get the new version outside their wave, if as much happens in the rollout as lately.
public struct LeakEstimate: Sendable, Equatable {
    /// How many nodes, rounded; nil when the fleet does not show it.
    public var nodes: Int?
    /// What the estimate rests on, or why there is none, in one sentence.
    public var basis: String

    /// How many nodes are expected to leak.
    public init(nodes: Int?, basis: String) {
        self.nodes = nodes
        self.basis = basis
    }

    /// The time that the fleet is asked about, in days: long enough for a weekend, short enough for the present habits.
    static let days: Int64 = 7

    /// What the ages of nodes and pods show.
    ///
    /// A young node has joined. A young pod on an older node has taken the place of another one, unless a rollout made it: so
    /// pods of a revision that is young itself do not count, and where more than half of the pods are young, none does, for
    /// after an undo an old revision is rolled out again.
    init(survey: FleetSurvey, facts: FleetFacts, seconds: Int64) {
        let ages = survey.eligible.map { (name: survey.nodes[$0].name, createdAt: survey.nodes[$0].createdAt) }
        guard let now = facts.readAt, !ages.contains(where: { $0.createdAt == nil }) else {
            self.init(nodes: nil, basis: "it is not known when the nodes were made")
            return
        }
        let since = Timestamp(now.millisecondsSince1970 - Self.days * 86_400_000)
        let old = Set(ages.filter { ($0.createdAt ?? now) < since }.map(\.name))
        guard !old.isEmpty else {
            self.init(nodes: nil, basis: "every node is younger than \(Self.days) days, so nobody can tell who joined")
            return
        }
        let joined = ages.count - old.count
        let pods = PodAges(on: old, since: since, facts)
        let events = joined + (pods.replaced ?? 0)
        let share = Double(seconds) / Double(Self.days * 86_400)
        let expected = min(Double(ages.count), Double(events) * share)
        self.init(
            nodes: Int(expected.rounded()),
            basis: "\(PlanText.count(joined, "node")) joined"
                + (pods.replaced.map { " and \(PlanText.count($0, "pod")) \($0 == 1 ? "was" : "were") replaced" } ?? "")
                + " in the last \(Self.days) days"
                + (pods.replaced == nil ? "; a rollout made most pods in that time, so no pod counts" : "")
                + "; nodes that are gone again are not seen, and windows and other waits are not counted")
    }
}

/// How old the pods on some nodes are.
private struct PodAges {
    /// How many took the place of another one; nil when a rollout hides it.
    var replaced: Int?

    init(on nodes: Set<String>, since: Timestamp, _ facts: FleetFacts) {
        let uid = facts.daemonSet.uid
        let settled = Set(
            facts.revisions.filter { $0.ownerUID == uid && ($0.createdAt ?? since) < since }.map(\.hash))
        let own = facts.pods.filter { pod in
            pod.ownerUID == uid && !pod.isTerminating && pod.nodeName.map(nodes.contains) ?? false
        }
        let young = own.filter { ($0.createdAt ?? since) >= since }
        guard young.count * 2 <= own.count else { return }
        replaced = young.count { $0.revisionHash.map(settled.contains) ?? false }
    }
}

extension LeakEstimate {
    /// As a warning.
    ///
    /// - Parameters:
    ///   - fleet: the number of nodes that run the DaemonSet's pod or should.
    ///   - seconds: how long the rollout is estimated to take.
    func warning(fleet: Int, seconds: Int64) -> String {
        let duration = PlanText.duration(seconds: seconds)
        let what = "nodes that join, are drained or lose their pod get the new version at once, outside their wave"
        let advice = "`leak: park` gives them the version before, and their turn later"
        guard let nodes else {
            return "during the rollout (about \(duration)) \(what); how many is not known, for \(basis); \(advice)"
        }
        let number = nodes == 0 ? "less than one" : "about \(nodes)"
        let nodesOfAll = "\(number) of \(PlanText.count(fleet, "node"))"
        return "expected leak: \(nodesOfAll) in \(duration) (\(basis)): \(what); \(advice)"
    }
}
