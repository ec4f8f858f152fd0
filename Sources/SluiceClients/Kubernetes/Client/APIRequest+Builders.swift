public import SluiceCore

extension APIRequest {
    /// The field manager that owns what Sluice writes.
    public static let fieldManager = "sluice"

    private static func path(_ root: String, _ segments: String...) -> String {
        root + segments.map { "/" + PercentEncoding.encode($0) }.joined()
    }

    private static func selectors(label: String?, field: String?) -> [(name: String, value: String)] {
        var query: [(name: String, value: String)] = []
        if let label, !label.isEmpty { query.append(("labelSelector", label)) }
        if let field, !field.isEmpty { query.append(("fieldSelector", field)) }
        return query
    }

    private static let fieldChecks: [(name: String, value: String)] = [
        ("fieldManager", fieldManager), ("fieldValidation", "Strict"),
    ]

    // MARK: Reads

    /// Lists the nodes.
    public static func listNodes(labelSelector: String? = nil) -> APIRequest {
        APIRequest(
            .get, "/api/v1/nodes", query: selectors(label: labelSelector, field: nil),
            subject: Subject(verb: "list", resource: "nodes"))
    }

    /// Reads one node.
    public static func getNode(_ name: String) -> APIRequest {
        APIRequest(
            .get, path("/api/v1/nodes", name), subject: Subject(verb: "get", resource: "nodes", name: name))
    }

    /// Lists pods of a namespace, or of all when nil.
    public static func listPods(namespace: String?, labelSelector: String? = nil) -> APIRequest {
        APIRequest(
            .get, namespace.map { path("/api/v1/namespaces", $0, "pods") } ?? "/api/v1/pods",
            query: selectors(label: labelSelector, field: nil),
            subject: Subject(verb: "list", resource: "pods", namespace: namespace))
    }

    /// Lists the pods that keep a rollout from going on, so many at most, and no older ones than the server knows.
    public static func listBlockingPods(_ question: Blocker.PodQuestion) -> APIRequest {
        APIRequest(
            .get, question.namespace.map { path("/api/v1/namespaces", $0, "pods") } ?? "/api/v1/pods",
            query: selectors(label: question.selector.queryText, field: nil)
                + [("limit", String(BlockingPods.limit))],
            subject: Subject(verb: "list", resource: "pods", namespace: question.namespace), isRetried: false)
    }

    /// Reads one pod.
    public static func getPod(namespace: String, name: String) -> APIRequest {
        APIRequest(
            .get, path("/api/v1/namespaces", namespace, "pods", name),
            subject: Subject(verb: "get", resource: "pods", namespace: namespace, name: name))
    }

    /// Reads one DaemonSet.
    public static func getDaemonSet(namespace: String, name: String) -> APIRequest {
        APIRequest(
            .get, path("/apis/apps/v1/namespaces", namespace, "daemonsets", name),
            subject: Subject(
                verb: "get", resource: "daemonsets", group: "apps", namespace: namespace, name: name))
    }

    /// Lists DaemonSets of a namespace, or of all when nil; with a name only that one.
    public static func listDaemonSets(namespace: String?, name: String? = nil) -> APIRequest {
        APIRequest(
            .get, namespace.map { path("/apis/apps/v1/namespaces", $0, "daemonsets") } ?? "/apis/apps/v1/daemonsets",
            query: selectors(label: nil, field: name.map { "metadata.name=\($0)" }),
            subject: Subject(
                verb: "list", resource: "daemonsets", group: "apps", namespace: namespace, name: name))
    }

    /// Lists controller revisions of a namespace, or of all when nil.
    public static func listControllerRevisions(namespace: String?, labelSelector: String? = nil) -> APIRequest {
        APIRequest(
            .get,
            namespace.map { path("/apis/apps/v1/namespaces", $0, "controllerrevisions") }
                ?? "/apis/apps/v1/controllerrevisions",
            query: selectors(label: labelSelector, field: nil),
            subject: Subject(verb: "list", resource: "controllerrevisions", group: "apps", namespace: namespace))
    }

    /// Reads one namespace, which a Role inside it can allow. The uid of `kube-system` stands for the cluster's identity.
    public static func getNamespace(_ name: String) -> APIRequest {
        APIRequest(
            .get, path("/api/v1/namespaces", name),
            subject: Subject(verb: "get", resource: "namespaces", namespace: name, name: name))
    }

    /// Lists the events that tell of pods of a DaemonSet that could not be created.
    public static func listFailedCreations(namespace: String, daemonSet: String) -> APIRequest {
        let fields = "involvedObject.kind=DaemonSet,involvedObject.name=\(daemonSet),reason=FailedCreate"
        return APIRequest(
            .get, path("/api/v1/namespaces", namespace, "events"), query: selectors(label: nil, field: fields),
            subject: Subject(verb: "list", resource: "events", namespace: namespace), isRetried: false)
    }

