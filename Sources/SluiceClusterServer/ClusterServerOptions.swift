public import SluiceCluster
public import SluiceCore

/// How the embedded cluster is served.
public struct ClusterServerOptions: Sendable {
    /// Size, pace and temper of the cluster.
    public var cluster: ClusterOptions
    /// The objects to create at the start; ``DefaultManifest/objects`` unless others are given.
    public var manifest: [JSONValue]
    /// The TCP port on 127.0.0.1; 0 takes any free one.
    public var port: Int
    /// Where a kubeconfig is written (mode 0600); nil writes none.
    public var kubeconfig: String?
    /// Where a line of JSON is written for every request to delete or evict a pod; nil writes none. See
    /// ``PodDeleteRecord``.
    public var audit: String?
    /// How old the cluster is when it opens, in milliseconds: its pods have run as long, less their start.
    public var age: Milliseconds

    /// How the embedded cluster is served.
    public init(
        cluster: ClusterOptions = ClusterOptions(), manifest: [JSONValue] = DefaultManifest.objects, port: Int = 0,
        kubeconfig: String? = nil, audit: String? = nil, age: Milliseconds = 600_000
    ) {
        self.cluster = cluster
        self.manifest = manifest
        self.port = port
        self.kubeconfig = kubeconfig
        self.audit = audit
        self.age = age
    }
}

/// Where a served cluster is reached.
public struct ClusterAddress: Sendable, Hashable {
    /// The TCP port on 127.0.0.1.
    public var port: Int
    /// The bearer token of the kubeconfig.
    public var token: String

    /// The address of the Kubernetes API.
    public var kubernetes: String { "http://127.0.0.1:\(port)" }
    /// The address of the Prometheus API.
    public var prometheus: String { "http://127.0.0.1:\(port)/prometheus" }

    /// A kubeconfig whose only context is this cluster.
    public var kubeconfig: String {
        """
        apiVersion: v1
        kind: Config
        current-context: sluice-cluster
        clusters:
        - name: sluice-cluster
          cluster:
            server: \(kubernetes)
        contexts:
        - name: sluice-cluster
          context:
            cluster: sluice-cluster
            user: sluice-cluster
            namespace: default
        users:
        - name: sluice-cluster
          user:
            token: \(token)
        preferences: {}

        """
    }
}

/// Why the cluster cannot be served.
public struct ClusterServerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What failed, where, and what to do.
    public var description: String
}
