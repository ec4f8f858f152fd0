import SluiceCore

extension NamedScenario {
    /// What becomes of gates that read the pods themselves.
    static let scrape: [NamedScenario] = [
        scraping("The driver is killed twice while it samples a baseline") {
            $0.at(20, .kill(machine: 0))
            $0.at(45, .kill(machine: 0))
        },
        scraping("Nobody drives for ten minutes in the middle of a baseline, which begins anew") {
            $0.at(30, .kill(machine: 0))
            $0.absence = 600_000...600_000
        },
        scraping("The driver is killed in a soak whose counters carry over") {
            $0.at(100, .kill(machine: 0))
            $0.absence = 60_000...60_000
        },
        scraping("The API server does not answer while pages are read, before a wave and in its soak") {
            $0.strike(.unavailable, from: 15, to: 40)
            $0.strike(.stalled, from: 95, to: 110)
        },
        scraping("A person pauses while a baseline is sampled") {
            $0.allow(.paused)
            $0.at(20, .ask(.pause(reason: "lunch")))
            $0.at(600, .ask(.resume))
        },
        scraping(
            "The new version ships nothing, and its pods say so", endsAs: .halted, for: .gateFailed,
            Setting(newVersion: "silent", canaryMore: Setting.pages)
        ) { _ in },
        scraping(
            "The new version lacks the metric that would tell", endsAs: .halted, for: .gateNoData,
            Setting(newVersion: "absent", canaryMore: Setting.pages)
        ) { _ in },
    ]

    private static func scraping(
        _ name: String, endsAs phase: Phase = .completed, for reason: Reason? = nil,
        _ setting: Setting = Setting(canaryMore: Setting.flow), _ change: (inout Scenario) -> Void
    ) -> NamedScenario {
        NamedScenario(name, endsAs: phase, for: reason, setting) {
            if setting.canaryMore == Setting.flow { $0.planning.baselines[0] = 60_000 }
            if phase != .completed { $0.allow(.badVersion) }
            change(&$0)
        }
    }
}

extension Setting {
    /// A gate that compares what the pods themselves say with a minute before the wave, and finds nothing bad.
    static let flow =
        ", gates: [{name: flow, scrape: {port: 9100, metric: collector_sent_records_total}, interval: 10s, "
        + "comparison: {worse: higher, tolerance: 10000%, baseline: 1m}, inconclusiveLimit: 50, "
        + "consecutiveErrorLimit: 50, onInconclusive: warn, onNoData: warn, onError: warn}]"

    /// A gate that asks each updated pod whether it ships.
    static let pages =
        ", gates: [{name: ships, scrape: {port: 9100, metric: collector_sent_records_total}, interval: 5s, "
        + "successCondition: \"> 0\", consecutiveErrorLimit: 50}]"
}