    /// Lists one node by its name, for who may list nodes and not get one.
    public static func listNode(_ name: String) -> APIRequest {
        APIRequest(
            .get, "/api/v1/nodes", query: selectors(label: nil, field: "metadata.name=\(name)"),
            subject: Subject(verb: "list", resource: "nodes"), isRetried: false)
    }

    /// Lists the pods of a selector on one node.
    public static func listPods(namespace: String, labelSelector: String, node: String) -> APIRequest {
        APIRequest(
            .get, path("/api/v1/namespaces", namespace, "pods"),
            query: selectors(label: labelSelector, field: "spec.nodeName=\(node)"),
            subject: Subject(verb: "list", resource: "pods", namespace: namespace), isRetried: false)
    }

    /// Lists the events about one object.
    public static func listEvents(namespace: String, about uid: String) -> APIRequest {
        APIRequest(
            .get, path("/api/v1/namespaces", namespace, "events"),
            query: selectors(label: nil, field: "involvedObject.uid=\(uid)"),
            subject: Subject(verb: "list", resource: "events", namespace: namespace), isRetried: false)
    }

    /// Reads the last lines of a container.
    ///
    /// - Parameters:
    ///   - isPrevious: whether those of its run before the present one.
    ///   - lines: at most so many.
    ///   - bytes: of at most so many bytes.
    public static func podLog(
        namespace: String, pod: String, container: String, isPrevious: Bool, lines: Int, bytes: Int
    ) -> APIRequest {
        APIRequest(
            .get, path("/api/v1/namespaces", namespace, "pods", pod, "log"),
            query: [
                ("container", container), ("previous", String(isPrevious)), ("tailLines", String(lines)),
                ("limitBytes", String(bytes)),
            ], subject: Subject(verb: "get", resource: "pods/log", namespace: namespace, name: pod), isRetried: false)
    }

    /// Reads a pod's metrics page through the API server's proxy.
    ///
    /// Source: kubernetes.io, "Access Services Running on Clusters", which gives the same form for pods.
    public static func metricsPage(namespace: String, pod: String, _ scrape: MetricsScrape) -> APIRequest {
        // The colons are plain: a role's resourceNames and an audit log show the name as it stands here.
        let proxy = "/\(scrape.scheme.rawValue):\(PercentEncoding.encode(pod)):\(scrape.port)/proxy"
        var request = APIRequest(
            .get, path("/api/v1/namespaces", namespace, "pods") + proxy + scrape.path,
            subject: Subject(verb: "get", resource: proxiedPods, namespace: namespace, name: pod),
            timeout: KubernetesLimits.pageTimeout, isRetried: false, bodyLimit: KubernetesLimits.metricsPageBytes)
        request.accept = "text/plain;version=0.0.4, application/openmetrics-text;version=1.0.0;q=0.5, */*;q=0.1"
        return request
    }

    /// Reads the metadata of a ConfigMap or a Secret, and no more: what is in it is never sent.
    ///
    /// Source: kubernetes.io, "Kubernetes API Concepts", on receiving resources as `PartialObjectMetadata`.
    public static func getMetadata(of object: ConfigObject, namespace: String) -> APIRequest {
        var request = APIRequest(
            .get, path("/api/v1/namespaces", namespace, object.kind.resource, object.name),
            subject: Subject(verb: "get", resource: object.kind.resource, namespace: namespace, name: object.name))
        request.accept = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
        return request
    }

    /// The resource whose answers are those of a pod.
    static let proxiedPods = "pods/proxy"

    /// Reads the server's version; needs no rights.
    public static func version() -> APIRequest {
        APIRequest(.get, "/version", subject: Subject(verb: "get", resource: "version"))
    }

    // MARK: Writes

    /// Deletes or evicts a pod, guarded by its uid.
    public static func remove(_ deletion: PodDeletion, namespace: String) -> APIRequest {
        let preconditions: JSONValue = ["uid": .string(deletion.uid)]
        let pod = path("/api/v1/namespaces", namespace, "pods", deletion.name)
        switch deletion.method {
        case .delete:
            return APIRequest(
                .delete, pod,
                body: ["apiVersion": "v1", "kind": "DeleteOptions", "preconditions": preconditions],
                subject: Subject(verb: "delete", resource: "pods", namespace: namespace, name: deletion.name),
                timeout: KubernetesLimits.deleteTimeout, isRetried: false)
        case .evict:
            return APIRequest(
                .post, pod + "/eviction",
                body: [
                    "apiVersion": "policy/v1", "kind": "Eviction",
                    "metadata": ["name": .string(deletion.name), "namespace": .string(namespace)],
                    "deleteOptions": ["preconditions": preconditions],
                ],
                subject: Subject(verb: "create", resource: "pods/eviction", namespace: namespace, name: deletion.name),
                timeout: KubernetesLimits.deleteTimeout, isRetried: false)
        }
    }

