import SluiceCluster
import SluiceCore

/// A way for a new version to be bad, in the embedded cluster's words for behaviours.
public struct BadVersion: Sendable, Hashable {
    /// The kinds.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case neverReady = "never-ready"
        case crashLoop = "crash-loop"
        case crashOnce = "crash-once"
        case readyThenCrash = "ready-then-crash"
        case oomKilled = "oom-killed"
        case flap
        case imagePullBackOff = "image-pull-backoff"
        case createError = "create-error"
        case refused
        case slow
        case stuckTermination = "stuck-termination"
        case silent
        case absent
    }

    /// The kind.
    public var kind: Kind
    /// The seconds that the kind carries; nil for kinds that carry none.
    public var seconds: Int64?

    /// What is tried unless a person says otherwise: every kind that shows in a rollout. Pods that do not end show in the
    /// next one.
    public static let usual = Kind.allCases.filter { $0 != .stuckTermination }.map { BadVersion($0) }

    /// A bad version.
    public init(_ kind: Kind, seconds: Int64? = nil) {
        self.kind = kind
        self.seconds = kind.defaultSeconds.map { seconds ?? $0 }
    }

    /// Reads `KIND` or `KIND=SECONDS`.
    ///
    /// - Throws: ``BadVersionError`` that lists the kinds.
    public init(parsing text: String) throws(BadVersionError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let kind = Kind(rawValue: parts.first ?? "") else {
            let kinds = Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw BadVersionError(description: "\"\(text)\" is no kind of bad version; known are \(kinds)")
        }
        guard parts.count > 1 else {
            self.init(kind)
            return
        }
        guard kind.defaultSeconds != nil, let seconds = Int64(parts[1]), (1...1_000_000).contains(seconds) else {
            let takes = kind.defaultSeconds == nil ? "takes no seconds" : "takes whole seconds from 1 to 1000000"
            throw BadVersionError(description: "\"\(text)\": \(kind.rawValue) \(takes)")
        }
        self.init(kind, seconds: seconds)
    }

    /// What the rehearsal does with every pod of the new version.
    public var meaning: String {
        let time = seconds.map { "\($0) s" } ?? ""
        return switch kind {
        case .neverReady: "runs, but its readiness probe never passes"
        case .crashLoop: "crashes as soon as it runs, again and again"
        case .crashOnce: "crashes once, \(time) after it is Ready"
        case .readyThenCrash: "crashes \(time) after it is Ready, then again and again"
        case .oomKilled: "is OOM-killed every \(time)"
        case .flap: "is Ready for \(time), not Ready for \(time), and so on"
        case .imagePullBackOff: "its image cannot be pulled"
        case .createError: "names a ConfigMap that is not there"
        case .refused: "the API server refuses to create its pods"
        case .slow: "needs \(time) to become Ready"
        case .stuckTermination: "does not end when it is deleted"
        case .silent: "is Ready, but its target is down"
        case .absent: "is Ready, but Prometheus has no target for it"
        }
    }

    /// Whether nothing but a gate can see it.
    public var needsGate: Bool { kind == .silent || kind == .absent }

    func rule(image: String) -> BehaviourRule {
        BehaviourRule(imagePart: image, behaviour: kind.rawValue + (seconds.map { "=\($0)" } ?? ""))
    }
}

extension BadVersion.Kind {
    /// The seconds when none are said; nil for kinds that carry none.
    fileprivate var defaultSeconds: Int64? {
        switch self {
        case .crashOnce, .readyThenCrash: 60
        case .oomKilled: 600
        case .flap: 30
        case .slow: 120
        case .neverReady, .crashLoop, .imagePullBackOff, .createError, .refused, .stuckTermination, .silent, .absent:
            nil
        }
    }
}

/// Why a text names no bad version.
public struct BadVersionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was met and what was expected.
    public var description: String
}
