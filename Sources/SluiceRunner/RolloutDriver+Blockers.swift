import SluiceClients
import SluiceCore

/// Looking for blockers and at configuration, and asking webhooks for gates. What comes of it goes into the inbox of the next
/// turn.
extension RolloutDriver {
    /// One question under way, outside the API server.
    struct Question {
        /// What its answer tells the machine.
        var fact: (_ head: HTTPHead?, Result<[UInt8], TransportError>) -> RolloutEvent
        var head: HTTPHead?
    }

    func look(for blocker: Blocker) {
        let name = blocker.name
        switch blocker.subject {
        case .alerts(let question):
            let request = alerts.request(for: question)
            guard case .success(let request) = request else {
                if case .failure(let error) = request { seen(name, .failed(error.message)) }
                return
            }
            ask(request) { head, result in
                switch result {
                case .success(let body):
                    .blockerSeen(
                        name: name,
                        AlertClient.read(
                            status: head?.status ?? 0, body: body, of: question, location: head?["location"]))
                case .failure(let error): .blockerSeen(name: name, AlertClient.read(error, of: question))
                }
            }
        case .webhook(let destination):
            let (key, body) = state.batchQuestion
            ask(destination, key, body) { answer in
                switch answer {
                case .success(let status): .blockerSeen(name: name, NotificationClient.consent(status: status))
                case .failure(let error): .blockerSeen(name: name, .failed(error.message))
                }
            }
        case .pods(let question):
            client.send(.listBlockingPods(question)) { [weak self] result in
                switch result {
                case .success(let response):
                    let reading = response.json.map { BlockingPods.read($0, of: question) }
                    self?.seen(name, reading ?? .failed("the answer could not be read"))
                case .failure(let error): self?.seen(name, .failed(error.description))
                }
            }
        }
    }

    func look(at object: ConfigObject) {
        client.send(.getMetadata(of: object, namespace: state.rollout.namespace)) { [weak self] result in
            self?.inbox.append(.configSeen(object, result.configReading))
        }
    }

    /// Asks a webhook about a wave's updated nodes.
    func ask(_ question: GateQuestion) {
        ask(question.destination, question.key, question.body) { answer in
            let reading: MetricReading =
                switch answer {
                case .success(let status): NotificationClient.judgement(status: status)
                case .failure(let error): .failed(error.message)
                }
            return .measured(wave: question.wave, gate: question.gate, reading)
        }
    }

    /// Asks a webhook; the answer is its HTTP status.
    private func ask(
        _ destination: NotificationDestination, _ key: String, _ body: JSONValue,
        fact: @escaping (Result<Int, NotificationError>) -> RolloutEvent
    ) {
        let request = NotificationClient(outside: outside, environment: options.environment)
            .request(key: key, body: Array(body.serialized.utf8), to: destination, at: outside.now.wall)
        switch request {
        case .success(let request):
            ask(request) { head, result in
                fact(result.map { _ in head?.status ?? 0 }.mapError { NotificationError($0.message) })
            }
        case .failure(let error): inbox.append(fact(.failure(error)))
        }
    }

    private func ask(
        _ request: HTTPRequest, fact: @escaping (HTTPHead?, Result<[UInt8], TransportError>) -> RolloutEvent
    ) {
        questions[outside.start(.http(request))] = Question(fact: fact)
    }

    private func seen(_ blocker: String, _ reading: BlockerReading) {
        inbox.append(.blockerSeen(name: blocker, reading))
    }

    /// Takes the end of a question.
    ///
    /// - Returns: whether it was one.
    func answered(_ id: OrderID, _ result: Result<[UInt8], TransportError>) -> Bool {
        guard let question = questions.removeValue(forKey: id) else { return false }
        inbox.append(question.fact(question.head, result))
        return true
    }
}
