import SluiceCore

extension KubernetesClient {
    /// Takes what came from outside.
    ///
    /// - Returns: true when it was ours; everything else is the caller's.
    public func receive(_ arrival: Arrival) -> Bool {
        switch arrival {
        case .head(let order, let head):
            guard let id = orders[order] else { return false }
            began(id, head)
        case .bytes(let order, let bytes):
            guard let id = orders[order] else { return false }
            continued(id, bytes)
        case .finished(let order, let result):
            guard let id = orders.removeValue(forKey: order) else { return false }
            ended(id, result)
        case .exited(let order, let result):
            guard authenticator.receive(order, result) else { return false }
            credentialArrived()
        case .signal, .storeChanged: return false
        }
        return true
    }

    private func began(_ id: RequestID, _ head: HTTPHead) {
        flights[id]?.head = head
        if head.status == 200, case .stream(_, let handler) = flights[id]?.receiver { handler(.opened(head)) }
    }

    private func continued(_ id: RequestID, _ bytes: [UInt8]) {
        guard let flight = flights[id], case .stream(_, let handler) = flight.receiver else { return }
        if flight.head?.status == 200 {
            handler(.bytes(bytes))
        } else {
            let room = KubernetesLimits.failureBodyBytes - flight.failureBody.count
            flights[id]?.failureBody += bytes.prefix(max(0, room))
        }
    }

    private func ended(_ id: RequestID, _ result: Result<[UInt8], TransportError>) {
        guard let flight = flights[id] else { return }
        flights[id]?.order = nil
        if !flight.isStream { inFlight -= 1 }
        switch outcome(flight, result) {
        case .success(let response):
            if flight.request.method == .get { retryBudget.succeed() }
            finish(id, .success(response))
        case .failure(let error): failed(id, flight, error)
        }
        scheduleQueue()
    }

    private func outcome(
        _ flight: Flight, _ result: Result<[UInt8], TransportError>
    ) -> Result<APIResponse, APIError> {
        switch (result, flight.head) {
        case (.success(let body), let head?):
            guard !(200..<300).contains(head.status) else {
                return .success(APIResponse(status: head.status, headers: head.headers, body: body))
            }
            let said = flight.isStream ? flight.failureBody : body
            return .failure(APIError(status: APIStatus(head: head, body: said), flight.request))
        case (.success, nil):
            let error = TransportError(.broken, "the answer has no status")
            return .failure(APIError(.transport(error), flight.request))
        case (.failure(let error), _): return .failure(APIError(.transport(error), flight.request))
        }
    }

    private func failed(_ id: RequestID, _ flight: Flight, _ error: APIError) {
        if case .authentication = error.kind, authenticator.canRenew, !flight.hasRenewed {
            authenticator.renew(after: flight.generation)
            flights[id]?.hasRenewed = true
            launch(id)
        } else if let wait = retryWait(id, error) {
            flights[id]?.timer = schedule(at: outside.now.monotonic + wait) { [weak self] in
                self?.flights[id]?.timer = nil
                self?.launch(id)
            }
        } else {
            finish(id, .failure(error))
        }
    }

    /// How long to wait before a failed read is sent again, in milliseconds; nil when it is not.
    private func retryWait(_ id: RequestID, _ error: APIError) -> Milliseconds? {
        guard let flight = flights[id], !flight.isStream, flight.request.method == .get, flight.request.isRetried,
            error.isTemporary, flight.backoff.failures + 1 < KubernetesLimits.readAttempts
        else { return nil }
        let asked = error.status?.retryAfter ?? 0
        guard asked <= KubernetesLimits.retryAfterCap, retryBudget.spend() else { return nil }
        let wait = flights[id]?.backoff.next(random: outside.random()) ?? 0
        return max(wait, asked)
    }

    /// Tells the outcome of a request and forgets it.
    func finish(_ id: RequestID, _ result: Result<APIResponse, APIError>) {
        guard let flight = flights.removeValue(forKey: id) else { return }
        let result = result.mapError { $0.locating(access.origin) }
        switch flight.receiver {
        case .answer(let then): then(result)
        case .stream(_, let handler):
            switch result {
            case .success: handler(.ended(nil))
            case .failure(let error): handler(.ended(error))
            }
        }
    }
}