    /// Patches a DaemonSet, guarded by uid and resourceVersion; unknown fields are refused.
    ///
    /// - Parameter isDryRun: whether the server only says what it would do.
    public static func patch(
        _ patch: DaemonSetPatch, namespace: String, name: String, isDryRun: Bool = false
    ) -> APIRequest {
        APIRequest(
            .patch, path("/apis/apps/v1/namespaces", namespace, "daemonsets", name),
            query: fieldChecks + (isDryRun ? dryRun : []), body: patch.body,
            contentType: "application/strategic-merge-patch+json",
            subject: Subject(
                verb: "patch", resource: "daemonsets", group: "apps", namespace: namespace, name: name),
            isRetried: false)
    }

    /// Writes an Event. Its name guards it: the second one gets 409.
    ///
    /// - Parameter event: an object of events.k8s.io/v1, as JSON.
    public static func createEvent(_ event: [UInt8], namespace: String) -> APIRequest {
        var request = APIRequest(
            .post, path("/apis/events.k8s.io/v1/namespaces", namespace, "events"),
            query: [("fieldManager", fieldManager)],
            subject: Subject(verb: "create", resource: "events", group: "events.k8s.io", namespace: namespace),
            timeout: KubernetesLimits.eventTimeout, isRetried: false)
        request.body = event
        return request
    }

    // MARK: Questions

    private static let dryRun: [(name: String, value: String)] = [("dryRun", "All")]

    /// Asks whether a pod would be let in; it is not made.
    public static func tryPod(_ pod: JSONValue, namespace: String) -> APIRequest {
        APIRequest(
            .post, path("/api/v1/namespaces", namespace, "pods"), query: [("fieldManager", fieldManager)] + dryRun,
            body: pod, subject: Subject(verb: "create", resource: "pods", namespace: namespace), isRetried: false)
    }

    /// Asks whether we have a right.
    public static func reviewAccess(_ right: AccessRight) -> APIRequest {
        let parts = right.resource.split(separator: "/", maxSplits: 1).map(String.init)
        var attributes: JSONValue = [
            "verb": .string(right.verb), "resource": .string(parts.first ?? ""), "group": .string(right.group),
        ]
        if parts.count > 1 { attributes["subresource"] = .string(parts[1]) }
        if let namespace = right.namespace { attributes["namespace"] = .string(namespace) }
        if let name = right.name { attributes["name"] = .string(name) }
        return APIRequest(
            .post, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            body: [
                "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
                "spec": ["resourceAttributes": attributes],
            ],
            subject: Subject(verb: "create", resource: "selfsubjectaccessreviews", group: "authorization.k8s.io"),
            isRetried: false)
    }

    // MARK: Leases

    private static func leaseSubject(_ verb: String, _ namespace: String, _ name: String) -> Subject {
        Subject(verb: verb, resource: "leases", group: "coordination.k8s.io", namespace: namespace, name: name)
    }

    /// Reads a Lease.
    public static func getLease(namespace: String, name: String) -> APIRequest {
        APIRequest(
            .get, path("/apis/coordination.k8s.io/v1/namespaces", namespace, "leases", name),
            subject: leaseSubject("get", namespace, name))
    }

    /// Creates a Lease.
    public static func createLease(_ lease: JSONValue, namespace: String, name: String) -> APIRequest {
        APIRequest(
            .post, path("/apis/coordination.k8s.io/v1/namespaces", namespace, "leases"), query: fieldChecks,
            body: lease, subject: leaseSubject("create", namespace, name),
            timeout: KubernetesLimits.leaseRequestTimeout, isRetried: false)
    }

    /// Replaces a Lease; its resourceVersion guards it.
    public static func updateLease(_ lease: JSONValue, namespace: String, name: String) -> APIRequest {
        APIRequest(
            .put, path("/apis/coordination.k8s.io/v1/namespaces", namespace, "leases", name), query: fieldChecks,
            body: lease, subject: leaseSubject("update", namespace, name),
            timeout: KubernetesLimits.leaseRequestTimeout, isRetried: false)
    }

    /// Deletes a Lease, guarded by its uid.
    public static func deleteLease(namespace: String, name: String, uid: String) -> APIRequest {
        APIRequest(
            .delete, path("/apis/coordination.k8s.io/v1/namespaces", namespace, "leases", name),
            body: ["apiVersion": "v1", "kind": "DeleteOptions", "preconditions": ["uid": .string(uid)]],
            subject: leaseSubject("delete", namespace, name),
            timeout: KubernetesLimits.leaseRequestTimeout, isRetried: false)
    }
}
