/// What the plan itself has a rollout wait for before it deletes anything: people, and its own calendar.
extension RolloutMachine {
    /// The holds that the plan asked for.
    func planHolds() -> [Hold] {
        var holds: [Hold] = []
        if let wave = state.waveToApprove {
            holds.append(Hold(.approval, "wave \(wave.name) waits for `sluice approve \(state.rollout.id)`"))
        }
        if let hold = memory.calendar?.hold { holds.append(hold) }
        return holds + blockerHolds() + configHolds()
    }

    /// Whether the plan has the rollout wait, so that no delete is near.
    var waitsForPlan: Bool { state.waveToApprove != nil || isShut || isBlocked }

    /// Whether the calendar lets no pod be deleted, and will not for a while.
    var isShut: Bool {
        guard let calendar = memory.calendar, calendar.hold != nil else { return false }
        return calendar.opensAt.map { $0 - turn.now.wall.millisecondsSince1970 > Self.leaseLead } ?? true
    }

    /// Whether the current wave must not begin yet. It is not begun outside a window either: the baseline of a comparison
    /// ends where a wave begins.
    var mayNotBegin: Bool { !planHolds().isEmpty }

    /// Looks at the calendar by the wall clock, which people mean by it and which may have been set since the last turn.
    mutating func lookAtCalendar() {
        guard !plan.calendar.isEmpty else { return }
        let now = turn.now.wall
        if let known = memory.calendar, known.holds.contains(now.millisecondsSince1970) { return }
        memory.calendar = plan.calendar.standing(at: now)
    }

    /// When the calendar must be looked at again: when it changes, and before it opens, for the Lease.
    var calendarDue: [Milliseconds] {
        guard let calendar = memory.calendar else { return [] }
        let wall = turn.now.wall.millisecondsSince1970
        let times = [calendar.holds.upperBound, calendar.opensAt, calendar.opensAt.map { $0 - Self.leaseLead }]
        return times.compactMap { $0 }.filter { $0 < .max }.map { turn.now.monotonic + $0 - wall }
    }
}
