import SluiceCluster
import SluiceCore
import SluiceDocuments
import Testing

@Suite("Manifests")
struct ManifestTests {
    private static func read(_ text: String) throws -> ClusterManifest {
        ClusterManifest(try YAMLReader.readAll(Array(text.utf8)))
    }

    /// The remarks as lines, behind their place.
    private static func lines(_ remarks: [ClusterManifest.Remark]) -> [String] {
        remarks.map { "\($0.position.line):\($0.position.column): \($0.message)" }
    }

    /// What an installation of node_exporter brings, in an order that a file may have.
    private static let installation = """
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {name: agent, namespace: collectors}
        spec:
          selector: {matchLabels: {app: agent}}
          template:
            metadata: {labels: {app: agent}}
            spec:
              priorityClassName: collectors
              serviceAccountName: agent
              containers:
              - {name: agent, image: "quay.io/acme/agent:v1", ports: [{containerPort: 9100}]}
              - {name: proxy, image: "quay.io/acme/proxy:v1"}
        ---
        apiVersion: v1
        kind: List
        items:
        - {apiVersion: v1, kind: Namespace, metadata: {name: collectors, labels: {team: a}}}
        - {apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: collectors}, value: 1000}
        - {apiVersion: v1, kind: ServiceAccount, metadata: {name: agent, namespace: collectors}}
        - {apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: agent}, rules: []}
        - {apiVersion: v1, kind: Service, metadata: {name: agent, namespace: collectors}, spec: {clusterIP: None}}
        - {apiVersion: monitoring.coreos.com/v1, kind: ServiceMonitor, metadata: {name: agent}}
        ---
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: agent}
        ---
        apiVersion: v1
        kind: Namespace
        metadata: {name: monitoring, labels: {team: b}}
        """

    @Test("An installation in several documents is taken; kinds that are not served are named and left out")
    func installation() throws {
        let manifest = try Self.read(Self.installation)
        #expect(manifest.problems.isEmpty)
        #expect(
            Self.lines(manifest.leftOut) == [
                "23:3: ServiceMonitor/agent is left out: the embedded cluster does not serve ServiceMonitor of "
                    + "monitoring.coreos.com/v1",
                "25:1: NetworkPolicy/agent is left out: the embedded cluster does not serve NetworkPolicy of "
                    + "networking.k8s.io/v1",
            ])
        let kinds = manifest.objects.compactMap { $0["kind"]?.string }
        #expect(
            kinds == [
                "Namespace", "Namespace", "PriorityClass", "ServiceAccount", "ClusterRole", "Service", "DaemonSet",
            ])
        var cluster = try TestCluster(ClusterOptions(nodes: 3), nodes: [])
        try cluster.cluster.apply(manifest.objects, at: cluster.now)
        cluster.wait(10)
        let pods = try cluster.items("/api/v1/namespaces/collectors/pods")
        #expect(pods.map { $0.condition("Ready") } == ["True", "True"], "the control plane's taint is not tolerated")
        #expect(pods.first?.at("spec", "priority") == 1_000)
        #expect(pods.first?.at("status", "containerStatuses")?.array?.count == 2)
        let labels = try cluster.call("GET", "/api/v1/namespaces/monitoring").value.at("metadata", "labels")
        #expect(labels?["team"] == "b")
    }

    @Test("Everything that is wrong is told at once, each at its place")
    func problems() throws {
        let manifest = try Self.read(
            """
            apiVersion: apps/v1
            kind: DaemonSet
            metadata:
              name: Agent_1
            spec:
              selector: {matchLabels: {app: agent}}
              updateStrategy: {type: Sideways}
              template:
                metadata: {labels: {app: other}}
                spec:
                  containers:
                  - name: agent
                  - image: quay.io/acme/agent:v1
            ---
            apiVersion: apps/v1
            kind: DaemonSet
            metadata: {name: agent}
            spec:
              minReadySeconds: ten
              updateStrategie: {type: OnDelete}
              template:
                spec:
                  containers:
                  - {name: agent, imag: quay.io/acme/agent:v1}
            ---
            just a text
            ---
            kind: DaemonSet
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: alone}
            """)
        let told = Self.lines(manifest.problems).map { $0.prefix(74) }
        #expect(
            told == [
                "4:3: DaemonSet/Agent_1: metadata.name: Invalid value: \"Agent_1\": a lowerca",
                "7:3: DaemonSet/Agent_1: spec.updateStrategy: Unsupported value: {\"Type\":\"S",
                "9:16: DaemonSet/Agent_1: spec.template.metadata.labels: Invalid value: {\"a",
                "12:9: DaemonSet/Agent_1: spec.template.spec.containers[0].image: Required ",
                "13:9: DaemonSet/Agent_1: spec.template.spec.containers[1].name: Required v",
                "19:3: DaemonSet/agent: json: cannot unmarshal string into Go struct field ",
                "20:3: DaemonSet/agent: unknown field \"spec.updateStrategie\"",
                "24:23: DaemonSet/agent: unknown field \"spec.template.spec.containers[0].im",
                "26:1: a string where an object with apiVersion and kind belongs",
                "28:1: an object without apiVersion; is this a Kubernetes manifest?",
                "30:1: Pod/alone: the embedded cluster's pods come from DaemonSets alone",
            ])
    }
}
