import SluiceCore
import Testing

@Suite("The evidence of a halt")
struct EvidenceTests {
    @Test(
        "What looks like a secret is masked, and what does not is kept",
        arguments: [
            ("password=hunter2 user=bob", "password=[redacted] user=bob"),
            ("{\"api_key\": \"k-123\", \"n\": 1}", "{\"api_key\": \"[redacted]\", \"n\": 1}"),
            ("Authorization: Bearer abc.def", "Authorization: Bearer [redacted]"),
            ("authorization: Basic dXNlcg==", "authorization: Basic [redacted]"),
            ("DB_PASSWORD: 'x y'", "DB_PASSWORD: '[redacted]'"),
            ("output https://user:pw@host:9200/path", "output https://[redacted]@host:9200/path"),
            ("jwt eyJhbGciOi.J9.x tail", "jwt [redacted] tail"),
            ("the token is invalid, ask for another", "the token is invalid, ask for another"),
            ("GET https://host/a@b?token=t1&x=2", "GET https://host/a@b?token=[redacted]&x=2"),
            ("secretary=ann tokens=3", "secretary=ann tokens=3"), ("", ""), ("password=", "password="),
            ("one\ntoken: t\nthree", "one\ntoken: [redacted]\nthree"),
        ])
    func redaction(text: String, masked: String) {
        #expect(Evidence.redacted(text) == masked)
        #expect(Evidence.redacted(masked) == masked, "nothing is masked twice")
    }

    @Test("Of a pod stays what says how it fares, and nothing that can hold a secret")
    func trimming() {
        let pod: JSONValue = [
            "metadata": ["name": "p", "annotations": ["a": "s3cret"], "managedFields": ["s3cret"]],
            "spec": [
                "nodeName": "n", "volumes": [["secret": "s3cret"]],
                "containers": [
                    ["name": "c", "image": "i", "args": ["s3cret"], "env": [["name": "A", "value": "s3cret"]]]
                ],
            ], "status": ["phase": "Running"],
        ]
        let trimmed = Evidence.trimmed(pod: pod)
        #expect(!trimmed.serialized.contains("s3cret"))
        #expect(trimmed.at("status", "phase") == "Running" && trimmed.at("spec", "nodeName") == "n")
        #expect(trimmed.at("spec", "containers")?.array?.first?["image"] == "i")
    }

    @Test("The failed nodes are looked at, or those a gate was asked about, and a few untouched ones")
    func subjects() {
        var scene = RolloutMachineTests.scene()
        for name in scene.lives.keys { scene.lives[name] = .crashLoop }
        scene.start()
        scene.run()
        let failed = Evidence.subjects(of: scene.stored)
        #expect(failed.filter { !$0.isControl }.allSatisfy { $0.record.status == .failed })
        #expect(failed.count { $0.isControl } == 2)
        var soaking = RolloutMachineTests.scene(soak: 600)
        soaking.start()
        soaking.run(until: 100_000)
        let asked = Evidence.subjects(of: soaking.stored)
        #expect(asked.filter { !$0.isControl }.map(\.record.node) == ["n001", "n002"])
    }
}
