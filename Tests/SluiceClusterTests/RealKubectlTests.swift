import Foundation
import SluiceCluster
import SluiceCore
import Testing

@Suite("An unmodified kubectl believes the embedded cluster")
struct RealKubectlTests {
    private static let options = ClusterOptions(
        nodes: 5, startDelay: 200, readyLag: 50, termination: 100, linger: 20, statusInterval: 20)

    @Test("There is a kubectl to try")
    func hasKubectl() {
        #expect(!KubectlSession.binaries.isEmpty, "no kubectl in PATH: run Scripts/setup.sh --tests")
    }

    @Test("Reading", arguments: KubectlSession.binaries)
    func reading(binary: String) throws {
        let kubectl = try KubectlSession(binary, Self.options)
        try kubectl.expect("version", "v1.36.2")
        try kubectl.expect("get --raw /readyz", "ok")
        try kubectl.expect("auth can-i delete pods", "yes")
        try kubectl.expect("auth can-i --list", "*.*")
        try kubectl.expect("api-resources", "daemonsets ds apps/v1 true DaemonSet", "nodes no v1 false Node")
        let nodes = try kubectl.expect("get nodes", "node-0002 Ready worker 10m v1.36.2")
        #expect(nodes.lines.first == "NAME STATUS ROLES AGE VERSION" && nodes.lines.count == 6)
        try kubectl.expect("get nodes -o wide", "INTERNAL-IP EXTERNAL-IP OS-IMAGE KERNEL-VERSION CONTAINER-RUNTIME")
        let pods = try kubectl.expect(
            "-n monitoring get pods -o wide --chunk-size=2", "1/1 Running 0 10m 10.0.0.12 node-0002")
        #expect(pods.lines.count == 6)
        let chosen = try kubectl.expect(
            "get pods -A -l app=node-exporter --field-selector spec.nodeName=node-0002 -o name")
        #expect(chosen.lines.count == 1)
        try kubectl.expect(
            "-n monitoring get ds", "NAME DESIRED CURRENT READY UP-TO-DATE AVAILABLE NODE SELECTOR AGE",
            "node-exporter 5 5 5 5 5 <none> 10m")
        try kubectl.expect(
            "-n monitoring get controllerrevisions", "NAME CONTROLLER REVISION AGE",
            "daemonset.apps/node-exporter 1 10m")
        try kubectl.expect("-n monitoring get ds node-exporter -o yaml", "kind: DaemonSet", "numberAvailable: 5")
        try kubectl.expect("-n monitoring get ds,pods -o json", "\"kind\": \"List\"")
        try kubectl.expect("-n monitoring get pods -w --request-timeout=1s", "NAME READY STATUS RESTARTS AGE")
        try kubectl.expect("-n monitoring get events", "Normal SuccessfulCreate daemonset/node-exporter Created pod:")
        try kubectl.expect("get namespaces", "NAME STATUS AGE", "monitoring Active 10m")
        try kubectl.expect("-n monitoring get pod nobody", code: 1, "(NotFound): pods \"nobody\" not found")
        try Self.describing(kubectl)
    }

    private static func describing(_ kubectl: KubectlSession) throws {
        try kubectl.expect(
            "describe node node-0003", "Name: node-0003", "Taints: <none>", "KubeletReady",
            "Non-terminated Pods: (1 in total)", "Allocated resources:", "HolderIdentity: node-0003")
        let pod = try kubectl.expect("-n monitoring get pods -o name").lines[0]
        try kubectl.expect(
            "-n monitoring describe \(pod)", "Controlled By: DaemonSet/node-exporter", "QoS Class: Burstable",
            "Restart Count: 0", "PodScheduled True", "node.kubernetes.io/not-ready:NoExecute")
        try kubectl.expect(
            "-n monitoring describe ds node-exporter", "Desired Number of Nodes Scheduled: 5",
            "Pods Status: 5 Running / 0 Waiting / 0 Succeeded / 0 Failed",
            "Image: quay.io/prometheus/node-exporter:v1.8.2",
            "SuccessfulCreate")
    }

