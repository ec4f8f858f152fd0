import AuditJudge
import Foundation
import SluiceCore

/// `kill -9` of Sluice, of the API server and of etcd in the middle of rollouts on a real control plane, judged by its audit
/// log. `run.sh` prepares the folder and says how it is used.

let usage = """
    usage: RealKills SLUICE FOLDER PORT ETCD_PORT NODES BUDGET KILLS SEED    (see run.sh)
           RealKills judge AUDIT_LOG NODES BUDGET    judges a log that was kept once more
    """

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
    let campaign = try Campaign(
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
    let verdict = try judge(request.place.auditLog, request.workload)
    var violations = verdict.allViolations
    if let failure { violations.append(failure) }
    if verdict.rollouts.count != campaign.rollouts {
        violations.append("\(campaign.rollouts) rollouts ended, the log shows \(verdict.rollouts.count)")
    }
    var rows = Campaign.Victim.allCases.map { ("kills of \($0.rawValue)", "\(campaign.kills[$0, default: 0])") }
    rows += [
        ("rollouts completed", "\(campaign.rollouts)"), ("resumes", "\(driver.resumes)"),
        ("sluice gave up while a server was away", "\(driver.gaveUp)"),
    ]
    report(rows + figures(verdict, budget: request.workload.budget), violations)
    return violations.isEmpty
}

func judge(_ auditLog: String, _ workload: Workload) throws -> AuditVerdict {
    let log = try [UInt8](Data(contentsOf: URL(filePath: auditLog)))
    return AuditJudge(user: "sluice", nodes: workload.nodes, budget: workload.budget).judge(log)
}

/// What the log says, as rows of the table.
func figures(_ verdict: AuditVerdict, budget: Int) -> [(String, String)] {
    let sum = { (value: (RolloutVerdict) -> Int) in "\(verdict.rollouts.map(value).reduce(0, +))" }
    return [
        ("rollouts in the audit log", "\(verdict.rollouts.count)"),
        ("deletes that reached the API server", sum(\.deletesSent)),
        ("  pods that they sent into termination", sum(\.podsEnded)),
        ("  repeated for the same uid", sum(\.repeatedDeletes)),
        ("  refused, the pod was gone", sum(\.deletesRefused)),
        ("  never answered", sum(\.deletesUnanswered)),
        ("pods that others sent into termination", sum(\.endedByOthers)),
        ("torn lines of the audit log", "\(verdict.tornLines)"),
        ("most nodes without an available pod", "\(verdict.rollouts.map(\.mostUnavailable).max() ?? 0) of \(budget)"),
    ]
}

func report(_ rows: [(String, String)], _ violations: [String]) {
    for (name, figure) in rows + [("violations", "\(violations.count)")] {
        say(name + String(repeating: " ", count: max(1, 44 - name.count)) + figure)
    }
    for violation in violations { say("VIOLATION: \(violation)") }
}

let arguments = Array(CommandLine.arguments.dropFirst())
do {
    if let request = Request(arguments) { exit(try run(request) ? 0 : 1) }
    if arguments.count == 4, arguments[0] == "judge", let nodes = Int(arguments[2]), let budget = Int(arguments[3]) {
        let verdict = try judge(arguments[1], Workload(nodes: nodes, budget: budget))
        report(figures(verdict, budget: budget), verdict.allViolations)
        exit(verdict.allViolations.isEmpty ? 0 : 1)
    }
    print(usage)
    exit(64)
} catch {
    say("failed: \(error)")
    exit(1)
}
