import SluiceCore
import Testing

@Suite("A ConfigMap or a Secret that changes during a rollout")
struct RolloutConfigTests {
    private static let site = ConfigObject(.configMap, "site")
    private static let token = ConfigObject(.secret, "token")

    private static func version(_ number: Int, uid: String = "u1") -> ConfigReading {
        .present(
            ConfigVersion(
                uid: uid, resourceVersion: String(number), writer: "kubectl-edit (Update)",
                writtenAt: Timestamp(1_700_000_000_000)))
    }

    /// A rollout of a template that reads a ConfigMap and a Secret, before it begins.
    private static func scene(_ policy: ConfigPolicy, soak: Int64 = 0) -> RolloutScene {
        var scene = RolloutMachineTests.scene(soak: soak) { $0.onConfigChanged = policy }
        func reading(_ template: PodTemplate) -> PodTemplate {
            var json = template.json
            json["spec"]?["volumes"] = [["configMap": ["name": "site"]], ["secret": ["secretName": "token"]]]
            return PodTemplate(json: json)
        }
        scene.daemonSet.template = reading(scene.daemonSet.template)
        scene.revisions[0].template = reading(scene.revisions[0].template)
        scene.stored.rollout.baseTemplate = reading(scene.stored.rollout.baseTemplate)
        scene.stored.rollout.targetTemplate = reading(scene.stored.rollout.targetTemplate)
        scene.configs = [site: version(1), token: version(7, uid: "u2")]
        scene.crash()
        return scene
    }

