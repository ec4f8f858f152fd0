public import SluiceCore
import SluiceDocuments

/// The DaemonSet that a cluster runs when it is given none: a node_exporter as it is run in production.
public enum DefaultManifest {
    /// The objects of the manifest: a ServiceAccount and the DaemonSet `monitoring/node-exporter`.
    public static var objects: [JSONValue] {
        do throws(JSONError) {
            return [try JSONReader.read(account), try JSONReader.read(daemonSet)]
        } catch {
            preconditionFailure("the built-in manifest is no JSON: \(error)")
        }
    }

    private static let account = """
        {"apiVersion": "v1", "kind": "ServiceAccount",
         "metadata": {"name": "node-exporter", "namespace": "monitoring"}}
        """

    private static let daemonSet = """
        {"apiVersion": "apps/v1", "kind": "DaemonSet",
         "metadata": {"name": "node-exporter", "namespace": "monitoring", "labels": {"app": "node-exporter"}},
         "spec": {
          "selector": {"matchLabels": {"app": "node-exporter"}},
          "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1}},
          "template": {
           "metadata": {"labels": {"app": "node-exporter"}},
           "spec": {
            "priorityClassName": "system-cluster-critical", "hostNetwork": true, "hostPID": true,
            "serviceAccountName": "node-exporter", "terminationGracePeriodSeconds": 30,
            "tolerations": [
             {"key": "node-role.kubernetes.io/control-plane", "operator": "Exists", "effect": "NoSchedule"},
             {"key": "node-role.kubernetes.io/master", "operator": "Exists", "effect": "NoSchedule"},
             {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute",
              "tolerationSeconds": 300},
             {"key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute",
              "tolerationSeconds": 300},
             {"key": "node.kubernetes.io/memory-pressure", "operator": "Exists", "effect": "NoSchedule"},
             {"key": "node.kubernetes.io/disk-pressure", "operator": "Exists", "effect": "NoSchedule"}],
            "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
             {"matchExpressions": [{"key": "kubernetes.io/os", "operator": "In", "values": ["linux"]}]}]}}},
            "containers": [{
             "name": "node-exporter", "image": "quay.io/prometheus/node-exporter:v1.8.2",
             "args": ["--path.procfs=/host/proc", "--path.sysfs=/host/sys", "--path.rootfs=/host/root",
              "--collector.filesystem.mount-points-exclude=^/(dev|proc|sys|var/lib/docker/.+)($|/)"],
             "ports": [{"containerPort": 9100, "hostPort": 9100, "name": "metrics"}],
             "resources": {"requests": {"cpu": "100m", "memory": "50Mi"}, "limits": {"cpu": "250m", "memory": "100Mi"}},
             "securityContext": {"runAsNonRoot": false, "readOnlyRootFilesystem": true,
              "capabilities": {"add": ["SYS_PTRACE"], "drop": ["ALL"]}},
             "livenessProbe": {"httpGet": {"path": "/", "port": 9100}, "initialDelaySeconds": 30,
              "periodSeconds": 30, "failureThreshold": 3, "timeoutSeconds": 5},
             "readinessProbe": {"httpGet": {"path": "/", "port": 9100}, "initialDelaySeconds": 10,
              "periodSeconds": 15, "failureThreshold": 2, "timeoutSeconds": 3},
             "volumeMounts": [
              {"name": "proc", "mountPath": "/host/proc", "readOnly": true},
              {"name": "sys", "mountPath": "/host/sys", "readOnly": true},
              {"name": "root", "mountPath": "/host/root", "readOnly": true, "mountPropagation": "HostToContainer"}]}],
            "volumes": [
             {"name": "proc", "hostPath": {"path": "/proc"}}, {"name": "sys", "hostPath": {"path": "/sys"}},
             {"name": "root", "hostPath": {"path": "/"}}]}}}}
        """
}
