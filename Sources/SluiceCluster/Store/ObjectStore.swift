import SluiceCore

/// All objects, one counter of versions over all kinds, and the latest changes of each kind.
struct ObjectStore: Sendable {
    private struct Table: Sendable {
        var objects: [String: StoredObject] = [:]
        var history: [Change] = []
        /// The version of the newest change that is no longer in the history.
        var forgotten = 0

        /// Keeps a change, and lets go of the oldest when twice the limit is reached: so each is moved once at most.
        mutating func remember(_ change: Change, limit: Int) {
            history.append(change)
            guard history.count > 2 * limit else { return }
            let dropped = history.count - limit
            forgotten = history[dropped - 1].version
            history.removeFirst(dropped)
        }
    }

    private var tables: [ResourceKind: Table] = [:]
    private let historyLimit: Int
    /// The version of the latest write.
    private(set) var version = 0

    init(historyLimit: Int) {
        self.historyLimit = historyLimit
    }

    /// The version that the next write gets.
    var nextVersion: Int { version + 1 }

    func object(_ kind: ResourceKind, _ namespace: String, _ name: String) -> StoredObject? {
        tables[kind.stored]?.objects[namespace.isEmpty ? name : "\(namespace)/\(name)"]
    }

    /// The objects of a selection, ordered by key.
    func objects(_ kind: ResourceKind, _ selection: Selection = Selection()) -> [StoredObject] {
        guard let table = tables[kind.stored] else { return [] }
        return table.objects.filter { selection.matches($0.value) }.sorted { $0.key < $1.key }.map(\.value)
    }

    /// Counts a write that leaves nothing in the store.
    mutating func countUp() { version += 1 }

    /// Stores the next version of an object and tells what changed.
    mutating func put(_ kind: ResourceKind, _ object: StoredObject) -> Change {
        version = object.version
        let before = tables[kind, default: Table()].objects.updateValue(object, forKey: object.key)
        return remember(
            kind,
            Change(kind: before == nil ? .added : .modified, version: version, before: before, after: object))
    }

    /// Removes an object. The last state, as those who watch see it, carries the version of the deletion.
    mutating func remove(_ kind: ResourceKind, last object: StoredObject) -> Change? {
        guard let before = tables[kind]?.objects.removeValue(forKey: object.key) else { return nil }
        version = object.version
        return remember(kind, Change(kind: .deleted, version: version, before: before, after: object))
    }

    private mutating func remember(_ kind: ResourceKind, _ change: Change) -> Change {
        tables[kind, default: Table()].remember(change, limit: historyLimit)
        return change
    }

    /// The changes after a version; nil when some of them are forgotten.
    func changes(_ kind: ResourceKind, after version: Int) -> ArraySlice<Change>? {
        guard let table = tables[kind.stored] else { return [] }
        guard version >= table.forgotten else { return nil }
        var low = 0
        var high = table.history.count
        while low < high {
            let middle = (low + high) / 2
            if table.history[middle].version <= version { low = middle + 1 } else { high = middle }
        }
        return table.history[low...]
    }

    /// Forgets all changes up to now, as a compaction of the real store does.
    mutating func compact() {
        for kind in tables.keys {
            tables[kind]?.history.removeAll()
            tables[kind]?.forgotten = version
        }
    }
}
