import Foundation
import SluiceClients
import SluiceCore
import SluiceDocuments
import Testing

/// Every recorded answer of a real API server goes through the code that would read it. A recording that nobody claims
/// fails; what has no reader is named below, with the reason.
@Suite("Every recorded answer is read")
struct RecordedAnswersTests {
    /// What Sluice never asks for, by the answer's kind.
    private static let kindsWithoutReader = [
        "APIGroupDiscoveryList": "discovery: Sluice names its paths", "APIGroupList": "discovery",
        "APIResourceList": "discovery", "APIVersions": "discovery",
        "ConfigMap": "only recorded to see how creation fails", "Event": "Sluice writes no events",
        "EventList": "Sluice reads no events", "PartialObjectMetadata": "Sluice reads whole objects",
        "PartialObjectMetadataList": "Sluice reads whole objects",
        "PodDisruptionBudget": "the eviction's answer says what a budget refuses",
        "PodDisruptionBudgetList": "the eviction's answer says what a budget refuses",
        "SelfSubjectReview": "nobody asks who we are", "SelfSubjectRulesReview": "rights are asked one by one",
        "Table": "for people",
    ]
    /// What Sluice never asks for and has no kind.
    private static let namesWithoutReader = [
        "anonymous-version": "the version is not looked at", "version": "the version is not looked at",
        "readyz": "health is seen from the answers", "readyz-verbose": "health is seen from the answers",
        "livez": "health is seen from the answers", "etcd-down-readyz": "health is seen from the answers",
        "nodes-metadata-list-protobuf": "protobuf", "pods-list-protobuf": "protobuf",
        "eligibility-table": "a table about the controller, no answer",
    ]

    private let interner = StringInterner()

    @Test("It is claimed, and read as a plain reader reads it", arguments: try Recordings.names())
    func everyRecording(name: String) throws {
        guard name != "INDEX" else { return }
        let recording = try Recordings.json(name)
        if recording.at("response", "line_seconds") != nil {
            try stream(name, recording)
        } else if Int(recording.at("response", "status")?.integer ?? 0) >= 400 {
            try failure(name, recording)
        } else if recording.at("response", "headers", "Content-Encoding") == "gzip" {
            try compressed(name, recording)
        } else {
            let body = recording.at("response", "body")?.string
            let json = body.flatMap { try? JSONReader.read($0) }
            try success(name, kind: json?["kind"]?.string ?? "", json ?? .null, Array((body ?? "").utf8))
        }
    }

    // MARK: Success

    private func success(_ name: String, kind: String, _ json: JSONValue, _ bytes: [UInt8]) throws {
        let items = json["items"]?.array ?? []
        switch kind {
        case "Node": #expect(try Node.decode(bytes, interner: interner) == Node(json: json))
        case "Pod": #expect(try Pod.decode(bytes, interner: interner) == Pod(json: json))
        case "DaemonSet": #expect(try DaemonSet.decode(bytes, interner: interner) == DaemonSet(json: json))
        case "NodeList": try page(bytes, json, items.compactMap(Node.init(json:)))
        case "PodList": try page(bytes, json, items.compactMap(Pod.init(json:)))
        case "DaemonSetList": try page(bytes, json, items.compactMap(DaemonSet.init(json:)))
        case "ControllerRevisionList": try page(bytes, json, items.compactMap(ControllerRevision.init(json:)))
        case "Lease":
            let lease = try ask(bytes) { try $0.leaseCheckpoint(namespace: "monitoring", daemonSet: "x") }
            #expect(lease?.holder == json.at("spec", "holderIdentity")?.string)
            #expect(lease?.durationSeconds == json.at("spec", "leaseDurationSeconds")?.integer)
            #expect(lease?.renewedAt == json.at("spec", "renewTime")?.string.flatMap { Timestamp(rfc3339: $0) })
        case "Namespace":
            #expect(try ask(bytes) { try $0.clusterUID() } == json.at("metadata", "uid")?.string)
        case "SelfSubjectAccessReview":
            let right = AccessRight(verb: "get", resource: "pods", purpose: "")
            let isAllowed =
                switch try ask(bytes, { try $0.perform([.reviewAccess(right)])[0].accessAnswer }) {
                case .accepted: true
                case .refused: false
                case .unknown: Bool?.none
                }
            #expect(isAllowed == json.at("status", "allowed")?.bool)
        case "Status":
            #expect(json["status"] == "Success", "a success that tells of a failure")
            let response = try ask(bytes) {
                try $0.perform(APIRequest.deleteLease(namespace: "n", name: "l", uid: "u"))
            }
            #expect(response.body == bytes)
        default:
            let reason = Self.kindsWithoutReader[kind] ?? Self.namesWithoutReader[name]
            #expect(reason != nil, "nobody reads \(name) (kind \"\(kind)\"): give it a reader, or a reason here")
            try nobody(name, kind, bytes)
        }
    }

