import SluiceCore

extension NamedScenario {
    /// What becomes of the driver, its machine and its people.
    static let driver: [NamedScenario] = [
        NamedScenario("The power fails within the commit that orders the first deletes") {
            $0.deaths = [Death(point: .diskChange(60), crash: .powerCut)]
        },
        NamedScenario("The driver is killed three times in a row") {
            $0.deaths = [40, 30, 20].map { Death(point: .beat($0), crash: .kill) }
        },
        NamedScenario("The driver's machine burns, and another one knows nothing but the cluster") {
            $0.deaths = [Death(point: .beat(60), crash: .powerCut)]
            $0.movesOn = true
            $0.healedAt = 300_000
        },
        NamedScenario(
            "Another machine takes a soak over while the template is put back, and a person resumes what it stopped",
            Setting(soakSeconds: 30, canaryMore: Setting.gate)
        ) {
            $0.allow(.templateReverted)
            $0.at(10, .kill(machine: 0))
            $0.movesOn = true
            $0.healedAt = 300_000
            // The Lease is still waited for.
            $0.at(20, .setImage(FleetSpec.oldImage))
            $0.at(200, .setImage(FleetSpec.newImage))
            $0.resumes = 1
        },
        NamedScenario("The driver is killed in the middle of a soak", Setting(soakSeconds: 300)) {
            $0.at(150, .kill(machine: 0))
        },
        NamedScenario(
            "A canary's pod is replaced while nobody watches its soak",
            Setting(soakSeconds: 600, canaryMore: Setting.gate)
        ) {
            $0.at(60, .kill(machine: 0))
            $0.absence = 300_000...400_000
            $0.at(61, .deletePod(node: "node-0"))
        },
        NamedScenario("A person pauses for half an hour after the answers to deletes were lost") {
            $0.allow(.paused)
            $0.strike(.lostAnswers, from: 64, to: 65)
            $0.at(66, .ask(.pause(reason: "lunch")))
            $0.at(1_866, .ask(.resume))
        },
        NamedScenario("A person pauses while deletes that may never have arrived wait to be sent again") {
            $0.allow(.paused)
            $0.strike(.reset, from: 64, to: 75)
            $0.at(66, .ask(.pause(reason: "lunch")))
            $0.at(366, .ask(.resume))
        },
        NamedScenario(
            "A node joins and another is drained in a soak with the template parked, and the driver dies in the middle",
            Setting(soakSeconds: 600, more: "leak: park")
        ) {
            $0.planning.parks = true
            $0.at(100, .addNode(NodeSpec(name: "joined-1", labels: [:])))
            $0.at(200, .deletePod(node: "node-0"))
            $0.at(300, .kill(machine: 0))
        },
        NamedScenario("Nothing happens in a soak of two hours", Setting(soakSeconds: 7_200)) { _ in },
        NamedScenario("A laptop sleeps for half an hour in the middle of a batch") {
            $0.at(68, .suspend(machine: 0, for: 1_800_000))
        },
        NamedScenario("A laptop sleeps through the end of the soak") {
            $0.at(30, .suspend(machine: 0, for: 600_000))
        },
        NamedScenario("The disk is full while a batch is under way") {
            $0.at(67, .setDiskFull(machine: 0, true))
            $0.at(300, .setDiskFull(machine: 0, false))
        },
        NamedScenario("The disk is full when the rollout has to stop", endsAs: .halted, for: .daemonSetGone) {
            $0.allow(.daemonSetDeleted)
            $0.at(67, .setDiskFull(machine: 0, true))
            $0.at(68, .deleteDaemonSet)
            $0.at(300, .setDiskFull(machine: 0, false))
        },
        NamedScenario("A sync of the database fails in the middle of a batch") {
            $0.at(67, .failDisk(machine: 0, .sync, .inputOutput, times: 1))
        },
        NamedScenario("A second driver is started while the first one is in a batch") {
            $0.at(67, .startOtherDriver)
        },
        NamedScenario("A second driver is started while the first one sleeps, and both wake up") {
            $0.at(67, .suspend(machine: 0, for: 120_000))
            $0.at(70, .startOtherDriver)
        },
        NamedScenario("A person pauses for ten minutes, and it goes on afterwards") {
            $0.allow(.paused)
            $0.at(67, .ask(.pause(reason: "lunch")))
            $0.at(667, .ask(.resume))
        },
        NamedScenario("A pause was asked of a driver that died, and the resume comes afterwards") {
            $0.allow(.paused)
            $0.at(67, .ask(.pause(reason: "lunch")))
            $0.at(67, .kill(machine: 0))
            $0.at(68, .ask(.resume))
        },
        NamedScenario("A pause is asked for while the one who takes the rollout up still looks for the cluster") {
            $0.allow(.paused)
            $0.strike(.stalled, from: 67, to: 75)
            $0.at(67, .kill(machine: 0))
            $0.acts.append((at: 67_300, act: .ask(.resume)))
            $0.at(70, .ask(.pause(reason: "lunch")))
            $0.at(900, .ask(.resume))
        },
        NamedScenario(
            "A window opens in an hour, closes in the middle of the rest, and opens again on the days after",
            Setting(startDelay: 40_000, more: "windows: [{from: \"12:00\", to: \"12:02\"}]")
        ) {
            $0.planning.windows = [(from: 720, minutes: 2)]
            $0.limit = 96 * 3_600_000
        },
        NamedScenario(
            "A laptop sleeps through the opening of a window in another zone, and its driver dies before the next one",
            Setting(
                startDelay: 40_000, more: "windows: [{from: \"07:00\", to: \"07:12\", timeZone: America/New_York}]")
        ) {
            // Noon by UTC is 3200 s after the beginning.
            $0.at(3_000, .suspend(machine: 0, for: 750_000))
            $0.at(20_000, .kill(machine: 0))
            $0.planning.windows = [(from: 720, minutes: 12)]
            $0.limit = 72 * 3_600_000
        },
        NamedScenario(
            "A freeze of two days is waited for before anything is patched",
            Setting(more: "freeze: [{from: 2026-11-18, to: 2026-11-19, reason: audit}]")
        ) {
            $0.planning.frozen = 20_775...20_776
            $0.limit = 72 * 3_600_000
        },
        NamedScenario(
            "Both waves need an approval, and whoever drives dies while each of them waits",
            Setting(canaryMore: Setting.approval, restMore: Setting.approval)
        ) {
            $0.approvalDelay = 600_000...600_000
            $0.at(300, .kill(machine: 0))
            $0.at(900, .kill(machine: 0))
        },
        NamedScenario(
            "A person approves the canary again when the rest waits, and nothing comes of it",
            Setting(canaryMore: Setting.approval, restMore: Setting.approval)
        ) {
            $0.approvalDelay = 300_000...300_000
            $0.at(450, .ask(.approve(wave: "canary", by: "ann", reason: "a late click")))
        },
        NamedScenario("A person gives the rollout up in the middle of a batch", endsAs: .aborted, for: .operatorRequest)
        {
            $0.allow(.aborted)
            $0.at(67, .ask(.abort(reason: "enough")))
        },
        NamedScenario(
            "A person gives the rollout up while deletes wait for a new token", endsAs: .aborted, for: .operatorRequest
        ) {
            $0.allow(.tokenRotated, .aborted)
            $0.credential = .plugin
            $0.acts.append((at: 67_000, act: .rotateToken))
            $0.acts.append((at: 68_300, act: .ask(.abort(reason: "enough"))))
        },
        NamedScenario("The driver's clock jumps by five minutes to and fro") {
            $0.allow(.driverClock)
            $0.at(20, .setWallSkew(machine: 0, 300_000))
            $0.at(40, .setWallSkew(machine: 0, -300_000))
        },
    ]
}
