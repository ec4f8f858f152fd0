import Foundation
import SluiceCore
import SluiceDocuments
import Testing

@Suite(
    "On a slow day no pod is lost twice, and status says what is waited for",
    .enabled(if: isEmbedded, "a proxy stands before an embedded cluster alone"))
struct SlowDayTests {
    private static let expired =
        #"{"kind":"Status","apiVersion":"v1","status":"Failure","message":"too old resource version: 1 (9)","#
        + #""reason":"Expired","code":410}"#
    private static let timedOut =
        #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Timeout: request did not "#
        + #"complete within the allotted timeout","reason":"Timeout","details":{},"code":504}"#
    private static let unauthorized =
        #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","#
        + #""reason":"Unauthorized","code":401}"#
    private static let tooMany = "Too many requests, please try again later.\n"

    @Test("The API server restarts in the canary batch and in the soak, and its watch cache begins anew")
    func restarts() throws {
        let scene = try FaultScene()
        let driver = try scene.run(soak: "2s")
        try driver.awaitOutput("\"event\":\"deleting\"")
        for sign in ["\"event\":\"soakStarted\"", "\"event\":\"wavePassed\""] {
            scene.proxy.goDown()
            try scene.awaitHold("observation", saying: "the API server cannot be reached")
            let watches = Counter()
            scene.proxy.decide { request in
                guard request.isWatch, watches.next(request.path) == 0 else { return .pass }
                return .answer(
                    status: "200 OK", type: "application/json",
                    body: #"{"type":"ERROR","object":\#(Self.expired)}"# + "\n")
            }
            try scene.proxy.comeBack()
            try driver.awaitOutput(sign)
        }
        try scene.expectCleanEnd(of: driver)
    }

    @Test("It throttles every second request with a 429 as text: reads, deletes and the Lease")
    func throttles() throws {
        let scene = try FaultScene()
        let counter = Counter()
        scene.proxy.decide { request in
            let kind = request.isDelete ? "delete" : request.isLease ? "lease" : request.isWatch ? "watch" : "read"
            guard counter.next(request.method + " " + kind) % 2 == 0 else { return .pass }
            return .answer(
                status: "429 Too Many Requests", type: "text/plain; charset=utf-8", headers: "Retry-After: 1\r\n",
                body: Self.tooMany)
        }
        let driver = try scene.run()
        try scene.expectCleanEnd(of: driver)
        #expect(counter.count("DELETE delete") > 10)
    }

    @Test("It says 504 in text/plain to lists, and to deletes that it carried out; other answers are lost on the way")
    func answersTooLate() throws {
        let scene = try FaultScene()
        let counter = Counter()
        scene.proxy.decide { request in
            let number = counter.next(request.isDelete ? "delete" : request.isList ? "list" : "other")
            if request.isDelete {
                return number % 2 == 0
                    ? .replaceAnswer(status: "504 Gateway Timeout", type: "text/plain", body: Self.timedOut)
                    : .loseAnswer
            }
            guard request.isList, number % 3 == 0 else { return .pass }
            return .answer(status: "504 Gateway Timeout", type: "text/plain; charset=utf-8", body: Self.timedOut)
        }
        let driver = try scene.run()
        try scene.expectCleanEnd(of: driver)
    }

    @Test("It takes deletes and does not answer, as without etcd; nothing more is deleted until it does")
    func hangs() throws {
        let scene = try FaultScene()
        let hung = Counter()
        let isOver = Counter()
        scene.proxy.decide { request in
            guard request.isDelete, isOver.count() == 0 else { return .pass }
            _ = hung.next()
            return .hang
        }
        let driver = try scene.run()
        try scene.awaitHold("server", saying: "is not known")
        #expect(try scene.deletes().isEmpty)
        #expect(hung.count() == 2, "the canary's two nodes use up what may be in flight")
        _ = isOver.next()
        try scene.expectCleanEnd(of: driver)
    }

    @Test("A proxy closes connections that are silent for a second, and cuts watches in mid-line")
    func cutsConnections() throws {
        let scene = try FaultScene()
        let watches = Counter()
        scene.proxy.closeIdleConnections(after: 1_100)
        scene.proxy.decide { request in
            request.isWatch && watches.next(request.path) < 4 ? .cut(afterBytes: 5_000) : .pass
        }
        let driver = try scene.run(soak: "3s")
        try scene.expectCleanEnd(of: driver)
        #expect(watches.count("/api/v1/nodes") > 2)
    }

    @Test("The token expires in mid-soak and the plugin fails for a while; with a new token the rollout goes on")
    func tokenExpires() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-token-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { expectRemoval(of: folder) }
        let plugin = """
            if [ -e \(folder)/broken ]; then echo 'the login has expired' >&2; exit 1; fi
            printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s"}}' \
                "$(cat \(folder)/token)"
            """
        try Data(plugin.utf8).write(to: URL(filePath: folder + "/plugin"))
        try Data("first".utf8).write(to: URL(filePath: folder + "/token"))
        let scene = try FaultScene(
            user: "{exec: {apiVersion: client.authentication.k8s.io/v1, command: /bin/sh, interactiveMode: Never, "
                + "args: [\(folder)/plugin]}}")
        let expired = Counter()
        scene.proxy.decide { request in
            let good = expired.count() == 0 ? "Bearer first" : "Bearer second"
            guard request.authorization != good else { return .pass }
            return .answer(status: "401 Unauthorized", type: "application/json", body: Self.unauthorized)
        }
        let driver = try scene.run(soak: "2s")
        try driver.awaitOutput("\"event\":\"soakStarted\"")
        try Data().write(to: URL(filePath: folder + "/broken"))
        try Data("second".utf8).write(to: URL(filePath: folder + "/token"))
        _ = expired.next()
        scene.proxy.cutConnections()
        try scene.awaitHold("observation", saying: "the login has expired")
        #expect(try scene.fixture.count(tag: "v2") == 2)
        try FileManager.default.removeItem(atPath: folder + "/broken")
        try scene.expectCleanEnd(of: driver)
    }

    private func expectRemoval(of folder: String) {
        do {
            try FileManager.default.removeItem(atPath: folder)
        } catch {
            Issue.record("\(folder) is left over: \(error)")
        }
    }
}
