import SluiceCore

/// A list that was handed out in part: later pages come from the same state.
struct ListSnapshot: Sendable {
    var kind: ResourceKind
    var version: Int
    var takenAt: Timestamp
    var objects: [StoredObject]
}

/// How long pages are served from one state, in milliseconds.
private let snapshotLifetime: Milliseconds = 300_000
/// How many lists may be handed out in parts at once.
private let snapshotLimit = 32
/// Milliseconds between two bookmarks.
private let bookmarkInterval: Milliseconds = 60_000
/// How long before its end a watch gets its last bookmark, in milliseconds.
private let lastBookmarkLead: Milliseconds = 1_000
/// The shortest life of a watch that names no timeout, in milliseconds; as much again is drawn by chance.
private let defaultWatchLife: Milliseconds = 1_800_000

extension Cluster {
    mutating func get(_ place: Place, _ name: String, _ request: ClusterRequest) throws(Failure) -> ClusterAnswer {
        if place.kind == .leases, place.namespace == nodeLeases { renewLease(ofNode: name) }
        guard let object = store.object(place.kind, place.namespace ?? "", name) else {
            throw .notFound(place.kind, name)
        }
        let shape = Shape(accept: request.headers["accept"])
        return ClusterAnswer(status: 200, body: object.rendered(place.kind, shape, at: now) + "\n")
    }

    mutating func listOrWatch(
        _ place: Place, _ target: Target, _ request: ClusterRequest
    ) throws(Failure) -> ClusterResponse {
        let selection = try Selection(kind: place.kind, namespace: place.namespace, target: target)
        let shape = Shape(accept: request.headers["accept"])
        if target.isSet("watch") {
            return .watch(try openWatch(place.kind, selection, shape, target))
        }
        return .answer(try list(place.kind, selection, shape, target))
    }

    private mutating func list(
        _ kind: ResourceKind, _ selection: Selection, _ shape: Shape, _ target: Target
    ) throws(Failure) -> ClusterAnswer {
        let limit = target["limit"].flatMap(Int.init) ?? 0
        var version = store.version
        var objects: [StoredObject]
        if let token = target["continue"], !token.isEmpty {
            let place = try ContinueToken(text: token)
            if place.version < 0 {
                objects = store.objects(kind, selection)
            } else {
                version = place.version
                objects = try snapshot(kind, place).filter(selection.matches)
            }
            let start = place.key(in: selection.namespace)
            objects = Array(objects.drop { $0.key < start })
        } else {
            try checkVersion(target["resourceVersion"], exact: target["resourceVersionMatch"] == "Exact")
            objects = store.objects(kind, selection)
        }
        var next: String?
        var remaining = 0
        if limit > 0, objects.count > limit, target["resourceVersion"] != "0" {
            remaining = objects.count - limit
            objects = Array(objects.prefix(limit))
            next = objects.last.map { ContinueToken(after: $0, kind, version, in: selection.namespace).text }
            keepSnapshot(kind, version)
        }
        let count = selection.hasSelectors || next == nil ? nil : remaining
        return ClusterAnswer(
            status: 200,
            body: Self.listText(
                kind, objects, shape, ListMetadata(version: version, next: next, remaining: count), at: now))
    }

    private func snapshot(_ kind: ResourceKind, _ token: ContinueToken) throws(Failure) -> [StoredObject] {
        let found = snapshots.first { $0.kind == kind && $0.version == token.version }
        guard let found, now.millisecondsSince1970 - found.takenAt.millisecondsSince1970 <= snapshotLifetime else {
            throw token.expired
        }
        return found.objects
    }

    private mutating func keepSnapshot(_ kind: ResourceKind, _ version: Int) {
        if let known = snapshots.firstIndex(where: { $0.kind == kind && $0.version == version }) {
            snapshots[known].takenAt = now
            return
        }
        let objects = store.objects(kind)
        snapshots.append(ListSnapshot(kind: kind, version: version, takenAt: now, objects: objects))
        if snapshots.count > snapshotLimit { snapshots.removeFirst() }
    }

