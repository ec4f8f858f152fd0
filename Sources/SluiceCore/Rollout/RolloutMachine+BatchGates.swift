/// Gates that are measured after each batch (`at: batch`): the next batch, or the soak, begins when they have passed.
extension RolloutMachine {
    /// Begins the gates anew for a batch that begins.
    mutating func openBatchGates(wave: Int) {
        memory.gates.settledAt = nil
        openGates(wave: wave, at: [.batch])
    }

    /// Orders the measurements that are due after a batch that has settled.
    ///
    /// - Returns: whether the next one may begin. A batch of which no node of the wave is updated has nothing to measure.
    mutating func batchGatesPassed(wave: Int) -> Bool {
        guard let first = gates(of: wave).first(where: { $0.at == .batch }),
            state.nodes.values.contains(where: { $0.wave == wave && $0.status == .updated })
        else { return true }
        memory.gates.settledAt = memory.gates.settledAt ?? turn.now
        // A wave that was taken over from the Lease's checkpoint, which knows nothing of the gates.
        if record(of: first.name, wave: wave) == nil { openGates(wave: wave, at: [.batch]) }
        return runGates(wave: wave, at: [.batch]) && state.rollout.phase == .updating
    }

    /// The gates that keep the next batch from beginning.
    func batchGateHolds() -> [Hold] {
        guard memory.gates.settledAt != nil, state.rollout.phase == .updating else { return [] }
        return gateHolds(wave: state.rollout.waveIndex, at: [.batch])
    }

    /// The gates that have no verdict yet.
    func gateHolds(wave: Int, at times: Set<Gate.Time>) -> [Hold] {
        gates(of: wave).filter { times.contains($0.at) }.compactMap { gate in
            guard let record = record(of: gate.name, wave: wave), record.verdict == .running else { return nil }
            let last = record.message.isEmpty ? "not measured yet" : record.message
            let tries = record.retries > 0 ? ", retry \(record.retries)" : ""
            return Hold(.gate, "gate \(gate.name)\(tries): \(last)")
        }
    }
}
