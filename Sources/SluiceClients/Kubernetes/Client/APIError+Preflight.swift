public import SluiceCore

extension Result where Success == APIResponse, Failure == APIError {
    /// What the answer to a dry run says.
    public var dryRunAnswer: Preflight.Answer {
        switch self {
        case .success(let response): .accepted(warnings: response.warnings)
        case .failure(let error): error.dryRunAnswer
        }
    }

    /// What the answer to a review of a right says.
    public var accessAnswer: Preflight.Answer {
        switch self {
        case .failure(let error): .unknown(error.description)
        case .success(let response):
            switch response.json?.at("status", "allowed")?.bool {
            case true: .accepted(warnings: [])
            case false: .refused(response.json?.at("status", "reason")?.string ?? "")
            case nil: .unknown("the API server's answer has no status.allowed")
            }
        }
    }
}

extension APIError {
    /// A webhook that cannot be reached stops the real request as well; one that cannot do dry runs says nothing about
    /// it. (kubernetes.io, "Dynamic Admission Control": failurePolicy, sideEffects)
    fileprivate var dryRunAnswer: Preflight.Answer {
        guard let status, !status.message.contains("does not support dry run") else { return .unknown(description) }
        if status.message.contains("failed calling webhook") { return .refused(status.message) }
        let isTemporary = [401, 408, 409, 429].contains(status.code) || status.code >= 500
        let lacksRight = status.code == 403 && status.message.contains("cannot \(subject.verb) resource")
        return isTemporary || lacksRight ? .unknown(description) : .refused(status.message)
    }
}