    @Test("Rollouts", arguments: KubectlSession.binaries)
    func rollouts(binary: String) throws {
        let kubectl = try KubectlSession(binary, Self.options)
        let rollout = "-n monitoring rollout"
        let daemonSet = "ds/node-exporter"
        try kubectl.expect("\(rollout) status \(daemonSet) --timeout=20s", "successfully rolled out")
        let image = "node-exporter=quay.io/prometheus/node-exporter:v1.9.0"
        try kubectl.expect("-n monitoring set image \(daemonSet) \(image)", "image updated")
        try kubectl.expect("\(rollout) status \(daemonSet) --timeout=60s", "successfully rolled out")
        try kubectl.expect("\(rollout) history \(daemonSet)", "REVISION CHANGE-CAUSE", "1 <none>", "2 <none>")
        try kubectl.expect(
            "\(rollout) history \(daemonSet) --revision=2", "with revision #2",
            "quay.io/prometheus/node-exporter:v1.9.0")
        try kubectl.expect(
            "-n monitoring patch \(daemonSet) -p {\"spec\":{\"updateStrategy\":{\"type\":\"OnDelete\"}}}", "patched")
        try kubectl.expect(
            "\(rollout) status \(daemonSet)", code: 1,
            "rollout status is only available for RollingUpdate strategy type")
        try kubectl.expect("\(rollout) undo \(daemonSet)", "rolled back")
        let history = try kubectl.expect("\(rollout) history \(daemonSet)", "2 <none>", "3 <none>")
        #expect(!history.contains("1 <none>"))
        try kubectl.expect(
            "\(rollout) undo \(daemonSet) --to-revision=9", code: 1, "unable to find specified revision 9")
        try kubectl.expect("\(rollout) restart \(daemonSet)", "restarted")
        let pod = try kubectl.expect("-n monitoring get pods -o name").lines[0]
        try kubectl.expect("-n monitoring delete \(pod)", "deleted")
        try kubectl.expect("-n monitoring get \(pod)", code: 1, "not found")
    }

    @Test("Writing", arguments: KubectlSession.binaries)
    func writing(binary: String) throws {
        let kubectl = try KubectlSession(binary, Self.options)
        let daemonSet = "-n monitoring patch ds node-exporter"
        try kubectl.expect("\(daemonSet) --type=merge -p {\"spec\":{\"minReadySeconds\":4}}", "patched")
        let operation = "[{\"op\":\"replace\",\"path\":\"/spec/minReadySeconds\",\"value\":5}]"
        try kubectl.expect("\(daemonSet) --type=json -p \(operation)", "patched")
        try kubectl.expect("-n monitoring get ds node-exporter -o jsonpath={.spec.minReadySeconds}", "5")
        try kubectl.expect("-n monitoring annotate ds node-exporter note=yes", "annotated")
        try kubectl.expect("-n monitoring label ds node-exporter team=a", "labeled")
        try kubectl.expect("create namespace trial", "namespace/trial created")
        try kubectl.expect("-n trial create configmap settings --from-literal=a=b", "configmap/settings created")
        try kubectl.expect("-n trial get configmap", "NAME DATA AGE", "settings 1")
        try kubectl.expect("delete namespace trial", "deleted")
        try kubectl.expect("get namespace trial", code: 1, "not found")
        try kubectl.expect("cordon node-0002", "node/node-0002 cordoned")
        try kubectl.expect("get node node-0002", "Ready,SchedulingDisabled")
        try kubectl.expect("uncordon node-0002", "node/node-0002 uncordoned")
        try kubectl.expect("drain node-0002 --ignore-daemonsets --dry-run=client", "drained (dry run)")
        try kubectl.expect(
            "drain node-0002 --ignore-daemonsets", "ignoring DaemonSet-managed Pods: monitoring/node-exporter-")
        try kubectl.expect("taint node node-0003 a=b:NoSchedule", "tainted")
        try Self.applying(kubectl)
    }

    private static func applying(_ kubectl: KubectlSession) throws {
        let file = kubectl.folder.appending(path: "agent.yaml")
        func write(_ version: String) throws {
            let manifest = """
                apiVersion: v1
                kind: ServiceAccount
                metadata: {name: agent, namespace: monitoring}
                ---
                apiVersion: apps/v1
                kind: DaemonSet
                metadata: {name: agent, namespace: monitoring}
                spec:
                  selector: {matchLabels: {app: agent}}
                  updateStrategy: {type: OnDelete}
                  template:
                    metadata: {labels: {app: agent}}
                    spec:
                      containers: [{name: agent, image: "quay.io/acme/agent:\(version)"}]

                """
            try Data(manifest.utf8).write(to: file)
        }
        let path = file.path(percentEncoded: false)
        try write("v1")
        try kubectl.expect("apply -f \(path)", "serviceaccount/agent created", "daemonset.apps/agent created")
        try kubectl.expect("apply -f \(path)", "daemonset.apps/agent unchanged")
        try write("v2")
        if try kubectl.asksForDryRunsAtOnce {
            try kubectl.expect("diff -f \(path)", code: 1, "+ - image: quay.io/acme/agent:v2")
        }
        try kubectl.expect("apply -f \(path)", "daemonset.apps/agent configured")
        try write("v3")
        try kubectl.expect(
            "apply --server-side -f \(path)", code: 1, ".spec.template.spec.containers[name=\"agent\"].image")
        try kubectl.expect(
            "apply --server-side --force-conflicts -f \(path)", "daemonset.apps/agent serverside-applied")
        try kubectl.expect("-n monitoring get ds agent -o wide", "agent quay.io/acme/agent:v3 app=agent")
        try kubectl.expect("-n monitoring delete ds agent", "deleted")
        if try kubectl.asksForDryRunsAtOnce {
            try kubectl.expect("-n monitoring delete pods -l app=node-exporter --dry-run=server", "(server dry run)")
        }
    }
}
