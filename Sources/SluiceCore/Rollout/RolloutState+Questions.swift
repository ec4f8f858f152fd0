/// What webhooks are asked. The same question has the same key, however often it is sent, so that whoever is asked can tell a
/// second try from another question.
extension RolloutState {
    /// What a webhook is asked before a batch: whether it may begin. The same for as long as the batch is the same.
    ///
    /// - Returns: the question's key, which names it, and its body.
    public var batchQuestion: (key: String, body: JSONValue) {
        let wave = waves.first { $0.index == rollout.waveIndex }
        let batch = wave.map { $0.status == .pending ? 1 : $0.batchIndex + 1 }
        let parts = [rollout.daemonSetUID, rollout.id, wave?.name ?? "", String(batch ?? 0)]
        return (SHA256.identifier(of: parts), question("beforeBatch", wave: wave, batch: batch, [:]))
    }

    /// What a webhook is asked by a gate: whether the updated nodes of a wave are well. Each measurement is a question of its
    /// own; one that nobody counted, because its driver died, is asked again.
    func gateQuestion(_ gate: GateRecord, nodes: [String], pods: [String]) -> (key: String, body: JSONValue) {
        let wave = waves[gate.wave]
        let batch = wave.status == .soaking ? nil : wave.batchIndex + 1
        let parts = [
            rollout.daemonSetUID, rollout.id, wave.name, gate.gate, batch.map { "batch \($0)" } ?? "soak",
            wave.soakStartedAt?.rfc3339 ?? "", String(gate.measurements + 1), String(gate.retries),
        ]
        let body = question(
            "gate", wave: wave, batch: batch,
            [
                "gate": .string(gate.gate), "measurement": .integer(Int64(gate.measurements + 1)),
                "nodes": .array(nodes.map { .string($0) }), "pods": .array(pods.map { .string($0) }),
            ])
        return (SHA256.identifier(of: parts), body)
    }

    private func question(
        _ event: String, wave: WaveRecord?, batch: Int?, _ more: [String: JSONValue]
    ) -> JSONValue {
        let images = rollout.targetTemplate.images.map { ($0.container, JSONValue.string($0.image)) }
        let body: [String: JSONValue] = [
            "event": .string(event), "rollout": .string(rollout.id),
            "daemonSet": .string("\(rollout.namespace)/\(rollout.daemonSet)"),
            "images": .object(Dictionary(images, uniquingKeysWith: { $1 })),
            "wave": wave.map { .string($0.name) } ?? .null, "batch": batch.map { .integer(Int64($0)) } ?? .null,
        ]
        return .object(body.merging(more) { $1 })
    }
}

extension RolloutMachine {
    /// The order to ask a webhook about the updated nodes of a wave.
    mutating func question(of gate: Gate, _ destination: NotificationDestination, wave: Int) -> GateQuestion {
        let targets = knownTargets(of: wave)
        let record = record(of: gate.name, wave: wave) ?? GateRecord(wave: wave, gate: gate.name)
        let (key, body) = state.gateQuestion(record, nodes: targets.nodes, pods: targets.pods)
        return GateQuestion(wave: wave, gate: gate.name, destination: destination, key: key, body: body)
    }
}
