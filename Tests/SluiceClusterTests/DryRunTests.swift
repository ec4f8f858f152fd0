import SluiceCluster
import SluiceCore
import Testing

@Suite("Trials without effect")
struct DryRunTests {
    /// A pod as the DaemonSet's template makes it, pinned to a node.
    private static func pod(_ cluster: inout TestCluster) throws -> JSONValue {
        let template = try cluster.call("GET", TestCluster.daemonSet).value.at("spec", "template") ?? [:]
        var pod: JSONValue = ["kind": "Pod", "apiVersion": "v1"]
        pod["metadata"] = template["metadata"]
        pod["metadata"]?["generateName"] = "node-exporter-"
        pod["spec"] = template["spec"]
        pod["spec"]?["nodeName"] = "node-0002"
        return pod
    }

    @Test("A pod is taken, completed and not kept")
    func pod() throws {
        var cluster = try TestCluster()
        let pod = try Self.pod(&cluster)
        let version = cluster.version
        let answer = try cluster.call("POST", "\(TestCluster.pods)?dryRun=All", pod)
        #expect(answer.status == 201)
        #expect(answer.value.named.hasPrefix("node-exporter-") && answer.value.named.utf8.count == 19)
        #expect(answer.value.at("metadata", "uid") != nil)
        #expect(answer.value.at("status", "phase") == "Pending")
        #expect(answer.value.at("status", "qosClass") == "Burstable")
        #expect(answer.value.at("spec", "priority") == 2_000_000_000)
        #expect(answer.value.at("spec", "nodeName") == "node-0002")
        #expect(cluster.version == version)
        #expect(try cluster.call("POST", TestCluster.pods, pod).status == 403)
        let bare = try cluster.call("POST", "\(TestCluster.pods)?dryRun=All", ["metadata": ["name": "x"]])
        #expect(bare.status == 422)
    }

    @Test("A pod is refused by the namespace's standard and without its PriorityClass, and a DaemonSet's pods too")
    func refusedPod() throws {
        var cluster = try TestCluster()
        let pod = try Self.pod(&cluster)
        let label: JSONValue = ["metadata": ["labels": ["pod-security.kubernetes.io/enforce": "baseline"]]]
        try cluster.call("PATCH", "/api/v1/namespaces/monitoring", label, type: TestCluster.merge)
        let refused = try cluster.call("POST", "\(TestCluster.pods)?dryRun=All", pod)
        #expect(refused.status == 403)
        let message = refused.value["message"]?.string ?? ""
        let why = try #require(message.split(separator: " is forbidden: ", maxSplits: 1).last)
        #expect(why.hasPrefix("violates PodSecurity \"baseline:latest\": non-default capabilities (container "))
        #expect(try cluster.replaceLast(on: "node-0002", seconds: 20) == nil)
        let events = try cluster.items(
            "/api/v1/namespaces/monitoring/events?fieldSelector=reason%3DFailedCreate")
        #expect(events.first?["message"]?.string == "Error creating: pods \"node-exporter-\" is forbidden: \(why)")

        let free: JSONValue = ["metadata": ["labels": ["pod-security.kubernetes.io/enforce": .null]]]
        try cluster.call("PATCH", "/api/v1/namespaces/monitoring", free, type: TestCluster.merge)
        cluster.wait(20)
        #expect(try cluster.pods(on: "node-0002").count == 1)
        try cluster.call("DELETE", "/apis/scheduling.k8s.io/v1/priorityclasses/system-cluster-critical")
        let unknown = try cluster.call("POST", "\(TestCluster.pods)?dryRun=All", pod)
        #expect(
            unknown.value["message"]
                == "pods \"node-exporter-\" is forbidden: no PriorityClass with name system-cluster-critical was found")
    }

    @Test("The standards are told in the API server's words")
    func standards() throws {
        var cluster = try TestCluster()
        let pod: JSONValue = [
            "metadata": ["name": "x"],
            "spec": [
                "hostNetwork": true, "hostPID": true,
                "volumes": [["name": "proc", "hostPath": ["path": "/proc"]], ["name": "sys", "hostPath": [:]]],
                "containers": [
                    [
                        "name": "a", "image": "b", "ports": [["hostPort": 9_101], ["hostPort": 9_100]],
                        "securityContext": [
                            "privileged": true, "runAsNonRoot": false,
                            "capabilities": ["add": ["SYS_TIME"], "drop": ["ALL"]],
                        ],
                    ],
                    ["name": "c", "image": "d", "ports": [["hostPort": 80]]],
                ],
            ],
        ]
        for (level, violations) in [("baseline", Self.baseline), ("restricted", Self.restricted)] {
            let label: JSONValue = ["metadata": ["labels": ["pod-security.kubernetes.io/enforce": .string(level)]]]
            try cluster.call("PATCH", "/api/v1/namespaces/default", label, type: TestCluster.merge)
            let answer = try cluster.call("POST", "/api/v1/namespaces/default/pods?dryRun=All", pod)
            #expect(
                answer.value["message"]?.string
                    == "pods \"x\" is forbidden: violates PodSecurity \"\(level):latest\": " + violations)
        }
    }

    /// What an API server of version 1.36.2 says of that pod.
    private static let baseline = #"""
        non-default capabilities (container "a" must not include "SYS_TIME" in securityContext.capabilities.add), \#
        host namespaces (hostNetwork=true, hostPID=true), hostPath volumes (volumes "proc", "sys"), \#
        hostPort (containers "a", "c" use hostPorts 80, 9100, 9101), \#
        privileged (container "a" must not set securityContext.privileged=true)
        """#
    private static let restricted = #"""
        host namespaces (hostNetwork=true, hostPID=true), \#
        hostPort (containers "a", "c" use hostPorts 80, 9100, 9101), \#
        privileged (container "a" must not set securityContext.privileged=true), \#
        allowPrivilegeEscalation != false (containers "a", "c" must set \#
        securityContext.allowPrivilegeEscalation=false), \#
        unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]; \#
        container "a" must not include "SYS_TIME" in securityContext.capabilities.add), \#
        restricted volume types (volumes "proc", "sys" use restricted volume type "hostPath"), \#
        runAsNonRoot != true (container "a" must not set securityContext.runAsNonRoot=false), \#
        seccompProfile (pod or containers "a", "c" must set securityContext.seccompProfile.type to \#
        "RuntimeDefault" or "Localhost")
        """#

    @Test("A patch of a DaemonSet answers with what would be, and changes nothing")
    func patch() throws {
        var cluster = try TestCluster()
        let before = try cluster.call("GET", TestCluster.daemonSet).value
        let patch: JSONValue = [
            "metadata": ["uid": before.at("metadata", "uid") ?? "", "resourceVersion": before.version],
            "spec": [
                "updateStrategy": ["type": "OnDelete"],
                "template": ["spec": ["containers": [["name": "node-exporter", "image": "quay.io/acme/agent:v2"]]]],
            ],
        ]
        let answer = try cluster.call(
            "PATCH", "\(TestCluster.daemonSet)?dryRun=All", patch, type: TestCluster.strategic)
        #expect(answer.status == 200)
        #expect(answer.value.at("metadata", "generation") == 2)
        #expect(answer.value.version == before.version)
        let image = answer.value.at("spec", "template", "spec", "containers")?.array?.first?["image"]
        #expect(image == "quay.io/acme/agent:v2")
        cluster.wait(5)
        #expect(try cluster.call("GET", TestCluster.daemonSet).value == before)
    }
}
