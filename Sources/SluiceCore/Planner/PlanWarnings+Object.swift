/// Warnings about the DaemonSet and its template.
extension PlanWarnings {
    /// Names under which GitOps controllers and Helm write, with what they do to a change that is not theirs.
    private static let managers: [(prefix: String, tool: String, habit: String)] = [
        ("argocd", "Argo CD", "may put its own template and strategy back at its next sync"),
        ("kustomize-controller", "Flux", "puts its own template and strategy back at its next reconciliation"),
        ("helm-controller", "Flux", "puts its own template and strategy back when it corrects drift or upgrades"),
        ("fleet", "Rancher Fleet", "may put its own template and strategy back at its next sync"),
        ("helm", "Helm", "puts its own template and strategy back at the next `helm upgrade`"),
    ]

    private static let argoAnnotation = "argocd.argoproj.io/tracking-id"
    private static let helmAnnotation = "meta.helm.sh/release-name"

    /// Whoever else believes to own what will be patched.
    var manager: String? {
        guard target.needsPatch else { return nil }
        let owners = facts.daemonSet.managers.filter { $0.ownsTemplate || $0.ownsUpdateStrategy }.map(\.name)
        let annotations = facts.daemonSet.annotations
        let found = Self.managers.first { manager in owners.contains { $0.lowercased().hasPrefix(manager.prefix) } }
        let hinted =
            annotations[Self.argoAnnotation] != nil
            ? Self.managers.first : annotations[Self.helmAnnotation] != nil ? Self.managers.last : nil
        guard let manager = found ?? hinted else { return nil }
        return
            "\(manager.tool) manages the DaemonSet and \(manager.habit): change image and OnDelete there too, or make "
            + "it ignore both"
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

    /// A readiness gate that proves little.
    var probe: String? {
        guard !target.template.hasReadinessProbe else { return nil }
        return
            "no container has a readiness probe: a pod is Ready as soon as it runs, so readiness proves only that it "
            + "started; add a probe, minReadySeconds or a metric gate"
    }
}
