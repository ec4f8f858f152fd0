public import SluiceCore

/// All objects of a list, page after page.
public struct ObjectList<Object: Sendable>: Sendable {
    /// The objects, in the server's order.
    public var items: [Object]
    /// The version of the list, from which a watch can go on.
    public var resourceVersion: String
    /// The server's clock when it answered the first page; nil when it does not say.
    public var serverTime: Timestamp?
}

extension KubernetesClient {
    /// Sends a request and waits for its answer: for commands that do one thing after the other.
    ///
    /// Watches and timers go on meanwhile; arrivals that are not the client's are kept for ``takeKept()``.
    ///
    /// - Throws: ``APIError``; of kind `interrupted` as soon as a signal arrives.
    public func perform(_ request: APIRequest) throws(APIError) -> APIResponse {
        try perform([request])[0].get()
    }

    /// Sends several requests side by side and waits for the answers of all.
    ///
    /// - Returns: the outcomes, in the order of the requests.
    /// - Throws: ``APIError`` of kind `interrupted` as soon as a signal arrives; the requests are cancelled then.
    public func perform(_ requests: [APIRequest]) throws(APIError) -> [Result<APIResponse, APIError>] {
        var answers: [Int: Result<APIResponse, APIError>] = [:]
        let ids = requests.enumerated().map { index, request in send(request) { answers[index] = $0 } }
        while answers.count < requests.count {
            var signal: Int32?
            for arrival in outside.poll(until: nextWake) where !receive(arrival) {
                kept.append(arrival)
                if case .signal(let number) = arrival { signal = number }
            }
            advance()
            if let signal, let open = requests.indices.first(where: { answers[$0] == nil }) {
                ids.forEach(cancel)
                throw APIError(.interrupted(signal), requests[open])
            }
        }
        return requests.indices.compactMap { answers[$0] }
    }

    /// The arrivals that came while a blocking call waited and were not the client's, in order; afterwards none.
    public func takeKept() -> [Arrival] {
        defer { kept = [] }
        return kept
    }

    /// Reads one object and waits for it; nil when there is none (404).
    ///
    /// - Throws: ``APIError``.
    public func get<Object: ClusterObject>(
        _ request: APIRequest, as type: Object.Type = Object.self
    ) throws(APIError) -> Object? {
        do {
            let response = try perform(request)
            return try Object.decode(response.body, interner: interner)
        } catch let error as APIError {
            if error.isNotFound { return nil }
            throw error
        } catch {
            throw APIError(.decoding("\(error)"), request).locating(access.origin)
        }
    }

    /// Lists everything that a request matches, page by page, and waits for it.
    ///
    /// A continue token that expires on the way starts the list again, three times at most.
    ///
    /// - Throws: ``APIError``.
    public func listAll<Object: ClusterObject>(
        _ request: APIRequest, of type: Object.Type = Object.self
    ) throws(APIError) -> ObjectList<Object> {
        var restarts = 3
        while true {
            do {
                return try listOnce(request)
            } catch {
                guard error.code == 410, restarts > 0 else { throw error }
                restarts -= 1
            }
        }
    }

    private func listOnce<Object: ClusterObject>(
        _ request: APIRequest
    ) throws(APIError) -> ObjectList<Object> {
        var list = ObjectList<Object>(items: [], resourceVersion: "")
        var token: String?
        var size = PageSize()
        for _ in 0..<KubernetesLimits.pages {
            let response = try performPage(request, token: token, size: &size)
            let page: ObjectPage<Object>
            do {
                page = try Object.decodePage(response.body, interner: interner)
            } catch {
                throw APIError(.decoding("\(error)"), request).locating(access.origin)
            }
            size.learn(bytes: response.body.count, objects: page.items.count)
            list.serverTime = list.serverTime ?? response.serverTime
            list.items += page.items
            list.resourceVersion = page.resourceVersion
            guard let next = page.continueToken else { return list }
            token = next
        }
        throw APIError(.decoding("the list has more than \(KubernetesLimits.pages) pages"), request)
    }

    /// Asks for one page, again with fewer objects when it is too large.
    private func performPage(
        _ request: APIRequest, token: String?, size: inout PageSize
    ) throws(APIError) -> APIResponse {
        while true {
            do throws(APIError) {
                return try perform(request.page(limit: size.objects, token: token))
            } catch {
                guard error.isTooLarge, size.shrink() else { throw error }
            }
        }
    }

    /// The uid of the `kube-system` namespace, which stands for the cluster's identity; nil when we may not read it, as a
    /// driver with the least rights.
    ///
    /// - Throws: ``APIError``, of kind `decoding` when the answer has no uid.
    public func clusterUID() throws(APIError) -> String? {
        let request = APIRequest.getNamespace("kube-system")
        let response: APIResponse
        do {
            response = try perform(request)
        } catch {
            if case .forbidden = error.kind { return nil }
            throw error
        }
        guard let uid = response.json?.at("metadata", "uid")?.string else {
            throw APIError(.decoding("the namespace has no uid"), request)
        }
        return uid
    }
}
