import SluiceClients
import SluiceCore

/// Carrying out orders. What comes of each goes into the inbox of the next turn.
extension RolloutDriver {
    func perform(_ effect: RolloutEffect) {
        switch effect {
        case .lookAtPods: watches?.pods.relist()
        case .deletePod(let deletion): delete(deletion)
        case .patchDaemonSet(let patch): send(patch)
        case .listRevisions: listRevisions()
        case .readCreationRefusal(let pod): readCreationRefusal(pod)
        case .measure(let measurement): measure(measurement)
        case .scrape(let order):
            pages.read(order) { [weak self] scrapes in
                self?.inbox.append(.scraped(wave: order.wave, gate: order.gate, scrapes))
            }
        case .ask(let question): ask(question)
        case .lookFor(let blocker): look(for: blocker)
        case .lookAtConfig(let objects): objects.forEach(look(at:))
        case .finish: ending = .stopped
        }
    }

    private func delete(_ deletion: PodDeletion) {
        guard let deadline = lease?.deleteDeadline(requestTimeout: KubernetesLimits.deleteTimeout) else {
            let reason = "the Lease would not outlive the request"
            inbox.append(.deleteRefused(uid: deletion.uid, .notSent(reason: reason)))
            return
        }
        let request = APIRequest.remove(deletion, namespace: state.rollout.namespace).by(deadline: deadline)
        lastDelete += 1
        let number = lastDelete
        deletesUnderWay[number] = client.send(request) { [weak self] result in
            self?.deletesUnderWay[number] = nil
            switch result {
            case .success: self?.inbox.append(.deleteAccepted(uid: deletion.uid))
            case .failure(let error): self?.deleteFailed(deletion, error.deleteRefusal)
            }
        }
    }

    private func deleteFailed(_ deletion: PodDeletion, _ refusal: DeleteRefusal) {
        if case .uncertain = refusal {
            lateDeleteUntil = outside.now.monotonic + KubernetesLimits.leaseSeconds * 1_000
        }
        inbox.append(.deleteRefused(uid: deletion.uid, refusal))
    }

    private func send(_ patch: DaemonSetPatch) {
        let request = APIRequest.patch(
            patch, namespace: state.rollout.namespace, name: state.rollout.daemonSet)
        client.send(request) { [weak self] result in
            switch result {
            case .success(let response):
                guard let daemonSet = response.json.flatMap(DaemonSet.init(json:)) else {
                    self?.inbox.append(.patchRefused(.temporary(reason: "the answer could not be read")))
                    return
                }
                self?.inbox.append(.patchAccepted(daemonSet))
            case .failure(let error): self?.inbox.append(.patchRefused(error.patchRefusal))
            }
        }
    }

    /// Lists the revisions; tried again until it works, for the machine waits for nothing else.
    func listRevisions() {
        guard let selector = watches?.selector else { return }
        let request = APIRequest.listControllerRevisions(
            namespace: state.rollout.namespace, labelSelector: selector.queryText)
        client.send(request) { [weak self] result in
            guard let self else { return }
            if case .success(let response) = result, let items = response.json?["items"]?.array {
                self.inbox.append(.revisionsListed(items.compactMap(ControllerRevision.init(json:))))
                return
            }
            self.revisionsRetryAt = self.outside.now.monotonic + Self.revisionsRetryInterval
            // Waiting for the controller would blame it for what a role lacks.
            if case .failure(let error) = result, error.isRefusal, self.state.rollout.updateRevision == nil {
                self.ending = self.ending ?? .failed(error.description)
            }
        }
    }

    /// Reads the DaemonSet's FailedCreate events. Where they say nothing, the pod is tried in a dry run: the controller's
    /// recorder drops events of a large fleet (client-go, 25 at once for one object, then one in five minutes). Without
    /// the rights to do either nothing is known, and nothing else is lost.
    private func readCreationRefusal(_ pod: NewPod) {
        let request = APIRequest.listFailedCreations(
            namespace: state.rollout.namespace, daemonSet: state.rollout.daemonSet)
        client.send(request) { [weak self] result in
            if case .success(let response) = result, let reason = CreationRefusal.latest(in: response) {
                self?.inbox.append(.creationRefusalRead(reason: reason))
            } else {
                self?.tryCreation(pod)
            }
        }
    }

    private func tryCreation(_ pod: NewPod) {
        client.send(.tryPod(pod.json, namespace: state.rollout.namespace)) { [weak self] result in
            var reason: String?
            if case .refused(let words) = result.dryRunAnswer { reason = words }
            self?.inbox.append(.creationRefusalRead(reason: reason))
        }
    }

    // MARK: Gates

    private func measure(_ measurement: GateMeasurement) {
        switch prometheus.request(for: measurement.query, over: measurement.range) {
        case .success(let request):
            measurements[outside.start(.http(request))] = Measurement(order: measurement)
        case .failure(let error):
            inbox.append(
                .measured(wave: measurement.wave, gate: measurement.gate, .failed(error.message)))
        }
    }

    func measured(_ id: OrderID, _ result: Result<[UInt8], TransportError>) {
        guard let measurement = measurements.removeValue(forKey: id) else { return }
        let address = measurement.order.query.address
        let reading: MetricReading
        switch result {
        case .success(let body):
            reading = PrometheusClient.read(
                status: measurement.head?.status ?? 0, body: body, from: address,
                isRange: measurement.order.range != nil, location: measurement.head?["location"])
        case .failure(let error): reading = PrometheusClient.read(error, from: address)
        }
        inbox.append(.measured(wave: measurement.order.wave, gate: measurement.order.gate, reading))
    }
}
