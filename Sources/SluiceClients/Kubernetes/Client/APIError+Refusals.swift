public import SluiceCore

extension APIError {
    /// What the failed delete or eviction of a pod means for the rollout.
    public var deleteRefusal: DeleteRefusal {
        switch kind {
        case .transport(let error):
            switch error.kind {
            case .resolve, .connect, .tls, .certificate, .proxy, .commandNotFound, .command:
                return .notSent(reason: description)
            case .timeout, .idle, .broken, .bodyTooLarge: return .uncertain(reason: description)
            }
        case .credential, .notSent: return .notSent(reason: description)
        case .decoding, .interrupted: return .uncertain(reason: description)
        // A credential that has expired is renewed sooner or later; the server has not acted.
        case .authentication: return .notSent(reason: description)
        case .forbidden: return .rejected(reason: description)
        case .status(let status): return deleteRefusal(status)
        }
    }

    private func deleteRefusal(_ status: APIStatus) -> DeleteRefusal {
        switch status.code {
        // A proxy's page that was not found says nothing of the pod.
        case 404 where !isNotFound: return .uncertain(reason: description)
        case 404, 409: return .gone
        case 429 where status.hasCause("DisruptionBudget"):
            let cause = status.causes.first { $0.reason == "DisruptionBudget" }?.message ?? ""
            return .disruptionBudget(reason: cause.isEmpty ? status.message : cause)
        case 429: return .throttled(after: status.retryAfter ?? Self.defaultRetryAfter, reason: description)
        case 500 where status.message.contains(Self.severalBudgets):
            return .rejected(
                reason: description + "; leave one PodDisruptionBudget that selects the pod, or use `deletion: delete`")
        case 408, 500...599: return .uncertain(reason: description)
        default: return .rejected(reason: description)
        }
    }

    /// What the failed patch of a DaemonSet means for the rollout.
    public var patchRefusal: PatchRefusal {
        switch kind {
        case .transport(let error):
            switch error.kind {
            case .tls, .certificate, .commandNotFound, .command: return .rejected(reason: description)
            case .resolve, .connect, .timeout, .idle, .proxy, .broken, .bodyTooLarge:
                return .temporary(reason: description)
            }
        case .credential, .authentication, .notSent, .decoding, .interrupted: return .temporary(reason: description)
        case .forbidden: return .rejected(reason: description)
        case .status(let status):
            switch status.code {
            case 409: return .conflict
            case 408, 429, 500...599: return .temporary(reason: description)
            default: return .rejected(reason: description)
            }
        }
    }

    /// What the failure to write an Event means for it.
    public var eventVerdict: DeliveryVerdict {
        switch kind {
        case .status(let status):
            switch status.code {
            case 409: return .sent
            case 408, 429, 500...599: return .failed(description)
            default: return .refused(description)
            }
        case .forbidden: return .refused(description)
        case .transport, .authentication, .credential, .decoding, .notSent, .interrupted: return .failed(description)
        }
    }

    /// When to come again after a 429 that does not say, in milliseconds.
    private static let defaultRetryAfter: Milliseconds = 1_000
    /// What the eviction of a pod under two budgets answers, with status 500.
    private static let severalBudgets = "more than one PodDisruptionBudget"
}