    private func checkVersion(_ text: String?, exact: Bool) throws(Failure) {
        guard let text, !text.isEmpty else { return }
        guard let asked = Int(text), asked >= 0 else {
            throw .badRequest("resourceVersion: Invalid value: \"\(text)\": strconv.ParseUint: invalid syntax")
        }
        if asked > store.version {
            var failure = Failure(
                504, "Timeout", "Timeout: Too large resource version: \(asked), current: \(store.version)",
                details: [
                    "causes": [["reason": "ResourceVersionTooLarge", "message": "Too large resource version"]],
                    "retryAfterSeconds": 1,
                ])
            failure.headers = [("Retry-After", "1")]
            throw failure
        }
        if exact, asked < store.version {
            throw Failure(410, "Expired", "The resourceVersion for the provided list is too old.")
        }
    }

    private mutating func openWatch(
        _ kind: ResourceKind, _ selection: Selection, _ shape: Shape, _ target: Target
    ) throws(Failure) -> Int {
        var watch = Watch(
            kind: kind, selection: selection, shape: shape, wantsBookmarks: target.isSet("allowWatchBookmarks"))
        let asked = target["resourceVersion"] ?? ""
        guard let from = asked.isEmpty ? 0 : Int(asked), from >= 0 else {
            throw Failure(
                500, nil,
                "resourceVersion: Invalid value: \"\(asked)\": strconv.ParseUint: parsing \"\(asked)\": invalid syntax")
        }
        let wantsAll = target.isSet("sendInitialEvents")
        if from == 0 || wantsAll {
            for object in store.objects(kind, selection) {
                watch.append("ADDED", object.rendered(kind, shape, at: now))
            }
            if wantsAll { watch.append("BOOKMARK", watch.bookmark(store.version, initialEventsEnd: true)) }
        } else if let changes = store.changes(kind, after: from) {
            for change in changes {
                guard let seen = change.seen(by: selection) else { continue }
                watch.append(seen.rawValue, change.after.rendered(kind, shape, at: now))
            }
        } else {
            let failure = Failure(410, "Expired", "too old resource version: \(from) (\(store.version))")
            watch.append("ERROR", failure.status.serialized)
            watch.hasEnded = true
        }
        let hasEnded = watch.hasEnded
        let wantsBookmarks = watch.wantsBookmarks
        let id = watches.add(watch)
        if !hasEnded { setTimers(of: id, target, wantsBookmarks: wantsBookmarks) }
        return id
    }

    private mutating func setTimers(of id: Int, _ target: Target, wantsBookmarks: Bool) {
        let drawn = Milliseconds(drawing.unit("watch", UInt64(id)) * Double(defaultWatchLife))
        let asked = target["timeoutSeconds"].flatMap { Int64($0) }.map { milliseconds(seconds: $0) }
        let life = asked.flatMap { $0 > 0 ? $0 : nil } ?? defaultWatchLife + drawn
        after(life, .watchEnd(watch: id))
        guard wantsBookmarks else { return }
        after(bookmarkInterval, .bookmark(watch: id))
        if life > bookmarkInterval { after(life - lastBookmarkLead, .bookmark(watch: id)) }
    }

    mutating func writeBookmark(to id: Int) {
        guard let watch = watches.open[id], !watch.hasEnded else { return }
        watches.append("BOOKMARK", watch.bookmark(store.version), to: id)
        after(bookmarkInterval, .bookmark(watch: id))
    }

    mutating func endWatch(_ id: Int) {
        watches.end(id)
    }
}

/// The metadata of a list.
struct ListMetadata: Sendable {
    var version: Int
    var next: String?
    var remaining: Int?

    var text: String {
        var text = "{\"resourceVersion\":\"\(version)\""
        if let next { text += ",\"continue\":\"\(next)\"" }
        if let remaining { text += ",\"remainingItemCount\":\(remaining)" }
        return text + "}"
    }
}
