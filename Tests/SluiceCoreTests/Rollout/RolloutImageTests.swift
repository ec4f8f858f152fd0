import SluiceCore
import Testing

@Suite("A tag that is moved during a rollout")
struct RolloutImageTests {
    private func digest(_ letter: Character) -> String { "r/c@sha256:" + String(repeating: letter, count: 64) }

    /// A rollout in which the nodes from the fifth on get another image under the same tag.
    private func scene(_ policy: ImagePolicy, later: String, arm: Bool = false) -> RolloutScene {
        var scene = RolloutMachineTests.scene(budget: 1) { $0.onImageChanged = policy }
        scene.imageID = { node in node >= "n005" ? later : String("r/c@sha256:" + String(repeating: "a", count: 64)) }
        if arm {
            for node in scene.nodes.keys where node >= "n005" {
                scene.nodes[node]?.labels["kubernetes.io/arch"] = "arm64"
            }
        }
        scene.start()
        scene.run()
        return scene
    }

    @Test("It halts the rollout at the first node that gets another image, and a person may go on with it")
    func halts() {
        var scene = scene(.halt, later: digest("b"))
        #expect(scene.violations == [])
        #expect(scene.stored.rollout.phase == .halted)
        #expect(scene.stored.rollout.reason == .imageChanged)
        #expect(scene.deletesByNode.count == 5)
        #expect(scene.stored.rollout.message.contains("node n005: container c runs sha256:bbbbbbbbbbbb…"))
        scene.isFinished = false
        scene.crash()
        scene.send([.operatorAsked(.resume)])
        scene.run()
        #expect(scene.stored.rollout.phase == .completed, "both images are known by now")
    }

    @Test("It is written down and no more where the plan says so, and once for each image")
    func warns() {
        let scene = scene(.warn, later: digest("b"))
        #expect(scene.stored.rollout.phase == .completed)
        #expect(scene.journal.filter { $0.event == .imageChanged }.map(\.node) == ["n005"])
    }

    @Test(
        "Another architecture, and an image whose digest the runtime does not know, say nothing",
        arguments: [("r/c@sha256:b", true), ("sha256:0123", false), ("", false)])
    func saysNothing(later: String, arm: Bool) {
        #expect(scene(.halt, later: later, arm: arm).stored.rollout.phase == .completed)
    }
}
