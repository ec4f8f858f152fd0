/// A right that the API server grants or not, in the words that a role's rule uses.
public struct AccessRight: Sendable, Hashable {
    /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`.
    public var verb: String
    /// The resource, with its subresource (`pods/eviction`).
    public var resource: String
    /// The API group; empty for the core group.
    public var group: String
    /// The namespace; nil for the whole cluster.
    public var namespace: String?
    /// The object's name, so that a rule with `resourceNames` is enough; nil for all.
    public var name: String?
    /// What the right is needed for, as the end of a sentence that begins with "needed".
    public var purpose: String

    /// A right.
    public init(
        verb: String, resource: String, group: String = "", namespace: String? = nil, name: String? = nil,
        purpose: String
    ) {
        self.verb = verb
        self.resource = resource
        self.group = group
        self.namespace = namespace
        self.name = name
        self.purpose = purpose
    }

    /// The right in words: `delete pods in namespace monitoring`.
    public var text: String {
        let resource = group.isEmpty ? resource : "\(resource).\(group)"
        return "\(verb) \(resource)" + (namespace.map { " in namespace \($0)" } ?? " in the whole cluster")
    }

    /// That it is missing, in one sentence.
    public var missingSentence: String { "the right to \(text) is missing, needed \(purpose)" }
}

extension AccessRight {
    /// The rights that carrying a plan out needs, in the order of their use. (README, "Use it"; `docs/rbac/`)
    ///
    /// - Parameters:
    ///   - plan: the plan.
    ///   - needsPatch: whether the DaemonSet must be patched.
    ///   - leaseName: the name of the DaemonSet's Lease.
    public static func needed(
        by plan: RolloutPlan, namespace: String, needsPatch: Bool, leaseName: String
    ) -> [AccessRight] {
        func pods(_ verb: String, _ purpose: String, resource: String = "pods") -> AccessRight {
            AccessRight(verb: verb, resource: resource, namespace: namespace, purpose: purpose)
        }
        func daemonSet(_ verb: String, _ purpose: String) -> AccessRight {
            AccessRight(
                verb: verb, resource: "daemonsets", group: "apps", namespace: namespace, name: plan.daemonSet,
                purpose: purpose)
        }
        func lease(_ verb: String, name: String? = leaseName) -> AccessRight {
            AccessRight(
                verb: verb, resource: "leases", group: "coordination.k8s.io", namespace: namespace, name: name,
                purpose: "so that two drivers do not fight")
        }
        let reading: [AccessRight] = [
            AccessRight(verb: "list", resource: "nodes", purpose: "to see the nodes"),
            AccessRight(verb: "watch", resource: "nodes", purpose: "to see nodes change"),
            daemonSet("get", "to read the DaemonSet"), daemonSet("list", "to watch the DaemonSet"),
            daemonSet("watch", "to see the DaemonSet change"),
            AccessRight(
                verb: "list", resource: "controllerrevisions", group: "apps", namespace: namespace,
                purpose: "to tell new pods from old ones"),
            pods("list", "to see the pods"), pods("watch", "to see pods come and go"),
        ]
        let removing: AccessRight =
            switch plan.deletion {
            case .delete: pods("delete", "to replace pods")
            case .evict: pods("create", "to replace pods by eviction", resource: "pods/eviction")
            }
        // A right to create cannot be bound to a name.
        let writing = [lease("get"), lease("create", name: nil), lease("update"), removing]
        let patching = needsPatch ? [daemonSet("patch", "to set OnDelete and the new images in the DaemonSet")] : []
        let scraping = plan.scrapes ? [pods("get", "to read the pods' metrics", resource: "pods/proxy")] : []
        return reading + writing + patching + scraping + blocking(plan)
    }

    private static func blocking(_ plan: RolloutPlan) -> [AccessRight] {
        plan.blockers.compactMap { blocker in
            guard case .pods(let pods) = blocker.subject else { return nil }
            return AccessRight(
                verb: "list", resource: "pods", namespace: pods.namespace,
                purpose: "to look for blocker \(blocker.name)")
        }
    }

    /// The right without which nobody can ask whether the new pod would be let in.
    static func podCreation(namespace: String) -> AccessRight {
        AccessRight(verb: "create", resource: "pods", namespace: namespace, purpose: "to try the new pod in a dry run")
    }
}
