/// What looking at a ConfigMap or a Secret has brought.
public enum ConfigReading: Sendable, Hashable {
    /// It is there, in this state.
    case present(ConfigVersion)
    /// There is none of that name.
    case missing
    /// It cannot be read, for lack of a right as a rule, and asking again will not help; why, in one sentence.
    case unreadable(String)
    /// It could not be read this time; why, in one sentence.
    case failed(String)
}

/// A ConfigMap or a Secret that the target template reads, as it was seen last, as the database keeps it: one row. Its
/// content is never read.
public struct ConfigRecord: Sendable, Hashable {
    /// What is known of it.
    public enum Standing: String, Sendable, Hashable, CaseIterable {
        /// It was there, in the state that the record holds.
        case present
        /// It was not there.
        case missing
        /// It cannot be read, and that was said.
        case unreadable
        /// Whatever it is by now counts as seen: a person has gone on after it changed.
        case accepted
    }

    /// The object.
    public var object: ConfigObject
    /// What is known of it.
    public var standing: Standing
    /// The object's identity; empty when it was not there.
    public var uid: String
    /// Its state; empty when it was not there.
    public var resourceVersion: String
    /// When it was seen so for the first time.
    public var seenAt: Timestamp

    /// A ConfigMap or a Secret as it was seen last.
    public init(
        object: ConfigObject, standing: Standing, uid: String = "", resourceVersion: String = "", seenAt: Timestamp
    ) {
        self.object = object
        self.standing = standing
        self.uid = uid
        self.resourceVersion = resourceVersion
        self.seenAt = seenAt
    }
}
