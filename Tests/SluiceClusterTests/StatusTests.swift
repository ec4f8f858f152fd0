import SluiceCluster
import SluiceCore
import SluiceDocuments
import Testing

@Suite("Answers have the recorded status, type and shape")
struct StatusTests {
    /// Which part of the message must be the recorded one.
    enum Message: Sendable {
        /// All of it, but for generated names, uids and numbers.
        case same
        /// The text before the first colon: what follows comes from a parser of another language.
        case beginning
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var recording: String
        var message: Message = .same
        var testDescription: String { recording }
    }

    static let cases = [
        Case(recording: "not-found-pod"), Case(recording: "not-found-daemonset"), Case(recording: "not-found-path"),
        Case(recording: "not-found-group"), Case(recording: "pod-delete-wrong-uid"),
        Case(recording: "pod-delete-stale-rv"), Case(recording: "pod-evict-wrong-uid"),
        Case(recording: "pod-evict-ok"), Case(recording: "pod-evict-dryrun"),
        Case(recording: "daemonset-patch-wrong-uid"), Case(recording: "daemonset-patch-stale-rv"),
        Case(recording: "daemonset-put-stale-rv"), Case(recording: "daemonset-patch-bad-type"),
        Case(recording: "daemonset-patch-json-test-fails"), Case(recording: "daemonset-patch-invalid"),
        Case(recording: "daemonset-patch-selector"), Case(recording: "invalid-daemonset"),
        Case(recording: "malformed-json", message: .beginning), Case(recording: "empty-body"),
        Case(recording: "wrong-kind", message: .beginning), Case(recording: "method-not-allowed"),
        Case(recording: "method-not-allowed-status"), Case(recording: "create-in-missing-namespace"),
        Case(recording: "unsupported-media-type", message: .beginning),
        Case(recording: "continue-garbage", message: .beginning), Case(recording: "nodes-list-bad-selector"),
        Case(recording: "nodes-list-bad-field-selector"), Case(recording: "list-future-rv"),
        Case(recording: "watch-bad-rv"), Case(recording: "lease-get-404"), Case(recording: "ssar-allowed"),
        Case(recording: "not-found-namespace-list"), Case(recording: "readyz"), Case(recording: "livez"),
    ]

    /// A text without what differs from run to run.
    static func masked(_ text: String) -> String {
        text.replacing(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/, with: "UID")
            .replacing(/node-exporter-[a-z0-9]{5}\b/, with: "POD").replacing(/\d+/, with: "N")
    }

    static func compare(_ answer: ClusterAnswer, _ recording: Recording, _ message: Message) throws {
        #expect(answer.status == recording.status)
        #expect(answer.contentType == recording.contentType)
        guard recording.contentType.hasPrefix("application/json") else {
            #expect(answer.body == recording.response)
            return
        }
        var ours = try JSONReader.read(answer.body)
        var theirs = try JSONReader.read(recording.response)
        let texts = [ours["message"]?.string ?? "", theirs["message"]?.string ?? ""].map { text in
            message == .same ? masked(text) : masked(String(text.prefix { $0 != ":" && $0 != "-" }))
        }
        #expect(texts[0] == texts[1])
        if message == .beginning {
            ours["message"] = nil
            theirs["message"] = nil
        }
        for path in ["message", "metadata"] {
            ours[path] = nil
            theirs[path] = nil
        }
        #expect(masked(ours.serialized) == masked(theirs.serialized))
    }

    @Test("A refusal, or an answer without an object", arguments: cases)
    func answer(example: Case) throws {
        var cluster = try TestCluster()
        let recording = try Recording(example.recording)
        let pod = try #require(try cluster.items(TestCluster.pods).first)
        let uid = pod.at("metadata", "uid")?.string ?? ""
        let target = recording.target.replacing(/node-exporter-[a-z0-9]{5}\b/, with: pod.named)
        let body = recording.body.replacing(/"uid": "(?!0{8})[0-9a-f-]{36}"/, with: "\"uid\": \"\(uid)\"")
        let isOfDaemonSet = target.hasPrefix(TestCluster.daemonSet)
        let response = cluster.send(
            recording.method, target, headers: recording.headers,
            body: isOfDaemonSet ? try adapted(recording.body, &cluster) : body)
        guard case .answer(let answer) = response else { throw Unexpected(what: "a watch") }
        try Self.compare(answer, recording, example.message)
    }

