/// How many objects to ask for at once, so that a page stays near a size in bytes whatever one object weighs.
struct PageSize {
    /// The `limit` of the next page.
    private(set) var objects = KubernetesLimits.pageObjectsFirst

    /// Learns from a page what an object weighs. The next page is at most four times as long: light objects in one say
    /// little about those in the next.
    mutating func learn(bytes: Int, objects count: Int) {
        guard count > 0 else { return }
        let fitting = KubernetesLimits.pageBytes / max(1, bytes / count)
        objects = max(1, min(fitting, 4 * objects, KubernetesLimits.pageObjectsMax))
    }

    /// Takes the failure of a page that was too large.
    ///
    /// - Returns: false when it held a single object already, so that asking for fewer does not help.
    mutating func shrink() -> Bool {
        guard objects > 1 else { return false }
        objects /= 2
        return true
    }
}

extension APIRequest {
    /// The request for one page of a list.
    func page(limit: Int, token: String?) -> APIRequest {
        var request = self
        request.query.append(("limit", String(limit)))
        if let token { request.query.append(("continue", token)) }
        request.bodyLimit = KubernetesLimits.pageBytesMax
        return request
    }
}

extension APIError {
    /// Whether the answer was larger than we read.
    var isTooLarge: Bool {
        if case .transport(let error) = kind { error.kind == .bodyTooLarge } else { false }
    }
}
