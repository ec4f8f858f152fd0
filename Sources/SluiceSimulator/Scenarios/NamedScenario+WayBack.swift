import SluiceCore

extension NamedScenario {
    /// What becomes of rollouts that their plan wants rolled back.
    static let wayBack: [NamedScenario] = [
        goingBack("The new version breaks in the second wave, and every node gets the old one back") { _ in },
        goingBack(
            "The new version breaks in the second wave, whose nodes go back, the others after an approval",
            .rollbackWave
        ) { _ in },
        goingBack(
            "The second wave's only pod can never be made, and the first wave goes back after an approval",
            .rollbackWave, Setting(nodes: 3, newVersion: "refused@node-2", restMore: ", failuresAllowed: 0")
        ) {
            $0.allow(.creationRefused)
        },
        goingBack("The driver is killed again and again on the way back") {
            for second in stride(from: 190, to: 300, by: 7) as StrideTo<Milliseconds> {
                $0.at(second, .kill(machine: 0))
            }
            $0.absence = 1_000...3_000
        },
        goingBack("Nobody answers between the halt and the way back") {
            $0.strike(.unavailable, from: 180, to: 400)
        },
        goingBack("The disk is full when the way back is to be written down") {
            $0.allow(.diskFull)
            $0.at(150, .setDiskFull(machine: 0, true))
            $0.at(260, .setDiskFull(machine: 0, false))
        },
    ]

    private static func goingBack(
        _ name: String, _ policy: FailurePolicy = .rollbackAll,
        _ setting: Setting = Setting(newVersion: "never-ready@env=prod"), _ change: (inout Scenario) -> Void
    ) -> NamedScenario {
        var setting = setting
        setting.more = "onFailure: \(policy.rawValue)"
        return NamedScenario(name, setting) {
            $0.allow(.badVersion)
            $0.planning.onFailure = policy
            change(&$0)
        }
    }
}
