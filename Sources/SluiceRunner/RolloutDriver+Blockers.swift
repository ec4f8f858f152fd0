import SluiceClients
import SluiceCore

/// Looking for blockers. What comes of it goes into the inbox of the next turn.
extension RolloutDriver {
    /// One question about a blocker under way, outside the API server.
    struct BlockerSearch {
        var blocker: String
        /// What its answer says.
        var read: (_ head: HTTPHead?, Result<[UInt8], TransportError>) -> BlockerReading
        var head: HTTPHead?
    }

    func look(for blocker: Blocker) {
        let name = blocker.name
        switch blocker.subject {
        case .alerts(let question):
            start(alerts.request(for: question).mapError { SearchError(message: $0.message) }, for: name) {
                head, result in
                switch result {
                case .success(let body):
                    AlertClient.read(
                        status: head?.status ?? 0, body: body, of: question, location: head?["location"])
                case .failure(let error): AlertClient.read(error, of: question)
                }
            }
        case .webhook(let destination):
            let (key, body) = state.batchQuestion
            let request = NotificationClient(outside: outside, environment: options.environment)
                .request(key: key, body: Array(body.serialized.utf8), to: destination, at: outside.now.wall)
            start(request.mapError { SearchError(message: $0.message) }, for: name) { head, result in
                switch result {
                case .success: NotificationClient.consent(status: head?.status ?? 0)
                case .failure(let error): .failed(error.message)
                }
            }
        case .pods(let question):
            client.send(.listBlockingPods(question)) { [weak self] result in
                let reading: BlockerReading =
                    switch result {
                    case .success(let response):
                        response.json.map { BlockingPods.read($0, of: question) }
                            ?? .failed("the answer could not be read")
                    case .failure(let error): .failed(error.description)
                    }
                self?.inbox.append(.blockerSeen(name: name, reading))
            }
        }
    }

    private func start(
        _ request: Result<HTTPRequest, SearchError>, for blocker: String,
        read: @escaping (HTTPHead?, Result<[UInt8], TransportError>) -> BlockerReading
    ) {
        switch request {
        case .success(let request):
            blockerSearches[outside.start(.http(request))] = BlockerSearch(blocker: blocker, read: read)
        case .failure(let error): inbox.append(.blockerSeen(name: blocker, .failed(error.message)))
        }
    }

    /// Why nobody can be asked.
    struct SearchError: Error {
        var message: String
    }

    func searched(_ id: OrderID, _ result: Result<[UInt8], TransportError>) {
        guard let search = blockerSearches.removeValue(forKey: id) else { return }
        inbox.append(.blockerSeen(name: search.blocker, search.read(search.head, result)))
    }
}