    /// The body with the uid of our DaemonSet where the recorded one's stands.
    private func adapted(_ body: String, _ cluster: inout TestCluster) throws -> String {
        let ours = try cluster.call("GET", TestCluster.daemonSet).value.at("metadata", "uid")?.string ?? ""
        return body.replacing("eb6f9195-926e-4c62-b5b9-42aa47e19ab6", with: ours)
    }

    @Test("A wrong token is refused as recorded")
    func unauthorized() throws {
        var cluster = try TestCluster(ClusterOptions(nodes: 1, token: "right"))
        let recording = try Recording("unauthorized")
        let response = cluster.send("GET", recording.target, headers: ["authorization": "Bearer wrong"])
        guard case .answer(let answer) = response else { throw Unexpected(what: "a watch") }
        try Self.compare(answer, recording, .same)
    }

    @Test("A Lease: made once, renewed at its version only, with six digits of fraction, deleted by uid")
    func lease() throws {
        var cluster = try TestCluster()
        func compare(_ name: String, _ cluster: inout TestCluster, _ change: (JSONValue) -> JSONValue) throws {
            let recording = try Recording(name)
            let body = change(recording.body.isEmpty ? [:] : try JSONReader.read(recording.body))
            let response = cluster.send(
                recording.method, recording.target, headers: recording.headers, body: body.serialized)
            guard case .answer(let answer) = response else { throw Unexpected(what: "a watch") }
            try Self.compare(answer, recording, .same)
        }
        let path = "/apis/coordination.k8s.io/v1/namespaces/monitoring/leases/roller-node-exporter"
        try compare("lease-create", &cluster) { $0 }
        try compare("lease-create-conflict", &cluster) { $0 }
        let made = try cluster.call("GET", path).value
        func current(_ body: JSONValue, version: JSONValue?) -> JSONValue {
            var body = body
            body["metadata"]?["uid"] = made.at("metadata", "uid")
            body["metadata"]?["resourceVersion"] = version
            return body
        }
        try compare("lease-update", &cluster) { current($0, version: made.at("metadata", "resourceVersion")) }
        try compare("lease-update-conflict", &cluster) { current($0, version: made.at("metadata", "resourceVersion")) }
        let renewed = try cluster.call("GET", path).value.at("metadata", "resourceVersion")
        try compare("lease-update-bad-time", &cluster) { current($0, version: renewed) }
        try compare("lease-update-no-micro", &cluster) { current($0, version: renewed) }
        let version = cluster.version
        try compare("lease-update", &cluster) { current($0, version: renewed) }
        #expect(cluster.version == version, "a renewal that changes nothing is no write")
        try compare("lease-delete", &cluster) { _ in
            ["preconditions": ["uid": made.at("metadata", "uid") ?? ""]]
        }
        #expect(try cluster.call("GET", path).status == 404)
    }

    @Test("A PodDisruptionBudget blocks evictions as recorded, in numbers and in percent")
    func budgets() throws {
        for (name, available) in [
            ("pod-evict-blocked", 8 as JSONValue), ("pod-evict-pdb-percent", "100%"),
        ] {
            var cluster = try TestCluster()
            let create = try Recording("pdb-create")
            var budget = try JSONReader.read(create.body)
            budget["spec"]?["minAvailable"] = available
            #expect(try cluster.call("POST", create.target, budget).status == 201)
            let pod = try #require(try cluster.items(TestCluster.pods).first)
            let recording = try Recording(name)
            let response = cluster.send(
                "POST", "\(TestCluster.pods)/\(pod.named)/eviction", headers: recording.headers, body: recording.body)
            guard case .answer(let answer) = response else { throw Unexpected(what: "a watch") }
            try Self.compare(answer, recording, .same)
        }
    }

    @Test("Deleting: by uid, again, and when it is gone")
    func deletes() throws {
        var cluster = try TestCluster()
        let pod = try #require(try cluster.items(TestCluster.pods).first)
        let path = "\(TestCluster.pods)/\(pod.named)"
        let options: JSONValue = ["preconditions": ["uid": pod.at("metadata", "uid") ?? ""]]
        #expect(try cluster.call("DELETE", "\(path)?dryRun=All", options).status == 200)
        #expect(try cluster.call("GET", path).value.at("metadata", "deletionTimestamp") == nil)
        let first = try cluster.call("DELETE", path, options)
        #expect(first.status == 200)
        #expect(first.value.at("metadata", "deletionGracePeriodSeconds") == 30)
        let version = cluster.version
        let again = try cluster.call("DELETE", path, options)
        #expect(again.status == 200)
        #expect(again.value == first.value && cluster.version == version)
        cluster.wait(5)
        #expect(try cluster.call("DELETE", path, options).status == 404)
    }
}
