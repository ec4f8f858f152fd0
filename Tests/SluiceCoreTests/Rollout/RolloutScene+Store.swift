import SluiceCore

extension RolloutEvent {
    /// Whether it reaches the driver although the watches are broken.
    var isOurs: Bool {
        switch self {
        case .nodesListed, .nodeChanged, .nodeGone, .podsListed, .podChanged, .podGone, .daemonSetObserved,
            .observationRegained:
            false
        case .revisionsListed, .observationLost, .deleteAccepted, .deleteRefused, .patchAccepted, .patchRefused,
            .creationRefusalRead, .blockerSeen, .configSeen, .measured, .scraped, .leaseHeld, .leaseLost, .storeFailed,
            .storeRecovered, .operatorAsked, .wakeReached:
            true
        }
    }
}

extension RolloutState {
    /// What a store does with the rows of a turn.
    mutating func apply(_ changes: RowChanges) {
        if let rollout = changes.rollout { self.rollout = rollout }
        for wave in changes.waves { waves[wave.index] = wave }
        for node in changes.nodes { nodes[node.node] = node }
        for gate in changes.gates {
            if let index = gates.firstIndex(where: { $0.wave == gate.wave && $0.gate == gate.gate }) {
                gates[index] = gate
            } else {
                gates.append(gate)
            }
        }
        for scrape in changes.scrapes { scrapes[scrape.key] = scrape }
        for config in changes.configs { configs[config.object] = config }
    }
}

extension RolloutScene {
    /// What a pod's page says once it comes: only then is the time known.
    func page(of target: ScrapeOrder.Target) -> PodScrape {
        PodScrape(node: target.node, podUID: target.podUID, time: now.advanced(by: 5), reading: page(target, now))
    }

    mutating func look(at objects: [ConfigObject]) {
        configLooks.append(now.monotonic)
        for object in objects { after(5, .event(.configSeen(object, configs[object] ?? .missing))) }
    }
}
