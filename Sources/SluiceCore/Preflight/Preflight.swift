/// What is asked of the cluster before anything is touched, and what its answers mean. Every question is read-only: a
/// review of a right, or a dry run.
public struct Preflight: Sendable, Equatable {
    /// The DaemonSet's namespace.
    public var namespace: String
    /// The DaemonSet's name.
    public var daemonSet: String
    /// The rights that the rollout needs, in order.
    public var rights: [AccessRight]
    /// The right that ``pod`` needs; no rollout does.
    public var podRight: AccessRight
    /// The new pod of one of the first wave's nodes; nil when nothing is updated.
    public var pod: NewPod?
    /// The patch of the DaemonSet; nil when none is needed.
    public var patch: DaemonSetPatch?
    /// The ConfigMaps and Secrets that the new template reads; none when the plan does not care for them.
    public var configReferences: [ConfigReference]
    /// Whether the rollout is to halt when one of them changes.
    var haltsOnConfigChange: Bool
    /// The template that was planned for.
    var target: PodTemplate
    /// Whether the new pod asks for the same resources as the old ones.
    var asksForTheSame: Bool

    /// What is asked for a plan.
    ///
    /// - Parameters:
    ///   - plan: what the plan file says.
    ///   - waves: what it means on the fleet.
    ///   - facts: the fleet.
    ///   - leaseName: the name of the DaemonSet's Lease.
    public init(plan: RolloutPlan, waves: WavePlan, facts: FleetFacts, leaseName: String) {
        (namespace, daemonSet) = (facts.daemonSet.namespace, facts.daemonSet.name)
        rights = AccessRight.needed(
            by: plan, namespace: namespace, needsPatch: waves.needsPatch, leaseName: leaseName)
        podRight = .podCreation(namespace: namespace)
        let node = waves.waves.lazy.flatMap(\.nodes).first
        pod = node.map {
            NewPod(of: facts.daemonSet, template: waves.targetTemplate, revision: waves.updateRevision, node: $0)
        }
        let changes = waves.targetTemplate != facts.daemonSet.template
        patch =
            waves.needsPatch
            ? DaemonSetPatch(
                uid: facts.daemonSet.uid, resourceVersion: nil,
                change: changes ? plan.templateChange(to: waves.targetTemplate) : .none)
            : nil
        configReferences = plan.onConfigChanged == .ignore ? [] : waves.targetTemplate.configReferences
        haltsOnConfigChange = plan.onConfigChanged == .halt
        target = waves.targetTemplate
        asksForTheSame =
            waves.targetTemplate.resources == RolloutTarget(plan: plan, facts: facts).previous.resources
    }

    /// The cluster's answer to one question.
    public enum Answer: Sendable, Equatable {
        /// Yes, with what the server warns of.
        case accepted(warnings: [String])
        /// No, in the server's words.
        case refused(String)
        /// It could not be asked, with the reason.
        case unknown(String)
    }

    /// What the answer to a review of a right means.
    public func judge(right: AccessRight, _ answer: Answer) -> PreflightFinding {
        switch answer {
        case .accepted: PreflightFinding(.right, right.text, .passed)
        case .refused(let words):
            PreflightFinding(
                .right, right.text, .refused,
                right.missingSentence + (words.isEmpty ? "" : ": \(words)"))
        case .unknown(let reason): PreflightFinding(.right, right.text, .notChecked, reason)
        }
    }

    /// What the answer to the dry-run creation of the new pod means.
    public func judge(pod: NewPod, _ answer: Answer) -> PreflightFinding {
        let subject = "new pod on \(pod.node)"
        switch answer {
        case .accepted(let warnings):
            return PreflightFinding(.podCreation, subject, .passed, Self.warning(warnings))
        case .unknown(let reason): return PreflightFinding(.podCreation, subject, .notChecked, reason)
        case .refused(let words) where words.contains(Self.quota) && asksForTheSame:
            return PreflightFinding(
                .podCreation, subject, .passed,
                "a quota is used up, but the old pod counts in it and asks for the same: \(words)")
        case .refused(let words):
            return PreflightFinding(
                .podCreation, subject, .refused,
                "a deleted pod on \(pod.node) would get no successor: \(words)" + Self.advice(words))
        }
    }

