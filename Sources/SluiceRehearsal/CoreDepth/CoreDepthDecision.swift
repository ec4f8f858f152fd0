public import SluiceCore

/// One decision of a run, for comparisons between depths.
public struct CoreDepthDecision: Sendable, Hashable {
    /// What was decided.
    public enum What: Sendable, Hashable {
        /// A line of the journal.
        case journal(JournalLine)
        /// The order to delete a node's pod left.
        case delete(node: String, pod: String)
    }

    /// Milliseconds since the beginning.
    public var time: Milliseconds
    /// What was decided.
    public var what: What
}