    @Test("It halts the rollout before the next batch, and a person may go on with whatever stands then")
    func halts() {
        var scene = Self.scene(.halt, soak: 600)
        scene.run(until: 300_000)
        #expect(scene.stored.rollout.phase == .soaking && scene.deletesByNode.count == 2)
        // A driver that died and its follower must not take the new state for the first one.
        scene.configs[Self.site] = Self.version(2)
        scene.crash()
        scene.run()
        #expect(scene.violations == [])
        #expect(scene.stored.rollout.phase == .halted && scene.stored.rollout.reason == .configChanged)
        #expect(scene.deletesByNode.count == 2)
        #expect(
            scene.stored.rollout.message
                == "ConfigMap site changed: resourceVersion 1 before, 2 now, last written by kubectl-edit (Update) at "
                + "2023-11-14T22:13:20Z; pods of every revision read it, and `resume` goes on with it")
        // Put back, which is a change as well.
        scene.configs[Self.site] = Self.version(3)
        scene.isFinished = false
        scene.crash()
        scene.send([.operatorAsked(.resume)])
        scene.run()
        #expect(scene.stored.rollout.phase == .completed)
        #expect(scene.deletesByNode.count == 20)
    }

    @Test("A halt for another reason accepts no change")
    func acceptsOnlyWhatItWasHaltedFor() {
        var scene = Self.scene(.halt)
        scene.lives["n001"] = .neverReady
        scene.run()
        #expect(scene.stored.rollout.reason == .failuresExceeded)
        scene.configs[Self.token] = Self.version(8, uid: "u3")
        scene.isFinished = false
        scene.crash()
        scene.send([.operatorAsked(.resume)])
        scene.run()
        #expect(scene.stored.rollout.reason == .configChanged)
        #expect(scene.stored.rollout.message.hasPrefix("Secret token was deleted and made anew: resourceVersion 7 bef"))
    }

    @Test("It is written down and no more where the plan says so, once for each change, and what is gone is one")
    func warns() {
        var scene = Self.scene(.warn, soak: 600)
        scene.run(until: 300_000)
        scene.configs[Self.site] = .missing
        scene.run(until: 440_000)
        scene.configs[Self.site] = Self.version(9)
        scene.run()
        #expect(scene.stored.rollout.phase == .completed)
        let lines = scene.journal.filter { $0.event == .configChanged }
        #expect(lines.map(\.wave) == ["canary", "canary"])
        #expect(lines.first?.message == "ConfigMap site is gone: resourceVersion 1 before")
        #expect(lines.last?.message.hasPrefix("ConfigMap site was missing and is there: resourceVersion 9") == true)
    }

    @Test("Nothing is patched or deleted before it was looked at, and a soak costs one request a minute on average")
    func looksInTime() {
        var scene = Self.scene(.warn, soak: 36_000)
        #expect(scene.daemonSet.template == scene.stored.rollout.baseTemplate && scene.configLooks.count == 1)
        scene.run(until: 30_000)
        let before = scene.configLooks.count
        scene.run(until: 36_000_000)
        #expect((280...300).contains(scene.configLooks.count - before), "two objects, so a look every two minutes")
        scene.run()
        #expect(scene.stored.rollout.phase == .completed)
        // The last wave has no soak, and none after it that would look: its end does.
        #expect(scene.configLooks.last ?? 0 >= scene.now.monotonic - 1_000)
    }

    @Test("What may not be read is said once and holds nothing up, but where the plan halts on a change")
    func unreadable() {
        var scene = Self.scene(.warn, soak: 600)
        scene.configs[Self.token] = .unreadable("no right to get secrets")
        scene.crash()
        scene.run(until: 300_000)
        scene.crash()
        scene.run()
        #expect(scene.stored.rollout.phase == .completed)
        let said = scene.journal.filter { $0.event == .configUnseen }
        #expect(said.map(\.message) == ["nobody notices when Secret token changes: no right to get secrets"])

        var halting = Self.scene(.halt)
        halting.configs[Self.token] = .unreadable("no right to get secrets")
        halting.crash()
        halting.run(until: 600_000)
        #expect(halting.deletesByNode.isEmpty)
        #expect(
            halting.stored.rollout.holds.map(\.reason)
                == ["the template's configuration: no right to get secrets"])
        halting.configs[Self.token] = Self.version(7)
        halting.run()
        #expect(halting.stored.rollout.phase == .completed)
    }

    @Test("A look that fails is said once and holds nothing up, for it may fail for ever")
    func failedWithoutHalt() {
        var scene = Self.scene(.warn, soak: 600)
        scene.configs[Self.site] = .failed("500")
        scene.crash()
        scene.run()
        #expect(scene.stored.rollout.phase == .completed)
        let said = scene.journal.filter { $0.event == .configUnseen }
        #expect(said.map(\.message) == ["whether ConfigMap site has changed is not known at the moment: 500"])
    }

    @Test(
        "Where the plan halts on a change, it is tried again every half minute, and nothing is deleted until one works")
    func failed() {
        var scene = Self.scene(.halt)
        scene.configs[Self.site] = .failed("503")
        scene.crash()
        scene.run(until: 200_000)
        #expect(scene.deletesByNode.isEmpty && scene.configLooks.count <= 9)
        #expect(scene.stored.rollout.holds.map(\.reason) == ["the template's configuration: 503"])
        scene.configs[Self.site] = Self.version(1)
        scene.run()
        #expect(scene.stored.rollout.phase == .completed)
    }

    @Test("With `ignore` nobody looks")
    func ignored() {
        var scene = Self.scene(.ignore)
        scene.run()
        #expect(scene.stored.rollout.phase == .completed && scene.configLooks.isEmpty)
    }

    @Test("A template reads what volumes, envFrom and env name; what is optional everywhere need not be there")
    func references() {
        let template = PodTemplate(json: [
            "spec": [
                "ephemeralContainers": [["envFrom": [["configMapRef": ["name": "debug"]]]]],
                "initContainers": [["env": [["valueFrom": ["secretKeyRef": ["name": "b", "optional": true]]]]]],
                "containers": [
                    ["envFrom": [["configMapRef": ["name": "a", "optional": true]], ["secretRef": ["name": "b"]]]],
                    ["env": [["valueFrom": ["configMapKeyRef": ["name": "c"]]], ["value": "x"]]],
                ],
                "volumes": [
                    ["secret": ["secretName": "d", "optional": true]], ["hostPath": ["path": "/"]],
                    ["projected": ["sources": [["configMap": ["name": "e"]], ["secret": ["name": "f"]]]]],
                ],
            ]
        ])
        #expect(
            template.configReferences.map { "\($0.object.path) \($0.isOptional)" } == [
                "configmap/a true", "configmap/c false", "configmap/e false", "secret/b false", "secret/d true",
                "secret/f false",
            ])
    }
}
