import SluiceClients
import SluiceCore
import Testing

@Suite("A watch understands what a real API server sends")
struct RecordedWatchTests {
    @Test("The recorded life of replaced pods is told event by event")
    func recordedStream() throws {
        let stage = Stage()
        var told: [String] = []
        let watch = ResourceWatch.pods(
            stage.client, namespace: "monitoring", selector: LabelSelector(matchLabels: ["app": "x"])
        ) { event in
            switch event {
            case .listed: told.append("listed")
            case .changed(let pod):
                told.append("\(pod.phase)\(pod.isTerminating ? " going" : "")\(pod.isReady ? " ready" : "")")
            case .gone: told.append("gone")
            case .lost, .regained, .refused: told.append("?")
            }
        }
        watch.start()
        #expect(stage.asked == "GET /api/v1/namespaces/monitoring/pods?labelSelector=app%3Dx&limit=50")
        stage.answer(200, #"{"kind":"PodList","metadata":{"resourceVersion":"1"},"items":[]}"#)
        let stream = stage.open()
        let body = try #require(try Recordings.body("watch-pods-delete-recreate"))
        for start in stride(from: 0, to: body.utf8.count, by: 1_000) {
            let piece = Array(body.utf8.dropFirst(start).prefix(1_000))
            _ = stage.client.receive(.bytes(stream, piece))
        }
        #expect(
            told == [
                "listed", "running going ready", "failed going", "failed going", "gone", "pending", "pending",
                "pending", "running", "running ready",
            ])
        withExtendedLifetime(watch) {}
    }
}
