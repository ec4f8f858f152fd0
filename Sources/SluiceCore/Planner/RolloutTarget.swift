/// What a rollout wants every node to run.
struct RolloutTarget: Sendable {
    /// The template with the plan's images.
    var template: PodTemplate
    /// The hash of the revision that remembers it; nil when the cluster has never seen it.
    var revision: String?
    /// The template that most pods run and that is not the target; the DaemonSet's own when the cluster does not remember
    /// it. A changed template moves pods between nodes before anybody plans, so the DaemonSet's own would hide that.
    var previous: PodTemplate
    /// Whether the DaemonSet must be patched.
    var needsPatch: Bool
    /// Containers that the plan names and the template does not have, sorted.
    var unknownContainers: [String]
    /// The hash that the plan names; empty when it names none.
    var wantedRevision: String
    /// The hashes that the cluster remembers when the plan's revision is none of them, sorted; nil when it is, or when the
    /// plan names none.
    var knownRevisions: [String]?

    init(plan: RolloutPlan, facts: FleetFacts) {
        let daemonSet = facts.daemonSet
        let (template, unknown) = daemonSet.template.replacing(images: plan.images)
        wantedRevision = plan.revision ?? ""
        let own = facts.revisions.filter { $0.ownerUID == daemonSet.uid }
        let remembered = plan.revision.map { wanted in own.first { $0.hash == wanted } }
        if case .some(.none) = remembered { knownRevisions = own.map(\.hash).sorted() }
        self.template = remembered??.template ?? (plan.images.isEmpty ? daemonSet.template : template)
        unknownContainers = unknown
        // With a misspelt container the template is the old one, and every node would look updated.
        revision =
            unknown.isEmpty && knownRevisions == nil
            ? ControllerRevision.remembering(self.template, of: daemonSet, in: facts.revisions)?.hash : nil
        let previousHash = facts.previousRevision(target: revision)
        previous =
            facts.revisions.filter { $0.ownerUID == daemonSet.uid && $0.hash == previousHash }
            .max { $0.revision < $1.revision }?.template ?? daemonSet.template
        needsPatch = self.template != daemonSet.template || daemonSet.updateStrategy != .onDelete
    }
}

extension ControllerRevision {
    /// The revision of a DaemonSet whose data equal a template; of several the one that the controller numbered last.
    ///
    /// Numbers are no identity: after an undo an old object is renumbered, and an adopted orphan may carry a higher
    /// number. So equality of the data decides, and the number only between equals.
    public static func remembering(
        _ template: PodTemplate, of daemonSet: DaemonSet, in revisions: [ControllerRevision]
    ) -> ControllerRevision? {
        revisions.filter { $0.ownerUID == daemonSet.uid && $0.template == template }
            .max { ($0.revision, $0.hash) < ($1.revision, $1.hash) }
    }
}

extension FleetFacts {
    /// The same fleet with a revision that somebody else kept, if the cluster has forgotten it.
    public func remembering(_ hash: String, _ template: PodTemplate) -> FleetFacts {
        guard !revisions.contains(where: { $0.ownerUID == daemonSet.uid && $0.hash == hash }) else { return self }
        var facts = self
        facts.revisions.append(
            ControllerRevision(
                name: "", uid: "", ownerUID: daemonSet.uid, hash: hash, revision: 0, createdAt: nil,
                template: template))
        return facts
    }

    /// The hash of the revision that most pods run and that is not the target; of equally many the one that the controller
    /// numbered last. Nil when all pods run the target or there are none.
    func previousRevision(target: String?) -> String? {
        var counts: [String: Int] = [:]
        for pod in pods where pod.ownerUID == daemonSet.uid && !pod.isTerminating {
            guard let hash = pod.revisionHash, hash != target else { continue }
            counts[hash, default: 0] += 1
        }
        let numbers = Dictionary(
            revisions.filter { $0.ownerUID == daemonSet.uid }.map { ($0.hash, $0.revision) }, uniquingKeysWith: max)
        return counts.max { left, right in
            (left.value, numbers[left.key] ?? 0, left.key) < (right.value, numbers[right.key] ?? 0, right.key)
        }?.key
    }
}
