import SluiceCore

/// The annotation of a pod template that says how its pods behave.
let behaviourAnnotation = "cluster.sluice/behaviour"

/// One way for a pod to behave.
enum BehaviourName: String, Sendable, CaseIterable {
    case normal
    /// The container is started late, as after a long pull.
    case slow
    /// The container runs, and its readiness probe takes long to pass.
    case slowReady = "slow-ready"
    case neverReady = "never-ready"
    case crashLoop = "crash-loop"
    case crashOnce = "crash-once"
    case imagePullBackOff = "image-pull-backoff"
    case readyThenCrash = "ready-then-crash"
    case oomKilled = "oom-killed"
    case flap
    /// After a while its node's kubelet falls silent.
    case nodeDies = "node-dies"
    /// After a while its node runs out of memory.
    case nodePressure = "node-pressure"
    case createError = "create-error"
    case slowTermination = "slow-termination"
    case stuckTermination = "stuck-termination"
    /// Ready, but its target is down for Prometheus.
    case silent
    /// Ready, but Prometheus has no target for it.
    case absent
    /// The API server refuses to create the pod.
    case refused

    /// All names, as a message lists them.
    static var list: String { allCases.map(\.rawValue).joined(separator: ", ") }

    /// Seconds when none are said.
    var defaultSeconds: Double {
        switch self {
        case .slow: 30
        case .slowReady: 60
        case .crashOnce: 1
        case .readyThenCrash, .nodeDies, .nodePressure: 20
        case .oomKilled, .flap: 5
        case .slowTermination: 60
        default: 0
        }
    }
}

/// One part of a behaviour annotation: `NAME`, `NAME=SECONDS`, each with `@WHERE` or without.
struct BehaviourClause: Sendable {
    /// On which nodes it holds.
    enum Scope: Sendable {
        case everywhere
        case label(key: String, value: String)
        /// A node name with `*` for any text.
        case name(String)
        /// A share of the nodes, in percent.
        case percent(Double)
    }

    var name: BehaviourName
    var seconds: Double
    var scope: Scope

    /// Reads one part; nil when it names no behaviour.
    init?(_ text: Substring) {
        let parts = text.split(separator: "@", maxSplits: 1)
        let words = (parts.first ?? "").split(separator: "=", maxSplits: 1).map(Self.trimmed)
        guard let name = BehaviourName(rawValue: words.first ?? "") else { return nil }
        self.name = name
        seconds = words.count > 1 ? Double(words[1]) ?? name.defaultSeconds : name.defaultSeconds
        guard parts.count > 1 else {
            scope = .everywhere
            return
        }
        let place = Self.trimmed(parts[1])
        let pair = place.split(separator: "=", maxSplits: 1).map(String.init)
        if pair.count == 2 {
            scope = .label(key: pair[0], value: pair[1])
        } else if place.hasSuffix("%"), let share = Double(place.dropLast()) {
            scope = .percent(share)
        } else {
            scope = .name(place)
        }
    }

    /// All parts of an annotation; what names no behaviour is left out.
    static func read(_ text: String) -> [BehaviourClause] {
        text.split(separator: ",").compactMap { BehaviourClause($0) }
    }

    /// The parts of an annotation that name no behaviour.
    static func unknown(in text: String) -> [String] {
        text.split(separator: ",").filter { BehaviourClause($0) == nil }.map(String.init)
    }

    /// The behaviour that an image's tag names: `…:v1.9.0-crash-loop`, `…:v2-slow-45`.
    static func read(image: String) -> BehaviourClause? {
        let file = image.split(separator: "/").last ?? ""
        guard let tag = file.split(separator: ":").dropFirst().last else { return nil }
        let words = tag.split { "-_.".contains($0) }
        for name in BehaviourName.allCases.sorted(by: { $0.rawValue.utf8.count > $1.rawValue.utf8.count })
        where name != .normal {
            let wanted = name.rawValue.split(separator: "-")
            guard words.count >= wanted.count else { continue }
            for start in 0...(words.count - wanted.count)
            where words[start..<(start + wanted.count)].elementsEqual(wanted) {
                let next = words.dropFirst(start + wanted.count).first
                return BehaviourClause("\(name.rawValue)\(next.flatMap { Double($0) }.map { "=\($0)" } ?? "")")
            }
        }
        return nil
    }

    func holds(on node: String, _ labels: [String: String]) -> Bool {
        switch scope {
        case .everywhere: true
        case .label(let key, let value): labels[key] == value
        case .name(let pattern): Self.matches(Array(pattern)[...], Array(node)[...])
        case .percent(let share): BehaviourRule.isDrawn(node: node, percent: share)
        }
    }

    private static func matches(_ pattern: ArraySlice<Character>, _ text: ArraySlice<Character>) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        if first == "*" {
            return matches(pattern.dropFirst(), text) || (!text.isEmpty && matches(pattern, text.dropFirst()))
        }
        return text.first == first && matches(pattern.dropFirst(), text.dropFirst())
    }

    private static func trimmed(_ text: Substring) -> String {
        var rest = text
        while rest.first == " " { rest = rest.dropFirst() }
        while rest.last == " " { rest = rest.dropLast() }
        return String(rest)
    }
}

/// How one pod behaves: the clauses that hold on its node, with their seconds.
struct Behaviour: Sendable {
    private var seconds: [BehaviourName: Double] = [:]

    init(_ clauses: [BehaviourClause], on node: String, _ labels: [String: String]) {
        for clause in clauses where clause.holds(on: node, labels) { seconds[clause.name] = clause.seconds }
    }

    func has(_ name: BehaviourName) -> Bool { seconds[name] != nil }

    /// The time that a behaviour carries, in milliseconds; nil when the pod does not have it.
    func time(_ name: BehaviourName) -> Milliseconds? {
        seconds[name].map { $0.isFinite ? Milliseconds(max(0, min($0, 1e9)) * 1_000) : 0 }
    }

    var isRefused: Bool { has(.refused) }
}

extension BehaviourClause {
    fileprivate init?(_ text: String) { self.init(Substring(text)) }
}