    private func page<Object: ClusterObject & Equatable>(
        _ bytes: [UInt8], _ json: JSONValue, _ expected: [Object]
    ) throws {
        let page = try Object.decodePage(bytes, interner: interner)
        #expect(page.items == expected)
        #expect(page.items.count == json["items"]?.array?.count)
        #expect(page.resourceVersion == json.at("metadata", "resourceVersion")?.string)
        let token = json.at("metadata", "continue")?.string ?? ""
        #expect(page.continueToken == (token.isEmpty ? nil : token))
        #expect(page.remainingItemCount == json.at("metadata", "remainingItemCount")?.integer)
    }

    /// Asks a client whose server answers everything with these bytes.
    private func ask<Answer>(
        _ body: [UInt8], status: Int = 200, _ question: (KubernetesClient) throws -> Answer
    ) throws -> Answer {
        let stage = Stage()
        stage.outside.server = { _ in (status, [], String(decoding: body, as: UTF8.self)) }
        return try question(stage.client)
    }

    /// An answer that no reader expects becomes an error of kind `decoding`, or a list of what it does hold.
    private func nobody(_ name: String, _ kind: String, _ bytes: [UInt8]) throws {
        let questions: [(KubernetesClient) throws -> Void] = [
            { _ = try $0.listAll(.listPods(namespace: nil), of: Pod.self) },
            { _ = try $0.listAll(.listNodes(), of: Node.self) },
            { _ = try $0.listAll(.listDaemonSets(namespace: nil), of: DaemonSet.self) },
            { _ = try $0.get(.getNode("n"), as: Node.self) },
            { _ = try $0.get(.getDaemonSet(namespace: "n", name: "d"), as: DaemonSet.self) },
            { _ = try $0.clusterUID() },
        ]
        for question in questions {
            do {
                // A list of foreign objects may end in a token for more of them, for ever.
                let last = String(decoding: bytes, as: UTF8.self).replacing(#""continue":"#, with: #""x":"#)
                try ask(Array(last.utf8), question)
            } catch let error as APIError {
                guard case .decoding = error.kind else {
                    Issue.record("\(name): \(error)")
                    continue
                }
                #expect(!error.description.contains("\n"))
            }
        }
        if kind.isEmpty || kind == "Table" {
            #expect(throws: ScanError.self) { try Pod.decodePage(bytes, interner: interner) }
            #expect(throws: ScanError.self) { try Node.decode(bytes, interner: interner) }
        }
    }

    /// A compressed answer, over a real connection.
    private func compressed(_ name: String, _ recording: JSONValue) throws {
        let text = try #require(recording.at("response", "body_base64")?.string)
        let bytes = try [UInt8](#require(Data(base64Encoded: text)))
        let server = try LoopbackServer { peer in
            while peer.request() != nil {
                peer.write("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(bytes.count)\r\n\r\n")
                peer.write(bytes)
            }
        }
        let outside = try SystemOutside()
        let access = ClusterAccess(server: server.url)
        let client = KubernetesClient(access: access, outside: outside, userAgent: "sluice/test")
        let body = try client.perform(.listPods(namespace: nil)).body
        #expect(body.count > bytes.count)
        let json = try JSONReader.read(body)
        #expect(json["kind"] == "PodList")
        try page(body, json, (json["items"]?.array ?? []).compactMap(Pod.init(json:)))
        #expect(try !Pod.decodePage(body, interner: interner).items.isEmpty)
    }

    // MARK: Failure

    /// What Sluice asks for when it gets such an answer.
    private func request(_ recording: JSONValue) -> APIRequest {
        let path = recording.at("request", "path")?.string ?? ""
        switch recording.at("request", "method")?.string {
        case "DELETE": return .remove(deletion(.delete), namespace: "monitoring")
        case "POST" where path.contains("/eviction"): return .remove(deletion(.evict), namespace: "monitoring")
        case "PATCH":
            let patch = DaemonSetPatch(uid: "d", resourceVersion: "1", change: .none)
            return .patch(patch, namespace: "monitoring", name: "agent")
        case "POST", "PUT": return .updateLease(["metadata": ["name": "l"]], namespace: "monitoring", name: "l")
        default:
            var request = APIRequest.listPods(namespace: "monitoring")
            request.isRetried = false
            return request
        }
    }

    private func deletion(_ method: Deletion) -> PodDeletion {
        PodDeletion(name: "agent-x", uid: "u", node: "n", method: method)
    }

    private func failure(_ name: String, _ recording: JSONValue) throws {
        let (code, headers, body) = try Recordings.answer(name)
        let stage = Stage()
        var result: Result<APIResponse, APIError>?
        let request = request(recording)
        stage.client.send(request) { result = $0 }
        stage.answer(code, body, headers: headers)
        guard case .failure(let error)? = result else {
            Issue.record("\(name) is no failure")
            return
        }
        let status = try #require(error.status)
        let json = try? JSONReader.read(body)
        #expect(status.code == code)
        #expect(status.reason == json?["reason"]?.string ?? "")
        // The message, on one line and shortened: some repeat the whole object.
        let said = (json?["message"]?.string ?? body).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(status.message == said || said.hasPrefix(status.message.dropLast()))
        #expect(!status.message.isEmpty)
        #expect(status.causes.count == json?.at("details", "causes")?.array?.count ?? 0)
        let wait = headers.first { $0.0 == "retry-after" }.flatMap { Milliseconds($0.1) }
        #expect(status.retryAfter == wait.map { $0 * 1_000 })
        switch error.kind {
        case .authentication: #expect(code == 401)
        case .forbidden: #expect(code == 403)
        case .status: #expect(code != 401 && (code != 403 || !said.contains("cannot")))
        case .transport, .credential, .decoding, .notSent, .interrupted: Issue.record("\(name): \(error)")
        }
        if request.method == .delete || request.path.hasSuffix("/eviction") {
            expect(error.deleteRefusal, code, name)
        }
        if request.method == .patch { expect(error.patchRefusal, code, name) }
    }

    private func expect(_ refusal: DeleteRefusal, _ code: Int, _ name: String) {
        let codes =
            switch refusal {
            case .gone: [404, 409]
            case .disruptionBudget, .throttled: [429]
            case .uncertain: [504]
            case .rejected: [403, 405, 500]
            case .notSent: [Int]()
            }
        #expect(codes.contains(code), "\(name): \(refusal)")
    }

    private func expect(_ refusal: PatchRefusal, _ code: Int, _ name: String) {
        let codes =
            switch refusal {
            case .conflict: [409]
            case .temporary: [504]
            case .rejected: [415, 422]
            }
        #expect(codes.contains(code), "\(name): \(refusal)")
    }

    // MARK: Streams

    private func stream(_ name: String, _ recording: JSONValue) throws {
        let path = recording.at("request", "path")?.string ?? ""
        let body = recording.at("response", "body")?.string ?? ""
        if path.hasPrefix("/api/v1/nodes") {
            try follow(name, body) { ResourceWatch.nodes($0, onEvent: $1) }
        } else if path.contains("/pods?") {
            try follow(name, body) {
                let selector = LabelSelector(matchLabels: ["app": "x"])
                return ResourceWatch.pods($0, namespace: "monitoring", selector: selector, onEvent: $1)
            }
        } else if path.contains("/daemonsets?") {
            try follow(name, body) {
                ResourceWatch.daemonSet($0, namespace: "monitoring", name: "node-exporter", onEvent: $1)
            }
        } else {
            Issue.record("nobody watches what \(name) is about")
        }
    }

    /// Replays a stream into a watch, in pieces that end anywhere, and compares what it tells with the lines.
    private func follow<Object: ClusterObject>(
        _ name: String, _ body: String,
        _ make: (KubernetesClient, @escaping (WatchEvent<Object>) -> Void) -> ResourceWatch<Object>
    ) throws {
        let stage = Stage()
        var told: [String] = []
        let watch = make(stage.client) { event in
            switch event {
            case .listed: told.append("listed")
            case .changed: told.append("changed")
            case .gone: told.append("gone")
            case .lost, .regained, .refused: told.append("trouble")
            }
        }
        watch.start()
        stage.answer(200, #"{"kind":"List","metadata":{"resourceVersion":"1"},"items":[]}"#)
        let stream = stage.open()
        var expected = ["listed"]
        var isExpired = false
        for line in body.split(separator: "\n") {
            let json = try JSONReader.read(String(line))
            switch json["type"]?.string {
            case "ADDED", "MODIFIED": expected.append("changed")
            case "DELETED": expected.append("gone")
            case "ERROR": isExpired = json.at("object", "code")?.integer == 410
            default: #expect(json["type"] == "BOOKMARK")
            }
        }
        let bytes = Array(body.utf8)
        for start in stride(from: 0, to: bytes.count, by: 997) {
            _ = stage.client.receive(.bytes(stream, Array(bytes[start..<min(start + 997, bytes.count)])))
        }
        #expect(told == expected, "\(name)")
        if isExpired {
            stage.passToWake()
            #expect(stage.outside.requests.contains { $0.url.contains("limit=") }, "\(name): it does not list again")
        }
        withExtendedLifetime(watch) {}
    }
}
