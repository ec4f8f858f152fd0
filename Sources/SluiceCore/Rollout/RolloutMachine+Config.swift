/// Configuration that no revision shows: a ConfigMap or a Secret that is edited during a rollout changes old pods and new
/// ones alike, so what the nodes before it showed says nothing about those after it.
extension RolloutMachine {
    /// What is known of the target template's configuration since this driver started.
    struct ConfigMemory: Sendable {
        /// What the template reads.
        var objects: [ConfigObject]
        /// What an answer is awaited about.
        var out: Set<ConfigObject> = []
        var outSince: Milliseconds = 0
        /// When the last look that is over began and ended.
        var askedAt: Milliseconds?
        var readAt: Milliseconds?
        /// Why that look counts for nothing.
        var trouble: String?
        /// Why the present one will.
        var newTrouble: String?
        /// What was said not to be readable.
        var told: Set<ConfigObject> = []
        /// What was said not to have been read, which may work later.
        var missed: Set<ConfigObject> = []

        init(_ template: PodTemplate) { objects = template.configReferences.map(\.object) }

        /// Reads from another template on, of which nothing may be known yet.
        mutating func adopt(_ template: PodTemplate) {
            let known = Set(objects)
            objects = template.configReferences.map(\.object)
            if !known.isSuperset(of: objects) { askedAt = nil }
        }
    }

    /// The time between two looks for each object, in milliseconds: however many there are, the API server gets one request
    /// a minute on average.
    static let configInterval: Milliseconds = 60_000

    private var isConfigWatched: Bool { plan.onConfigChanged != .ignore && !memory.config.objects.isEmpty }

    /// The holds of configuration that has yet to be looked at, where a delete or the end of the last soak is near.
    func configHolds() -> [Hold] {
        guard isConfigWatched, isDeleteNear || isLastSoakOver, !isConfigSeen else { return [] }
        let reason = memory.config.trouble ?? "being looked at"
        return [Hold(.observation, "the template's configuration: \(reason)")]
    }

    private var isConfigSeen: Bool {
        guard memory.config.trouble == nil, let askedAt = memory.config.askedAt else { return false }
        return askedAt >= memory.looksValidFrom
    }

    private var isLastSoakOver: Bool {
        guard state.rollout.phase == .soaking, state.rollout.waveIndex == state.waves.count - 1, let end = soakEndsAt()
        else { return false }
        return end <= turn.now.monotonic
    }

    /// Whether the configuration was looked at after the end of the soak, if it is the last one: any other wave is followed
    /// by one that begins with a look.
    mutating func isConfigSeenAtEnd() -> Bool {
        guard isConfigWatched, isLastSoakOver, let end = soakEndsAt() else { return true }
        memory.looksValidFrom = max(memory.looksValidFrom, end)
        return isConfigSeen
    }

    /// Looks at the configuration where a delete is near, and now and then in a soak.
    mutating func lookAtConfig() {
        guard let due = configDue, due <= turn.now.monotonic else { return }
        memory.config.out = Set(memory.config.objects)
        memory.config.outSince = turn.now.monotonic
        memory.config.newTrouble = nil
        turn.effects.append(.lookAtConfig(memory.config.objects))
    }

    /// When the configuration is looked at again; nil while nobody looks.
    var configDue: Milliseconds? {
        guard isConfigWatched, isDeleteNear || state.rollout.phase == .soaking else { return nil }
        guard memory.config.out.isEmpty else { return nil }
        guard let askedAt = memory.config.askedAt, let readAt = memory.config.readAt, askedAt >= memory.looksValidFrom
        else { return 0 }
        if memory.config.trouble != nil { return readAt + Self.blockerInterval }
        return readAt + Self.configInterval * Milliseconds(memory.config.objects.count)
    }

