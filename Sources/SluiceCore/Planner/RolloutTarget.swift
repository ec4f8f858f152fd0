/// What a rollout wants every node to run.
struct RolloutTarget: Sendable {
    /// The template with the plan's images.
    var template: PodTemplate
    /// The hash of the revision that remembers it; nil when the cluster has never seen it.
    var revision: String?
    /// Whether the DaemonSet must be patched.
    var needsPatch: Bool
    /// Containers that the plan names and the template does not have, sorted.
    var unknownContainers: [String]

    init(plan: RolloutPlan, daemonSet: DaemonSet, revisions: [ControllerRevision]) {
        let (template, unknown) = daemonSet.template.replacing(images: plan.images)
        self.template = plan.images.isEmpty ? daemonSet.template : template
        unknownContainers = unknown
        revision = ControllerRevision.remembering(self.template, of: daemonSet, in: revisions)?.hash
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
