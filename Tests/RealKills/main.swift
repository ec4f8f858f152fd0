import AuditJudge
import Foundation
import SluiceCore

/// `kill -9` of Sluice, of the API server and of etcd in the middle of rollouts on a real control plane, judged by its audit
/// log. `run.sh` prepares the folder and says how it is used.

let usage = "usage: RealKills SLUICE FOLDER PORT ETCD_PORT NODES BUDGET KILLS SEED    (see run.sh)"

/// What was asked for.
struct Request {
    var sluice: String
    var place: ControlPlane.Place
    var workload: Workload
    var kills: Int
    var seed: UInt64

    init?(_ arguments: [String]) {
        guard arguments.count == 8, let port = Int(arguments[2]), let etcdPort = Int(arguments[3]),
            let nodes = Int(arguments[4]), let budget = Int(arguments[5]), let kills = Int(arguments[6]),
            let seed = UInt64(arguments[7]), nodes > 0, budget > 0, kills > 0
        else { return nil }
        sluice = arguments[0]
        place = ControlPlane.Place(folder: arguments[1], port: port, etcdPort: etcdPort)
        workload = Workload(nodes: nodes, budget: budget)
        self.kills = kills
        self.seed = seed
    }
}

/// - Returns: whether nothing was wrong.
func run(_ request: Request) throws -> Bool {
    let folder = request.place.folder
    let loop = try EventLoop(kubeconfig: "\(folder)/kubelets.kubeconfig")
    let controlPlane = ControlPlane(request.place, loop: loop)
    var draw = Draw(seed: request.seed)
    let kubelets = FakeKubelets(loop: loop, seed: draw.next())
    let driver = SluiceDriver(sluice: request.sluice, folder: folder, loop: loop, controlPlane: controlPlane)
    let campaign = Campaign(
        request.workload, loop: loop, controlPlane: controlPlane, kubelets: kubelets, driver: driver, folder: folder,
        wanted: request.kills, draw: draw)
    defer {
        driver.stop()
        controlPlane.stop()
    }
    controlPlane.onReady = { kubelets.connect() }
    try controlPlane.start()
    try request.workload.create(loop)
    loop.onLook = {
        try controlPlane.lookAfter()
        try driver.lookAfter()
    }
    var failure: String?
    do {
        try campaign.run()
    } catch {
        failure = "\(error)"
    }
    driver.stop()
    controlPlane.stop()
    let log = try [UInt8](Data(contentsOf: URL(filePath: request.place.auditLog)))
    let judge = AuditJudge(user: "sluice", nodes: request.workload.nodes, budget: request.workload.budget)
    return report(campaign, driver, judge.judge(log), budget: request.workload.budget, failure: failure)
}

/// Prints the table.
///
/// - Returns: whether nothing was wrong.
func report(
    _ campaign: Campaign, _ driver: SluiceDriver, _ verdict: AuditVerdict, budget: Int, failure: String?
) -> Bool {
    var violations = verdict.allViolations
    if let failure { violations.append(failure) }
    if verdict.rollouts.count != campaign.rollouts {
        violations.append("\(campaign.rollouts) rollouts ended, the log shows \(verdict.rollouts.count)")
    }
    let sum = { (value: (RolloutVerdict) -> Int) in verdict.rollouts.map(value).reduce(0, +) }
    var rows = Campaign.Victim.allCases.map { ("kills of \($0.rawValue)", "\(campaign.kills[$0, default: 0])") }
    rows += [
        ("rollouts completed", "\(campaign.rollouts)"),
        ("resumes", "\(driver.resumes)"),
        ("sluice gave up while a server was away", "\(driver.gaveUp)"),
        ("deletes that reached the API server", "\(sum(\.deletesSent))"),
        ("  pods that they sent into termination", "\(sum(\.podsEnded))"),
        ("  repeated for the same uid", "\(sum(\.repeatedDeletes))"),
        ("  refused, the pod was gone", "\(sum(\.deletesRefused))"),
        ("  never answered", "\(sum(\.deletesUnanswered))"),
        ("pods that others sent into termination", "\(sum(\.endedByOthers))"),
        ("torn lines of the audit log", "\(verdict.tornLines)"),
        ("most nodes without an available pod", "\(verdict.rollouts.map(\.mostUnavailable).max() ?? 0) of \(budget)"),
        ("violations", "\(violations.count)"),
    ]
    for (name, figure) in rows { say(name + String(repeating: " ", count: max(1, 44 - name.count)) + figure) }
    for violation in violations { say("VIOLATION: \(violation)") }
    return violations.isEmpty
}

guard let request = Request(Array(CommandLine.arguments.dropFirst())) else {
    print(usage)
    exit(64)
}
do {
    exit(try run(request) ? 0 : 1)
} catch {
    say("failed: \(error)")
    exit(1)
}
