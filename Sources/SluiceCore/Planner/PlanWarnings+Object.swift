/// Warnings about the DaemonSet and its template.
extension PlanWarnings {
    /// Names under which GitOps controllers and Helm write, with what they do to a change that is not theirs.
    private static let managers = [
        Manager(
            prefix: "argocd", tool: "Argo CD", habit: "may put its own template and strategy back at its next sync"),
        Manager(
            prefix: "kustomize-controller", tool: "Flux",
            habit: "puts its own template and strategy back at its next reconciliation"),
        Manager(
            prefix: "helm-controller", tool: "Flux",
            habit: "puts its own template and strategy back when it corrects drift or upgrades"),
        Manager(
            prefix: "fleet", tool: "Rancher Fleet", habit: "may put its own template and strategy back at its next sync"
        ),
        Manager(
            prefix: "helm", tool: "Helm", habit: "puts its own template and strategy back at the next `helm upgrade`",
            isAtWork: false),
    ]

    /// Somebody else who believes to own a DaemonSet.
    struct Manager {
        var prefix: String
        var tool: String
        var habit: String
        /// Whether it looks at the object all the time, and not only when a person calls it.
        var isAtWork = true
    }

    private static let argoAnnotation = "argocd.argoproj.io/tracking-id"
    private static let helmAnnotation = "meta.helm.sh/release-name"

    /// Whoever else believes to own what will be patched.
    var manager: String? {
        guard target.needsPatch, let manager = Self.manager(of: facts.daemonSet) else { return nil }
        return
            "\(manager.tool) manages the DaemonSet and \(manager.habit): change image and OnDelete there too, or make "
            + "it ignore both"
    }

    /// Whoever else believes to own the DaemonSet; nil for nobody.
    static func manager(of daemonSet: DaemonSet) -> Manager? {
        let owners = daemonSet.managers.filter { $0.ownsTemplate || $0.ownsUpdateStrategy }.map(\.name)
        let annotations = daemonSet.annotations
        let found = managers.first { manager in owners.contains { $0.lowercased().hasPrefix(manager.prefix) } }
        let hinted =
            annotations[argoAnnotation] != nil
            ? managers.first : annotations[helmAnnotation] != nil ? managers.last : nil
        return found ?? hinted
    }

    /// A cluster that forgets the way back.
    var historyLimit: String? {
        guard facts.daemonSet.revisionHistoryLimit == 0 else { return nil }
        return "revisionHistoryLimit is 0: the cluster forgets the previous template as soon as no pod runs it, and "
            + "`kubectl rollout undo` cannot bring it back"
    }

    /// Images that mean another thing tomorrow.
    var images: String? {
        let floating = target.template.images.filter { Self.isFloating($0.image) }
        guard !floating.isEmpty else { return nil }
        let list = PlanText.list(floating.map { "\($0.container): \($0.image)" })
        return
            "without a tag or with :latest, nodes may run different code under one revision (\(list)): name a version "
            + "or a digest"
    }

    /// Whether an image reference has neither a digest nor a tag other than `latest`.
    static func isFloating(_ image: String) -> Bool {
        guard !image.contains("@") else { return false }
        let name = image.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        guard let colon = name.lastIndex(of: ":") else { return true }
        return name[name.index(after: colon)...] == "latest"
    }

    /// Configuration that reaches pods outside every wave, because no revision shows its change.
    var unhashed: String? {
        let annotations = target.template.json.at("metadata", "annotations")?.strings ?? [:]
        let isHashed = annotations.keys.contains { key in ["checksum", "hash", "digest"].contains { key.contains($0) } }
        let names = isHashed ? [] : target.template.configReferences.map(\.object.path).filter { !Self.endsInHash($0) }
        guard !names.isEmpty else { return nil }
        return
            "the template names \(PlanText.list(names)) without a hash of the content: a change of it reaches each pod at "
            + "its next start, outside every wave and rollback; put a checksum into an annotation or into the name"
    }

    /// Whether a name ends as kustomize's generators have it: a dash and ten letters or digits.
    private static func endsInHash(_ name: String) -> Bool {
        guard let dash = name.lastIndex(of: "-") else { return false }
        let suffix = name[name.index(after: dash)...]
        return suffix.utf8.count == 10 && suffix.contains(where: \.isNumber)
            && suffix.allSatisfy { $0.isNumber || $0.isLetter && $0.isLowercase }
    }

    /// A readiness gate that proves little.
    var probe: String? {
        guard !target.template.hasReadinessProbe else { return nil }
        return
            "no container has a readiness probe: a pod is Ready as soon as it runs, so readiness proves only that it "
            + "started; add a probe, minReadySeconds or a metric gate"
    }
}
