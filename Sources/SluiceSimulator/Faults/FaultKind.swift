/// What can go wrong around a driver. Each is switched on for some seeds only, so that no fault hides another.
public enum FaultKind: String, CaseIterable, Sendable {
    // The network, by request.
    case refused, reset, stalled, cutAnswers, lostAnswers, slowAnswers, fragments
    // The API server's answers, by request.
    case conflicts, throttled, failing, unavailable, gatewayTimeouts, versionsExpire, pagesExpire
    // Credentials.
    case tokenRotated, pluginFails, pluginHangs
    // Watches and the API server as a whole.
    case streamsEnd, streamsBreak, streamsFallSilent, serverRestarts, serverClock
    // The cluster.
    case slowController, nodeFallsSilent, nodeLeaves, nodeJoins, cordoned, drained, tainted, relabelled
    case podDeleted, podEvicted, podFailed, templateChanged, templateReverted, strategyFlipped
    case daemonSetDeleted, daemonSetRecreated, disruptionBudget, configEdited
    // The new version and its pods.
    case badVersion, creationRefused, stuckTermination, slowTermination, lingering
    // The driver's machine and its people.
    case suspended, killed, powerCut, otherDriver, diskFull, diskErrors, driverClock
    case paused, annotated, skipped, aborted

    /// Whether it holds for the whole run, so that a run which has it has met it.
    var isLasting: Bool {
        switch self {
        case .badVersion, .creationRefused, .stuckTermination, .slowTermination, .lingering, .serverClock: true
        default: false
        }
    }

    /// Whether it befalls single requests, with a probability, while its window is open.
    var isByRequest: Bool {
        switch self {
        case .refused, .reset, .stalled, .cutAnswers, .lostAnswers, .slowAnswers, .fragments, .conflicts, .throttled,
            .failing, .unavailable, .gatewayTimeouts, .versionsExpire, .pagesExpire, .pluginFails, .pluginHangs:
            true
        default: false
        }
    }
}
