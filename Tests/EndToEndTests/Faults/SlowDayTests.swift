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
}
