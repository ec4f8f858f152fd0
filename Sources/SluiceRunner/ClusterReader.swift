public import SluiceClients
public import SluiceCore

/// Reads what planning and reporting start from. Blocks until it is there.
public enum ClusterReader {
    /// Everything about one DaemonSet.
    ///
    /// - Returns: nil when there is no such DaemonSet.
    /// - Throws: `APIError`.
    public static func facts(
        _ client: KubernetesClient, namespace: String, daemonSet name: String
    ) throws(APIError) -> FleetFacts? {
        guard
            let daemonSet = try client.get(.getDaemonSet(namespace: namespace, name: name), as: DaemonSet.self)
        else { return nil }
        return try facts(client, of: daemonSet, nodes: try client.listAll(.listNodes(), of: Node.self).items)
    }

    /// Everything about every DaemonSet of a namespace, or of the cluster, sorted by namespace and name.
    ///
    /// - Throws: `APIError`.
    public static func allFacts(
        _ client: KubernetesClient, namespace: String?
    ) throws(APIError) -> [FleetFacts] {
        let nodes = try client.listAll(.listNodes(), of: Node.self).items
        let daemonSets = try client.listAll(.listDaemonSets(namespace: namespace), of: DaemonSet.self).items
        var all: [FleetFacts] = []
        for daemonSet in daemonSets.sorted(by: { ($0.namespace, $0.name) < ($1.namespace, $1.name) }) {
            all.append(try facts(client, of: daemonSet, nodes: nodes))
        }
        return all
    }

    private static func facts(
        _ client: KubernetesClient, of daemonSet: DaemonSet, nodes: [Node]
    ) throws(APIError) -> FleetFacts {
        let selector = daemonSet.selector.queryText
        let pods = try client.listAll(
            .listPods(namespace: daemonSet.namespace, labelSelector: selector), of: Pod.self)
        let revisions = try client.listAll(
            .listControllerRevisions(namespace: daemonSet.namespace, labelSelector: selector),
            of: ControllerRevision.self)
        return FleetFacts(
            daemonSet: daemonSet, nodes: nodes, pods: pods.items, revisions: revisions.items,
            readAt: client.outside.now.wall)
    }
}
