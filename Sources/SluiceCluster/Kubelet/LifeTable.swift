import SluiceCore

/// One row of the table of pod lives: wait, report, go on.
struct LifeStage: Sendable {
    /// How long to wait before the report.
    enum Wait: Sendable {
        case none
        /// The start delay without the readiness lag.
        case start
        /// The readiness lag.
        case lag
        /// Half of the start delay, off by the jitter.
        case halfStart
        /// The seconds of the behaviour, off by the jitter.
        case behaviour(BehaviourName)
        /// Milliseconds, exactly.
        case exactly(Milliseconds)
        /// Until the back-off shows: a quarter of it, a second at most.
        case backOffLead
        /// The back-off, which then doubles.
        case backOff
    }

    /// What the kubelet reports.
    enum Report: Sendable {
        case creating
        case waiting(reason: String)
        /// The container runs. With `ready: nil` it is Ready only when there is no readiness probe.
        case running(ready: Bool?)
        case terminated(code: Int, reason: String)
        /// Nothing but the event that the readiness probe fails.
        case unhealthy
        /// The node's kubelet falls silent.
        case nodeSilent
        /// The node runs out of memory.
        case memoryPressure
    }

    /// Which row comes next.
    enum Next: Sendable {
        case end
        case row(Int)
        /// After a container's end: at once the first time, through the back-off later.
        case restart(first: Int, later: Int)
    }

    var wait: Wait
    var report: Report
    var next: Next

    init(_ wait: Wait, _ report: Report, _ next: Next) {
        self.wait = wait
        self.report = report
        self.next = next
    }
}

/// The lives of pods as data: the rows for each behaviour. The first row is where a bound pod begins.
enum LifeTable {
    /// How long a crashing container lives, in milliseconds.
    private static let shortLife: Milliseconds = 300
    /// The pause before the first restart, in milliseconds.
    private static let firstRestart: Milliseconds = 200
    /// How long a restarted container needs to be Ready, in milliseconds.
    private static let restartedLag: Milliseconds = 500
    /// Between two events of a failing readiness probe, in milliseconds.
    private static let probePause: Milliseconds = 30_000

    /// The rows of a pod's life. Behaviours that concern the start or the end of a pod only leave it the normal one.
    static func rows(for behaviour: Behaviour) -> [LifeStage] {
        if behaviour.has(.imagePullBackOff) { return imagePull }
        if behaviour.has(.createError) { return createError }
        if behaviour.has(.neverReady) { return neverReady }
        if behaviour.has(.crashLoop) { return crashLoop }
        if behaviour.has(.readyThenCrash) { return readyThenCrash }
        if behaviour.has(.oomKilled) { return oomKilled }
        if behaviour.has(.crashOnce) { return crashOnce }
        if behaviour.has(.flap) { return flap }
        if behaviour.has(.nodeDies) { return nodeDies }
        if behaviour.has(.nodePressure) { return nodePressure }
        return normal
    }

    private static let starting: [LifeStage] = [
        LifeStage(.none, .creating, .row(1)),
        LifeStage(.start, .running(ready: nil), .row(2)),
    ]

    private static let normal = starting + [LifeStage(.lag, .running(ready: true), .end)]

    private static let neverReady = [
        LifeStage(.none, .creating, .row(1)),
        LifeStage(.start, .running(ready: false), .row(2)),
        LifeStage(.exactly(probePause), .unhealthy, .row(2)),
    ]

    private static let flap =
        starting + [
            LifeStage(.lag, .running(ready: true), .row(3)),
            LifeStage(.behaviour(.flap), .running(ready: false), .row(4)),
            LifeStage(.behaviour(.flap), .running(ready: true), .row(3)),
        ]

    private static let nodeDies =
        starting + [
            LifeStage(.lag, .running(ready: true), .row(3)), LifeStage(.behaviour(.nodeDies), .nodeSilent, .end),
        ]

    private static let nodePressure =
        starting + [
            LifeStage(.lag, .running(ready: true), .row(3)),
            LifeStage(.behaviour(.nodePressure), .memoryPressure, .end),
        ]

    private static let imagePull = [
        LifeStage(.none, .creating, .row(1)),
        LifeStage(.halfStart, .waiting(reason: "ErrImagePull"), .row(2)),
        LifeStage(.exactly(1_000), .waiting(reason: "ImagePullBackOff"), .row(3)),
        LifeStage(.backOff, .waiting(reason: "ErrImagePull"), .row(2)),
    ]

    private static let createError = [
        LifeStage(.none, .creating, .row(1)),
        LifeStage(.halfStart, .waiting(reason: "CreateContainerConfigError"), .end),
    ]

    private static let crashLoop = [
        LifeStage(.none, .creating, .row(1)),
        LifeStage(.start, .running(ready: nil), .row(2)),
        LifeStage(.exactly(shortLife), .terminated(code: 1, reason: "Error"), .restart(first: 3, later: 4)),
        LifeStage(.exactly(firstRestart), .running(ready: nil), .row(2)),
        LifeStage(.backOffLead, .waiting(reason: "CrashLoopBackOff"), .row(5)),
        LifeStage(.backOff, .running(ready: nil), .row(2)),
    ]

    private static let readyThenCrash =
        starting + [
            LifeStage(.lag, .running(ready: true), .row(3)),
            LifeStage(
                .behaviour(.readyThenCrash), .terminated(code: 1, reason: "Error"), .restart(first: 4, later: 6)),
            LifeStage(.exactly(firstRestart), .running(ready: nil), .row(5)),
            LifeStage(.exactly(shortLife), .terminated(code: 1, reason: "Error"), .restart(first: 4, later: 6)),
            LifeStage(.backOffLead, .waiting(reason: "CrashLoopBackOff"), .row(7)),
            LifeStage(.backOff, .running(ready: nil), .row(5)),
        ]

    private static let oomKilled =
        starting + [
            LifeStage(.lag, .running(ready: true), .row(3)),
            LifeStage(
                .behaviour(.oomKilled), .terminated(code: 137, reason: "OOMKilled"), .restart(first: 4, later: 6)),
            LifeStage(.exactly(firstRestart), .running(ready: nil), .row(5)),
            LifeStage(.exactly(restartedLag), .running(ready: true), .row(3)),
            LifeStage(.backOffLead, .waiting(reason: "CrashLoopBackOff"), .row(7)),
            LifeStage(.backOff, .running(ready: nil), .row(5)),
        ]

    private static let crashOnce =
        starting + [
            LifeStage(.lag, .running(ready: true), .row(3)),
            LifeStage(.behaviour(.crashOnce), .terminated(code: 2, reason: "Error"), .row(4)),
            LifeStage(.exactly(firstRestart), .running(ready: nil), .row(5)),
            LifeStage(.exactly(restartedLag), .running(ready: true), .end),
        ]
}
