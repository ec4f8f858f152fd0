import SluiceClients
import SluiceCluster
import SluiceCore
import SluiceRunner
import SluiceStore

/// Watches one property of a run. It is told what happens and asks the world what is true; with the engine it shares no
/// rule.
protocol Judge: AnyObject {
    /// The property's name, as violations carry it.
    var name: String { get }

    /// A driver sends a request.
    func requestLeaves(
        _ request: HTTPRequest, _ purpose: Wire.Purpose, by process: SimulatedProcess, in world: World)
    /// A request will never reach the server.
    func requestLost(_ purpose: Wire.Purpose, by process: SimulatedProcess, in world: World)
    /// The server refused a request for the token in it. The client may send it again with another one, or give it up.
    func tokenRefused(_ purpose: Wire.Purpose, by process: SimulatedProcess, in world: World)
    /// The server has dealt with a request to delete a pod; nobody's when it was none of the drivers'.
    func podDeleted(_ record: PodDeleteRecord, by process: SimulatedProcess?, in world: World)
    /// Something in the cluster has changed.
    func truthChanged(_ truth: Truth, in world: World)
    /// A driver takes a rollout up as it is stored.
    func driverBegins(with state: RolloutState, as process: SimulatedProcess, in world: World)
    /// A driver has decided and written down what it decided, and acts upon it next.
    func turnTaken(_ turn: RolloutTurn, by process: SimulatedProcess, in world: World)
    /// A person has asked the drivers of a machine for something.
    func personAsked(_ request: OperatorRequest, on machine: Machine, in world: World)
    /// A driver has ended by itself.
    func driverEnded(_ outcome: DriverOutcome, by process: SimulatedProcess, in world: World)
    /// Everybody has ended.
    func runEnded(_ run: FinishedRun, in world: World)
}

extension Judge {
    func requestLeaves(
        _ request: HTTPRequest, _ purpose: Wire.Purpose, by process: SimulatedProcess, in world: World
    ) {}
    func requestLost(_ purpose: Wire.Purpose, by process: SimulatedProcess, in world: World) {}
    func tokenRefused(_ purpose: Wire.Purpose, by process: SimulatedProcess, in world: World) {}
    func podDeleted(_ record: PodDeleteRecord, by process: SimulatedProcess?, in world: World) {}
    func truthChanged(_ truth: Truth, in world: World) {}
    func driverBegins(with state: RolloutState, as process: SimulatedProcess, in world: World) {}
    func turnTaken(_ turn: RolloutTurn, by process: SimulatedProcess, in world: World) {}
    func personAsked(_ request: OperatorRequest, on machine: Machine, in world: World) {}
    func driverEnded(_ outcome: DriverOutcome, by process: SimulatedProcess, in world: World) {}
    func runEnded(_ run: FinishedRun, in world: World) {}
}

/// How a driver's process ended.
enum DriverOutcome {
    case ended(RolloutDriver.Ending, RolloutState)
    /// There was nothing to do: every node has the target revision.
    case nothingToDo
    /// It could not begin; nothing was changed.
    case refused(DrivingRefusal)
    /// It could not begin for an error of the cluster or the database.
    case failed(any Error)
    /// It died.
    case died
}

extension DriverOutcome {
    /// The outcome for a trace.
    var text: String {
        switch self {
        case .ended(let ending, let state): "\(ending), \(state.rollout.phase.rawValue)"
        case .nothingToDo: "nothing to do"
        case .refused(let refusal): "refused: \(refusal.lines.joined(separator: "; "))"
        case .failed(let error): "failed: \(error)"
        case .died: "died"
        }
    }
}

/// A run when everything is over.
struct FinishedRun {
    /// A rollout as the database of the last driver's machine keeps it.
    struct Rollout {
        var state: RolloutState
        var journal: [JournalLine]
        var messages: [OutboxRecord]
    }

    /// All rollouts, the newest first: a way back before what it undoes.
    var rollouts: [Rollout] = []

    /// The newest rollout; nil when none was ever stored.
    var state: RolloutState? { rollouts.first?.state }
}