    mutating func configSeen(_ object: ConfigObject, _ reading: ConfigReading) {
        guard memory.config.out.remove(object) != nil else { return }
        defer { endLook() }
        // What changes during a halt is for whoever takes the rollout up again.
        guard !state.rollout.phase.isFinal, state.rollout.phase != .halted else { return }
        switch reading {
        case .present(let version):
            keep(
                ConfigRecord(
                    object: object, standing: .present, uid: version.uid, resourceVersion: version.resourceVersion,
                    seenAt: turn.now.wall), version)
        case .missing: keep(ConfigRecord(object: object, standing: .missing, seenAt: turn.now.wall), nil)
        case .failed(let why): couldNotRead(object, why)
        case .unreadable(let why): cannotRead(object, why)
        }
    }

    private mutating func endLook() {
        guard memory.config.out.isEmpty else { return }
        memory.config.askedAt = memory.config.outSince
        memory.config.readAt = turn.now.monotonic
        memory.config.trouble = memory.config.newTrouble
    }

    /// Writes down in which state an object is, and what follows when it was in another one before.
    private mutating func keep(_ record: ConfigRecord, _ version: ConfigVersion?) {
        let before = state.configs[record.object]
        if let before, before.standing == record.standing, before.uid == record.uid,
            before.resourceVersion == record.resourceVersion
        {
            return
        }
        state.configs[record.object] = record
        turn.configs.insert(record.object)
        guard let before, let change = Self.change(from: before, to: record) else { return }
        let writer = version?.writer.map { ", last written by \($0)" } ?? ""
        let time = version?.writtenAt.map { " at \($0.rfc3339)" } ?? ""
        let message = "\(record.object.text) \(change)\(writer)\(time)"
        let wave = state.rollout.waveIndex
        log(.configChanged, wave: wave, reason: .configChanged, message: message)
        guard plan.onConfigChanged == .halt, state.waves.contains(where: { $0.status != .pending }) else { return }
        halt(.configChanged, "\(message); pods of every revision read it, and `resume` goes on with it", wave: wave)
    }

    /// What became of an object, as the rest of a sentence; nil when nothing can be said about before.
    private static func change(from before: ConfigRecord, to after: ConfigRecord) -> String? {
        let now = after.resourceVersion
        switch (before.standing, after.standing) {
        case (.present, .present) where before.uid == after.uid:
            return "changed: resourceVersion \(before.resourceVersion) before, \(now) now"
        case (.present, .present):
            return "was deleted and made anew: resourceVersion \(before.resourceVersion) before, \(now) now"
        case (.present, .missing): return "is gone: resourceVersion \(before.resourceVersion) before"
        case (.missing, .present): return "was missing and is there: resourceVersion \(now) now"
        case (.missing, _), (.unreadable, _), (.accepted, _), (.present, .unreadable), (.present, .accepted): return nil
        }
    }

    /// A look that failed may work a little later, and may fail for ever, as of a Secret whose key the API server has lost:
    /// only whoever wants to halt on a change waits for it.
    private mutating func couldNotRead(_ object: ConfigObject, _ why: String) {
        if plan.onConfigChanged == .halt {
            memory.config.newTrouble = why
        } else if memory.config.missed.insert(object).inserted {
            log(.configUnseen, message: "whether \(object.text) has changed is not known at the moment: \(why)")
        }
    }

    /// Nothing is claimed of what cannot be read, and that is said once. Whoever wants to halt on a change has the rollout
    /// wait until it can be seen.
    private mutating func cannotRead(_ object: ConfigObject, _ why: String) {
        if plan.onConfigChanged == .halt { memory.config.newTrouble = why }
        guard memory.config.told.insert(object).inserted, state.configs[object]?.standing != .unreadable else { return }
        if state.configs[object] == nil || state.configs[object]?.standing == .accepted {
            state.configs[object] = ConfigRecord(object: object, standing: .unreadable, seenAt: turn.now.wall)
            turn.configs.insert(object)
        }
        log(.configUnseen, reason: .forbidden, message: "nobody notices when \(object.text) changes: \(why)")
    }

    /// A person goes on after a change: what stands by now is what the rest of the rollout is judged with, be it the new
    /// configuration or the old one put back.
    mutating func acceptConfig() {
        for object in state.configs.keys.sorted() where state.configs[object]?.standing != .unreadable {
            state.configs[object]?.standing = .accepted
            turn.configs.insert(object)
        }
    }
}
