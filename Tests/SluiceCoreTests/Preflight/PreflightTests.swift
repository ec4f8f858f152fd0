import SluiceCore
import Testing

@Suite("What is asked of the cluster before anything is touched, and what its answers mean")
struct PreflightTests {
    /// The preflight of a plan for a new image on a fleet.
    private func preflight(
        _ fleet: TestFleet = TestFleet(3), deletion: Deletion = .delete,
        images: [ContainerImage] = [TestFleet.newImage]
    ) throws -> Preflight {
        let plan = RolloutPlan(
            name: "test", daemonSet: "collector", images: images, deletion: deletion, waves: [.rest])
        let waves = try WavePlanner.plan(plan, planText: [], facts: fleet.facts)
        return Preflight(plan: plan, waves: waves, facts: fleet.facts, leaseName: "lease")
    }

    @Test("Only the rights that this plan needs are asked for, those of one object by its name")
    func rights() throws {
        let full = try preflight().rights.map { "\($0.text) \($0.name ?? "*")" }
        #expect(full.contains("patch daemonsets.apps in namespace monitoring collector"))
        #expect(full.contains("delete pods in namespace monitoring *"))
        #expect(full.contains("update leases.coordination.k8s.io in namespace monitoring lease"))
        #expect(full.contains("create leases.coordination.k8s.io in namespace monitoring *"))
        #expect(full.contains("watch nodes in the whole cluster *"))
        let evicting = try preflight(deletion: .evict, images: [])
        let texts = evicting.rights.map(\.text)
        #expect(texts.contains("create pods/eviction in namespace monitoring"))
        #expect(!texts.contains { $0.hasPrefix("delete") || $0.hasPrefix("patch") })
        #expect(evicting.patch == nil)
        let gate = Gate(
            name: "g", provider: .scrape(MetricsScrape(port: 9100, metric: "x")),
            criterion: .threshold(Gate.Condition(.equal, 1)))
        let scraping = RolloutPlan(name: "test", daemonSet: "collector", gates: [gate], waves: [.rest])
        let needed = AccessRight.needed(by: scraping, namespace: "n", needsPatch: false, leaseName: "l")
        #expect(needed.last?.text == "get pods/proxy in namespace n" && !texts.contains { $0.contains("proxy") })
    }

    @Test("The new pod is made as the controller makes it for a node of the first wave")
    func pod() throws {
        var fleet = TestFleet(3)
        fleet.daemonSet.template = TestFleet.template(
            image: "agent:v1",
            spec: [
                "hostNetwork": true,
                "tolerations": [
                    ["key": "node.kubernetes.io/not-ready", "effect": "NoExecute", "tolerationSeconds": 5],
                    ["key": "gpu", "operator": "Exists"],
                ],
                "affinity": [
                    "podAntiAffinity": ["x": 1],
                    "nodeAffinity": [
                        "requiredDuringSchedulingIgnoredDuringExecution": [
                            "nodeSelectorTerms": [
                                ["matchExpressions": [["key": .string(TestFleet.zone), "operator": "Exists"]]]
                            ]
                        ]
                    ],
                ],
            ])
        let pod = try #require(try preflight(fleet).pod)
        #expect(fleet.nodes.map(\.name).contains(pod.node))
        #expect(pod.json.at("spec", "containers")?.array?.first?["image"] == "agent:v2")
        #expect(pod.json.at("metadata", "labels", "app") == "collector")
        #expect(pod.json.at("metadata", "ownerReferences")?.array?.first?["uid"] == "ds")
        let terms = pod.json.at(
            "spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")
        #expect(
            terms == [["matchFields": [["key": "metadata.name", "operator": "In", "values": [.string(pod.node)]]]]])
        #expect(pod.json.at("spec", "affinity", "podAntiAffinity") != nil)
        let tolerations = pod.json.at("spec", "tolerations")?.array ?? []
        #expect(tolerations.count == 8, "the template's other one and the controller's seven")
        #expect(tolerations.allSatisfy { $0["tolerationSeconds"] == nil })
        #expect(tolerations.contains { $0["key"] == "node.kubernetes.io/network-unavailable" })
    }

    @Test("A refused pod is a sentence that says who refused and what to do")
    func refusedPod() throws {
        let preflight = try preflight()
        let pod = try #require(preflight.pod)
        let refused = preflight.judge(pod: pod, .refused(#"pods "x" is forbidden: violates PodSecurity "restricted""#))
        #expect(refused.outcome == .refused)
        #expect(refused.message?.contains(pod.node) == true)
        #expect(refused.message?.contains("pod-security.kubernetes.io/enforce") == true)
        let unknown = preflight.judge(pod: pod, .unknown("no answer"))
        #expect(unknown.outcome == .notChecked && unknown.message == "no answer")
    }

    @Test("A quota that the old pods use up refuses only a pod that asks for something else")
    func quota() throws {
        let words = "exceeded quota: q, requested: pods=1, used: pods=3, limited: pods=3"
        let same = try preflight()
        #expect(same.judge(pod: try #require(same.pod), .refused(words)).outcome == .passed)
        var fleet = TestFleet(3)
        fleet.daemonSet.template = TestFleet.template(
            image: "agent:v1",
            spec: ["containers": [["name": "agent", "image": "agent:v1", "resources": ["requests": ["cpu": "1"]]]]])
        let greedy = try preflight(fleet)
        let finding = greedy.judge(pod: try #require(greedy.pod), .refused(words))
        #expect(finding.outcome == .refused)
        #expect(finding.message?.contains("raise the ResourceQuota") == true)
    }

    @Test("A webhook that changes the placement in the patch is found, one that changes something else is not")
    func webhook() throws {
        let fleet = TestFleet(3)
        let preflight = try preflight(fleet)
        var stored = fleet.daemonSet
        stored.template = TestFleet.template(image: "agent:v2", spec: ["priorityClassName": "x"])
        #expect(preflight.judgePatch(.accepted(warnings: []), stored: stored, pod: nil).outcome == .passed)
        stored.template = TestFleet.template(image: "agent:v2", spec: ["tolerations": [["operator": "Exists"]]])
        #expect(preflight.judgePatch(.accepted(warnings: []), stored: stored, pod: nil).outcome == .refused)
        #expect(preflight.judgePatch(.refused("no"), stored: nil, pod: nil).message?.contains("no") == true)
        #expect(
            preflight.judgePatch(.accepted(warnings: ["w"]), stored: nil, pod: nil).message == "the API server warns: w"
        )
    }
}
