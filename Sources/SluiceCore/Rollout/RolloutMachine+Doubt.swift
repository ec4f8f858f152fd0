/// What a gate's doubt does to the rollout: it halts, is written down, or what the gate is measured in begins anew.
extension RolloutMachine {
    /// Carries out the policy for a verdict that is neither good nor bad.
    ///
    /// - Parameter index: of the gate's record, which has the verdict.
    mutating func doubt(
        _ policy: Gate.DoubtPolicy, _ reason: Reason, _ sentence: String, at index: Int, of gate: Gate
    ) {
        let (wave, retries) = (state.gates[index].wave, state.gates[index].retries)
        switch policy {
        case .halt: stop(for: reason, sentence, wave: wave, gate: nil)
        case .warn: log(.gateWarned, wave: wave, reason: reason, message: sentence)
        case .retry(let most) where retries >= most:
            stop(for: reason, "\(sentence) (retries: \(retries) of \(most))", wave: wave, gate: nil)
        case .retry(let most):
            let count = "retry \(retries + 1) of \(most)"
            let last = state.gates[index].message
            state.gates[index].retries += 1
            let what = beginAnew(at: index, of: gate)
            state.gates[index].message = last
            turn.gates.insert(index)
            log(.gateRetried, wave: wave, reason: reason, message: "\(sentence); \(count): \(what) begins anew")
        }
    }

    /// Begins anew what a gate is measured in.
    ///
    /// - Returns: what that is, in words.
    private mutating func beginAnew(at index: Int, of gate: Gate) -> String {
        let wave = state.gates[index].wave
        if state.waves[wave].status == .pending {
            beginBaseline(at: index)
            return "its baseline"
        }
        let awaited = memory.gates.out
        memory.gates = GateMemory()
        if gate.at == .batch {
            openBatchGates(wave: wave)
        } else {
            state.waves[wave].soakStartedAt = turn.now.wall
            memory.soakStartedAt = turn.now.monotonic
            turn.waves.insert(wave)
            openGates(wave: wave, at: Self.soakTimes)
        }
        // What was asked before the new beginning is still answered, and nothing is asked twice at a time.
        (memory.gates.out, memory.gates.void) = (awaited, awaited)
        return gate.at == .batch ? "the measurement" : "the soak"
    }
}
