public import SluiceCore

/// The limits of a rehearsal, each with its unit.
public enum RehearsalLimits {
    /// The most runs of one rehearsal.
    public static let seeds = 100_000
    /// How long a run may last in virtual time, in milliseconds: 400 days. What is not over then never ends.
    public static let longestRun: Milliseconds = 400 * 86_400_000
    /// The most churn, in percent of the nodes a day.
    public static let churnPercent = 1_000.0
    /// The longest start or end of a pod that can be assumed, in seconds: a day.
    public static let podSeconds: Int64 = 86_400
    /// The largest snapshot, in bytes.
    public static let snapshotBytes = 1 << 31
    /// How old a refused creation may be to count as the reason for a missing pod, in milliseconds; as long as a client
    /// takes an Event for fresh.
    static let refusalFreshness: Milliseconds = 60_000
    /// From the end of a node until its replacement joins, in milliseconds.
    static let replacementDelay: Milliseconds = 60_000
}
