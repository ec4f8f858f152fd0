import SluiceClients
import SluiceCore
import Testing

@Suite("What the server refuses is told in one sentence and sorted for the rollout")
struct APIErrorTests {
    private static let delete = APIRequest.remove(
        PodDeletion(name: "agent-x", uid: "u", node: "n", method: .delete), namespace: "monitoring")

    /// The failure that a recorded answer leads to.
    private func failure(_ recording: String, _ request: APIRequest = delete) throws -> APIError {
        let answer = try Recordings.answer(recording)
        return try failure(request, answer.status, answer.headers, answer.body)
    }

    private func failure(
        _ request: APIRequest, _ status: Int, _ headers: [(String, String)] = [], _ body: String = ""
    ) throws -> APIError {
        let stage = Stage()
        var result: Result<APIResponse, APIError>?
        stage.client.send(request) { result = $0 }
        stage.answer(status, body, headers: headers)
        guard case .failure(let error)? = result else { throw Unexpected() }
        return error
    }

    private struct Unexpected: Error {}

    @Test("A page that was not found is no proof that a pod is gone")
    func pageNotFound() throws {
        guard case .uncertain = try failure(Self.delete, 404, [], "404 page not found").deleteRefusal else {
            Issue.record("a proxy's page was taken for the API server's word")
            return
        }
        #expect(try failure("pod-delete-gone").deleteRefusal == .gone)
    }

    @Test("A 403 of admission is no missing right")
    func admission() throws {
        let error = try failure("create-in-terminating-namespace")
        #expect(error.description.contains("because it is being terminated"))
        #expect(!error.description.contains("the right to"))
        #expect(try failure("forbidden-delete").description.contains("the right to delete"))
    }

    @Test(
        "Recorded refusals of deletes and evictions",
        arguments: [
            ("pod-delete-gone", "gone"), ("pod-delete-wrong-uid", "gone"), ("pod-delete-stale-rv", "gone"),
            ("pod-evict-wrong-uid", "gone"), ("forbidden-delete", "rejected"), ("unauthorized", "notSent"),
            ("too-many-requests-apf-delete", "throttled 1000"), ("too-many-requests-inflight", "throttled 1000"),
            ("etcd-down-patch", "uncertain"), ("pod-evict-two-pdbs", "rejected"),
            (
                "pod-evict-blocked",
                "budget The disruption budget node-exporter needs 8 healthy pods and has 8 currently"
            ),
            (
                "pod-evict-pdb-percent",
                "budget The disruption budget node-exporter is still being processed by the server."
            ), ("malformed-json", "rejected"), ("unsupported-media-type", "rejected"),
        ])
    func deletes(recording: String, expected: String) throws {
        let word =
            switch try failure(recording).deleteRefusal {
            case .gone: "gone"
            case .notSent: "notSent"
            case .throttled(let wait, _): "throttled \(wait)"
            case .disruptionBudget(let reason): "budget \(reason)"
            case .uncertain: "uncertain"
            case .rejected: "rejected"
            }
        #expect(word == expected)
    }

    @Test(
        "A delete without an answer may have happened, unless it never got there",
        arguments: [
            (TransportError.Kind.timeout, true), (.broken, true), (.idle, true), (.connect, false), (.resolve, false),
            (.tls, false), (.certificate, false), (.proxy, false),
        ])
    func transport(kind: TransportError.Kind, isUncertain: Bool) {
        let error = APIError(.transport(TransportError(kind, "no luck")), Self.delete)
        switch error.deleteRefusal {
        case .uncertain: #expect(isUncertain)
        case .notSent: #expect(!isUncertain)
        case .gone, .throttled, .disruptionBudget, .rejected: Issue.record("\(error.deleteRefusal)")
        }
    }

    @Test(
        "Recorded refusals of patches",
        arguments: [
            ("daemonset-patch-stale-rv", "conflict"), ("daemonset-patch-wrong-uid", "rejected"),
            ("daemonset-patch-invalid", "rejected"), ("daemonset-patch-unknown-field-strict", "rejected"),
            ("not-found-daemonset", "rejected"), ("etcd-down-patch", "temporary"),
            ("too-many-requests-apf", "temporary"),
            ("forbidden-daemonset", "rejected"),
        ])
    func patches(recording: String, expected: String) throws {
        let patch = APIRequest.patch(
            DaemonSetPatch(uid: "d", resourceVersion: "1", change: .none), namespace: "monitoring", name: "agent")
        let word =
            switch try failure(recording, patch).patchRefusal {
            case .conflict: "conflict"
            case .temporary: "temporary"
            case .rejected: "rejected"
            }
        #expect(word == expected)
    }

