import SluiceCore

/// One open watch.
struct Watch: Sendable {
    var kind: ResourceKind
    var selection: Selection
    var shape: Shape
    var wantsBookmarks: Bool
    /// Lines that wait to be taken.
    var output: [String] = []
    var hasEnded = false

    mutating func append(_ type: String, _ object: String) {
        output.append("{\"type\":\"\(type)\",\"object\":\(object)}\n")
    }

    /// A bookmark: nothing but a version.
    func bookmark(_ version: Int, initialEventsEnd: Bool = false) -> String {
        let annotation = initialEventsEnd ? ",\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}" : ""
        let tail = kind == .pods ? ",\"spec\":{\"containers\":null},\"status\":{}}" : "}"
        return "\(kind.opening)\"metadata\":{\"resourceVersion\":\"\(version)\"\(annotation)}\(tail)"
    }
}

/// The form in which a reader wants objects.
enum Shape: Sendable, Equatable {
    case object
    /// Columns for people, as kubectl asks for them.
    case table
    /// The metadata alone.
    case metadata

    /// Whether one of the forms that a reader takes is served. Protobuf is answered in JSON, as clients tell from the
    /// answer.
    static func isServed(_ accept: String?) -> Bool {
        guard let accept, !accept.isEmpty, accept != "application/json" else { return true }
        return ["json", "*/*", "application/*", "protobuf", "yaml"].contains { accept.contains($0) }
    }

    init(accept: String?) {
        self = .object
        guard let accept, accept != "application/json" else { return }
        for option in accept.split(separator: ",") {
            if option.contains("as=Table") {
                self = .table
                return
            }
            if option.contains("as=PartialObjectMetadata") {
                self = .metadata
                return
            }
            if !option.contains("as=") { break }
        }
    }
}

/// All open watches and what they have to say.
struct Watches: Sendable {
    private(set) var open: [Int: Watch] = [:]
    private var byKind: [ResourceKind: [Int]] = [:]
    private var last = 0
    /// Watches with lines to take or that have ended, in the order in which that happened.
    private(set) var pending: [Int] = []

    mutating func add(_ watch: Watch) -> Int {
        last += 1
        open[last] = watch
        byKind[watch.kind.stored, default: []].append(last)
        note(last)
        return last
    }

    mutating func remove(_ id: Int) {
        guard let watch = open.removeValue(forKey: id) else { return }
        byKind[watch.kind.stored]?.removeAll { $0 == id }
    }

    /// Writes a change to every watch that sees it.
    mutating func publish(_ kind: ResourceKind, _ change: Change, at now: Timestamp) {
        var lines: [Change.Kind: String] = [:]
        for id in byKind[kind] ?? [] {
            // The watch itself is not held here: its output would be copied by every line.
            guard open[id]?.hasEnded == false, let selection = open[id]?.selection, let shape = open[id]?.shape,
                let watched = open[id]?.kind, let seen = change.seen(by: selection)
            else { continue }
            if shape == .object, watched == kind {
                let line = lines[seen] ?? "{\"type\":\"\(seen.rawValue)\",\"object\":\(change.after.single(kind))}\n"
                lines[seen] = line
                open[id]?.output.append(line)
            } else {
                open[id]?.append(seen.rawValue, change.after.rendered(watched, shape, at: now))
            }
            note(id)
        }
    }

    mutating func append(_ type: String, _ object: String, to id: Int) {
        open[id]?.append(type, object)
        note(id)
    }

    mutating func end(_ id: Int) {
        guard open[id] != nil else { return }
        open[id]?.hasEnded = true
        note(id)
    }

    /// The lines of a watch that were not taken yet, and whether it has ended.
    mutating func take(_ id: Int) -> (lines: [String], hasEnded: Bool) {
        pending.removeAll { $0 == id }
        guard let hasEnded = open[id]?.hasEnded else { return ([], true) }
        var lines: [String] = []
        if let output = open[id]?.output, !output.isEmpty { lines = output }
        open[id]?.output = []
        return (lines, hasEnded)
    }

    private mutating func note(_ id: Int) {
        if !pending.contains(id) { pending.append(id) }
    }
}
