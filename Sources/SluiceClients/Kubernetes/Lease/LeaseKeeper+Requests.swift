import SluiceCore

extension LeaseKeeper {
    // MARK: Reading

    func read() {
        var request = APIRequest.getLease(namespace: namespace, name: name)
        request.timeout = KubernetesLimits.leaseRequestTimeout
        request.isRetried = false
        state = .reading(client.send(request) { [weak self] in self?.wasRead($0, request) })
    }

    private func wasRead(_ result: Result<APIResponse, APIError>, _ request: APIRequest) {
        guard case .reading = state else { return }
        guard isWanted else { return giveBack() }
        switch result {
        case .success(let response):
            guard let json = response.json else { return failed(APIError(.decoding("this is no JSON"), request)) }
            consider(LeaseRecord(json: json))
        case .failure(let error) where error.code == 404:
            observation = nil
            if renewedAt != nil { lose("it was deleted") }
            write(LeaseRecord(namespace: namespace, name: name))
        case .failure(let error): failed(error)
        }
    }

    /// Decides what a Lease that stands on the server means for us.
    private func consider(_ record: LeaseRecord) {
        if record.isHeld(by: identity) || record.holder.isEmpty {
            observation = nil
            return write(record)
        }
        if renewedAt != nil { lose("\(record.holder) has taken it") }
        confirmed = nil
        let seen = observe(record)
        if now >= seen.takeAt { return write(record) }
        wait(until: min(seen.takeAt, now + KubernetesLimits.leaseRenewInterval)) { $0.read() }
    }

    /// Notes somebody else's Lease. The wait begins anew whenever it has changed since we looked last.
    private func observe(_ record: LeaseRecord) -> Observation {
        if let known = observation, known.holder == record.holder, known.resourceVersion == record.resourceVersion {
            return known
        }
        let seen = Observation(
            holder: record.holder, resourceVersion: record.resourceVersion, seenAt: now,
            takeAt: now + record.duration + KubernetesLimits.deleteTimeout)
        observation = seen
        tell(.heldByOther(holder: record.holder, until: seen.takeAt))
        return seen
    }

    // MARK: Writing

    /// Claims or renews. The resourceVersion that `record` carries guards it; one without is created.
    func write(_ record: LeaseRecord) {
        let next = record.held(by: identity, at: client.outside.now.wall, checkpoint: checkpoint)
        let request =
            record.resourceVersion == nil
            ? APIRequest.createLease(next.json, namespace: namespace, name: name)
            : APIRequest.updateLease(next.json, namespace: namespace, name: name)
        let sentAt = now
        let written = checkpoint
        let id = client.send(request) { [weak self] in self?.wasWritten($0, request, written) }
        state = .writing(id, next, sentAt: sentAt)
    }

    private func wasWritten(
        _ result: Result<APIResponse, APIError>, _ request: APIRequest, _ written: [String: String]
    ) {
        guard case .writing(_, _, let sentAt) = state else { return }
        switch result {
        case .success(let response):
            guard let json = response.json else { return failed(APIError(.decoding("this is no JSON"), request)) }
            // Scheduled before anybody is told: what they ask for in turn finds a state that can be left.
            wait(until: sentAt + KubernetesLimits.leaseRenewInterval) { $0.renew() }
            confirm(LeaseRecord(json: json), sentAt: sentAt)
            settle(written)
        case .failure(let error) where error.code == 409 || error.code == 404:
            // Somebody else wrote, or an earlier write of ours went through and its answer was lost. The first time we
            // look at once; when it repeats, others are as busy as we are.
            if backoff.failures > 0 { return failed(error) }
            _ = backoff.next(random: client.outside.random())
            isWanted ? read() : giveBack()
        case .failure(let error): failed(error)
        }
    }

    /// Does what was asked while a write was on its way.
    private func settle(_ written: [String: String]) {
        guard case .waiting(let timer) = state else { return }
        if !isWanted {
            client.unschedule(timer)
            giveBack()
        } else if checkpoint != written, let confirmed {
            client.unschedule(timer)
            write(confirmed)
        }
    }

    private func renew() {
        if let confirmed { write(confirmed) } else { read() }
    }

    private func wait(until deadline: Milliseconds, _ action: @escaping (LeaseKeeper) -> Void) {
        let timer = client.schedule(at: deadline) { [weak self] in
            if let self { action(self) }
        }
        state = .waiting(timer)
    }

    /// Takes a failure that may pass. A Lease that is held stays held until it expires.
    private func failed(_ error: APIError) {
        guard isWanted else { return giveBack() }
        var pause = backoff.next(after: error, random: client.outside.random())
        if case .forbidden = error.kind { pause = KubernetesLimits.leaseForbiddenRetry }
        // Read first: whether the failed write went through is not known.
        wait(until: now + pause) { $0.read() }
        // A renewal that succeeds at the next try is nobody's concern.
        guard !mayDelete(requestTimeout: KubernetesLimits.deleteTimeout), toldFailure != error else { return }
        toldFailure = error
        tell(.failed(error))
    }

    // MARK: Giving back

    /// Gives the Lease back if it is ours; when that fails it expires by itself.
    func giveBack() {
        guard let confirmed else { return finishRelease() }
        let released = confirmed.released(at: client.outside.now.wall, checkpoint: checkpoint)
        let request = APIRequest.updateLease(released.json, namespace: namespace, name: name)
        // From here on nothing may be deleted, whatever becomes of the request.
        forget()
        state = .releasing(client.send(request) { [weak self] _ in self?.finishRelease() })
    }

    /// Forgets everything and tells that nothing is held, or begins anew when it is wanted again.
    func finishRelease() {
        forget()
        confirmed = nil
        observation = nil
        backoff.reset()
        state = .idle
        if isWanted {
            read()
        } else {
            tell(.released)
        }
    }
}