    @Test("A missing right is named as a role would grant it")
    func missingRight() throws {
        let error = try failure("forbidden-delete")
        #expect(
            error.description.hasPrefix(
                #"cannot delete pods "agent-x" in namespace "monitoring": the right to delete "pods" in namespace "#
                    + #""monitoring" is missing; the server says: pods "node-exporter-ndnbp" is forbidden"#))
        let list = try failure("forbidden-list", .listNodes())
        #expect(
            list.description.contains(#"the right to list "nodes" in the whole cluster (a ClusterRole) is missing"#))
    }

    @Test("Every recorded failure becomes one line of bearable length")
    func sentences() throws {
        var count = 0
        for entry in try Recordings.json("INDEX").array ?? [] {
            guard let name = entry["name"]?.string, let status = entry["status"]?.integer, status >= 400 else {
                continue
            }
            let answer = try Recordings.answer(name)
            let error = try failure(Self.delete, answer.status, answer.headers, answer.body)
            #expect(error.code == answer.status, "\(name)")
            #expect(error.description.utf8.count < 2_000 && !error.description.contains("\n"), "\(name)")
            count += 1
        }
        #expect(count > 30)
    }

    @Test("An answer that is no Status is told by its first words; a page of HTML is not repeated")
    func otherBodies() throws {
        let plain = try failure(Self.delete, 502, [], "bad\n gateway\n")
        #expect(
            plain.description
                == #"cannot delete pods "agent-x" in namespace "monitoring": bad gateway (502)"#)
        let page = try failure(Self.delete, 502, [], "<html><body>secret</body></html>")
        #expect(page.description.contains("a page of HTML, probably from a proxy (502)"))
        let long = try failure(Self.delete, 500, [], String(repeating: "x", count: 100_000))
        #expect(long.description.count < 800)
    }

    @Test(
        "Retry-After is seconds or a date by the server's clock",
        arguments: [
            ("5", 5_000), ("0", 0), ("Mon, 23 Nov 2026 21:20:25 GMT", 10_000),
            ("Mon, 23 Nov 2026 21:20:05 GMT", 0), ("soon", nil), ("-3", nil), ("99999999999", 86_400_000),
        ] as [(String, Milliseconds?)])
    func retryAfter(value: String, expected: Milliseconds?) throws {
        let date = ("date", "Mon, 23 Nov 2026 21:20:15 GMT")
        #expect(try failure(Self.delete, 429, [("retry-after", value), date]).status?.retryAfter == expected)
    }

    @Test(
        "Warnings are read out of their header",
        arguments: [
            (#"299 - "unknown field \"spec.x\"""#, ["unknown field \"spec.x\""]), (#"199 - "other""#, []),
            ("299 -", []),
            ("", []), (#"299 - ""#, []),
        ])
    func warnings(value: String, expected: [String]) {
        #expect(APIResponse(status: 200, headers: [("warning", value)], body: []).warnings == expected)
    }

    @Test(
        "The Date header becomes a time, anything else none",
        arguments: [
            ("Mon, 23 Nov 2026 21:20:15 GMT", "2026-11-23T21:20:15Z"),
            ("Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01T00:00:00Z"),
            ("Mon, 23 Foo 2026 21:20:15 GMT", nil), ("Mon, 23 Nov 2026 21:20:15 CET", nil), ("", nil),
            ("Monday, 23-Nov-26 21:20:15 GMT", nil), ("Mon, 3 Nov 2026 21:20:15 GMT", nil),
            ("Mon, 23 Nov 2026 25:20:15 GMT", nil),
        ] as [(String, String?)])
    func dates(value: String, expected: String?) {
        let response = APIResponse(status: 200, headers: [("date", value)], body: [])
        #expect(response.serverTime?.rfc3339 == expected)
    }
}
