import ArgumentParser
import SluiceCore
import SluiceStore

/// What `skip` and `retry` share: which nodes of which rollout, and why.
struct NodeFlags: ParsableArguments {
    @Argument(help: "The nodes, by name.")
    var nodes: [String]

    @Option(help: "The rollout, or ds/NAME; may be left out when only one is under way.")
    var rollout: String?

    @Option(help: "Why; shown by status and the reports, and kept in the history.")
    var reason: String

    @Option(name: [.short, .long], help: ArgumentHelp("The namespace, for ds/NAME.", valueName: "name"))
    var namespace: String?

    @OptionGroup var state: StateFlags
    @OptionGroup var output: OutputFlags

    func validate() throws {
        if reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason must say why") }
    }

    /// What is asked of single nodes.
    struct Question {
        /// The request for a node.
        var request: (_ node: String) -> OperatorRequest
        /// Whether the rollout as it stands can do it.
        var isPossible: (RolloutState, _ node: String) -> Bool
        /// Whether it has been done.
        var isDone: (NodeRecord) -> Bool
        /// What is said when it has.
        var done: String
        /// Which nodes it is for, for the message when one is not such.
        var isFor: String
    }

    /// Asks about all nodes or, when it cannot be done for one of them, about none.
    func ask(_ question: Question) throws {
        let store = try state.openExisting()
        let id = try RolloutSelection(store: store, namespace: namespace).find(rollout, acceptsFinished: false).id
        let before = try load(id, store)
        let refused = nodes.filter { !question.isPossible(before, $0) }
        guard refused.isEmpty else {
            throw CommandFailure(
                .failed, lines: refused.map { refusal(of: $0, question, before) } + ["nothing was done"])
        }
        for node in nodes {
            let request = LiveRequest(store: store, rollout: id, output: output)
            guard try request.apply(question.request(node)) else { continue }
            // The driver may have been quicker.
            let after = try load(id, store)
            guard let record = after.nodes[node], question.isDone(record) else {
                throw CommandFailure(.failed, refusal(of: node, question, after))
            }
            output.say("node \(node) \(question.done)")
        }
        let phase = try load(id, store).rollout.phase
        if try !store.isDriven(id), !phase.isFinal {
            output.say("nobody drives it at the moment; then: sluice resume \(id)")
        }
    }

    private func load(_ id: String, _ store: Store) throws -> RolloutState {
        guard let state = try store.load(id) else {
            throw CommandFailure(.failed, "rollout \(id) is not in \(store.path)")
        }
        return state
    }

    private func refusal(of node: String, _ question: Question, _ state: RolloutState) -> String {
        let id = state.rollout.id
        guard !state.rollout.phase.isFinal else { return "rollout \(id) is \(state.rollout.phase.rawValue) already" }
        guard let record = state.nodes[node] else {
            return "rollout \(id) has no node \(node); `sluice status \(id) -o wide` names those it has notes on"
        }
        let place = record.wave == nil ? ", and in no wave" : ""
        return "node \(node) of rollout \(id) is \(record.status.rawValue)\(place): this is for nodes that are "
            + question.isFor
    }
}