    /// What the answer to the dry run of the patch means.
    ///
    /// - Parameters:
    ///   - stored: the DaemonSet as the server would store it; nil when it was refused or cannot be read.
    ///   - pod: what came of the new pod. Once it was tried, the patch's own warning about it says nothing new.
    public func judgePatch(_ answer: Answer, stored: DaemonSet?, pod: PreflightFinding?) -> PreflightFinding {
        let subject = "patch of the DaemonSet"
        switch answer {
        case .unknown(let reason): return PreflightFinding(.patch, subject, .notChecked, reason)
        case .refused(let words):
            return PreflightFinding(
                .patch, subject, .refused, "the DaemonSet cannot be patched: \(words)" + Self.advice(words))
        case .accepted(let warnings):
            if let stored, stored.template.placement != target.placement {
                return PreflightFinding(
                    .patch, subject, .refused,
                    "an admission webhook changes where the pods run (nodeSelector, affinity or tolerations), so nodes "
                        + "would gain or lose pods outside all waves: make the webhook leave this DaemonSet alone")
            }
            let isTried = pod.map { $0.outcome != .notChecked } ?? false
            let told = warnings.filter { !isTried || !$0.hasPrefix(Self.podWarning) }
            return PreflightFinding(.patch, subject, .passed, Self.warning(told))
        }
    }

    private static let quota = "exceeded quota"
    /// How PodSecurity begins to warn of a template. (kubernetes.io, "Pod Security Admission")
    private static let podWarning = "would violate PodSecurity"

    private static func warning(_ warnings: [String]) -> String? {
        warnings.isEmpty ? nil : "the API server warns: \(warnings.joined(separator: "; "))"
    }

    /// What to do next about a refusal, where its words say who refused.
    private static func advice(_ words: String) -> String {
        let known = [
            (
                "violates PodSecurity",
                "; change the template, or the namespace's pod-security.kubernetes.io/enforce label"
            ),
            (quota, "; raise the ResourceQuota or ask for less"),
            ("failed calling webhook", "; mend the webhook, or wait until it answers"),
            ("admission webhook", "; ask the webhook's owner"),
            ("serviceaccount", "; create the service account"),
            ("PriorityClass", "; create the PriorityClass"),
        ]
        return known.first { words.contains($0.0) }?.1 ?? ""
    }
}

/// What is looked at before anything is touched.
public enum PreflightCheck: String, Sendable, Hashable, ContractWord {
    case right, podCreation, patch, configuration, secret

    /// What the word means, in one sentence.
    public var meaning: String {
        switch self {
        case .right: "A right that the rollout needs (SelfSubjectAccessReview)."
        case .podCreation:
            "The new pod of a node of the first wave, created in a dry run: PodSecurity, quota, webhooks."
        case .patch: "The patch of the DaemonSet, in a dry run."
        case .configuration: "A ConfigMap or a Secret that the new template reads: whether a change can be noticed."
        case .secret: "A secret or certificate that the plan names, read on this machine; its value is shown nowhere."
        }
    }
}

/// What came of a check.
public enum PreflightOutcome: String, Sendable, Hashable, ContractWord {
    case passed, refused, notChecked

    /// What the word means, in one sentence.
    public var meaning: String {
        switch self {
        case .passed: "The cluster would let it through."
        case .refused: "It is refused, or cannot be read; the rollout cannot be carried out like this."
        case .notChecked: "It could not be asked; the message says why."
        }
    }
}

/// One check with its outcome.
public struct PreflightFinding: Sendable, Hashable {
    /// What was looked at.
    public var check: PreflightCheck
    /// The right, the pod, the patch, the object or the secret, in words.
    public var subject: String
    /// What came of it.
    public var outcome: PreflightOutcome
    /// The reason in one sentence; nil when there is nothing to say.
    public var message: String?

    /// One check with its outcome.
    public init(_ check: PreflightCheck, _ subject: String, _ outcome: PreflightOutcome, _ message: String? = nil) {
        self.check = check
        self.subject = subject
        self.outcome = outcome
        self.message = message
    }
}
