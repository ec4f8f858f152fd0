import SluiceCore

extension NamedScenario {
    /// What an API server and the network to it do.
    static let server: [NamedScenario] = [
        NamedScenario("Nothing goes wrong") { _ in },
        NamedScenario("The API server restarts while the canary soaks") {
            $0.at(30, .restartServer(downFor: 20_000))
        },
        NamedScenario("The API server restarts in the middle of a batch") {
            $0.at(68, .restartServer(downFor: 40_000))
        },
        NamedScenario("Every answer to a write is lost after the server acted") {
            $0.strike(.lostAnswers, from: 66, to: 100)
        },
        NamedScenario("etcd answers 504 to everything and acts on half of it") {
            $0.strike(.gatewayTimeouts, from: 66, to: 120)
        },
        NamedScenario("The server is so busy that it takes one request in three") {
            $0.strike(.throttled, 0.66, from: 0, to: 200)
        },
        NamedScenario("Deletes arrive twenty seconds late") { $0.strike(.slowAnswers, from: 60, to: 300) },
        NamedScenario("Every watch gets 410 at once, again and again") {
            $0.strike(.versionsExpire, from: 0, to: 150)
            for second in stride(from: 5, to: 150, by: 5) { $0.at(Milliseconds(second), .endStreams) }
        },
        NamedScenario("Every watch breaks in the middle of a line") {
            for second in 60...120 { $0.at(Milliseconds(second), .breakStreamsInMidLine) }
        },
        NamedScenario(
            "The watch falls silent while pods become ready, and the plan's time runs out",
            Setting(timeoutSeconds: 60)
        ) {
            $0.allow(.streamsFallSilent)
            $0.at(1, .silenceStreams)
            $0.at(66, .silenceStreams)
        },
        NamedScenario("The token is replaced while the canary soaks") {
            $0.credential = .tokenFile
            $0.at(30, .rotateToken)
        },
        NamedScenario("The plugin fails for a minute after the token has expired in mid-batch") {
            $0.credential = .plugin
            $0.at(66, .rotateToken)
            $0.strike(.pluginFails, from: 60, to: 130)
        },
        NamedScenario("The server's clock steps back by five minutes in the soak") {
            $0.allow(.serverClock)
            $0.serverSkews = [(30_000, -300_000)]
        },
        NamedScenario(
            "By the server's clock every Ready pod is young, and the budget is used up elsewhere",
            endsAs: .halted, for: .budgetWaitExceeded, Setting(budget: 1, oldVersion: "never-ready@node-8")
        ) {
            $0.allow(.serverClock)
            $0.serverSkews = [(0, -7_200_000)]
            $0.fleet.minReadySeconds = 30
            $0.planning.minReady = 30_000
        },
        NamedScenario(
            "The watch falls silent, and by the server's clock the pods are too young when their time is up",
            Setting(timeoutSeconds: 60)
        ) {
            $0.allow(.serverClock, .streamsFallSilent)
            $0.serverSkews = [(3_000, -7_200_000)]
            $0.fleet.minReadySeconds = 4
            $0.planning.minReady = 4_000
            $0.at(3, .silenceStreams)
        },
        NamedScenario("The API server restarts every quarter of a minute, six times in a row") {
            for second in stride(from: 64, to: 154, by: 15) {
                $0.at(Milliseconds(second), .restartServer(downFor: 8_000))
            }
        },
        NamedScenario("Nobody answers for ten minutes, from the middle of a batch on") {
            $0.strike(.stalled, from: 68, to: 668)
            $0.at(68, .silenceStreams)
        },
    ]
}
