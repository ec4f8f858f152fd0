import SluiceClients
import SluiceCore

/// Looking for blockers. What comes of it goes into the inbox of the next turn.
extension RolloutDriver {
    /// One question about alerts under way.
    struct AlertSearch {
        var blocker: String
        var question: Blocker.AlertQuestion
        var head: HTTPHead?
    }

    func look(for blocker: Blocker) {
        let name = blocker.name
        switch blocker.subject {
        case .alerts(let question):
            switch alerts.request(for: question) {
            case .success(let request):
                alertSearches[outside.start(.http(request))] = AlertSearch(blocker: name, question: question)
            case .failure(let error): inbox.append(.blockerSeen(name: name, .failed(error.message)))
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

    func alertsAnswered(_ id: OrderID, _ result: Result<[UInt8], TransportError>) {
        guard let search = alertSearches.removeValue(forKey: id) else { return }
        let reading: BlockerReading =
            switch result {
            case .success(let body):
                AlertClient.read(
                    status: search.head?.status ?? 0, body: body, of: search.question,
                    location: search.head?["location"])
            case .failure(let error): AlertClient.read(error, of: search.question)
            }
        inbox.append(.blockerSeen(name: search.blocker, reading))
    }
}
