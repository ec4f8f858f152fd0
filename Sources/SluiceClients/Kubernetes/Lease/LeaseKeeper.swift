public import SluiceCore

/// Holds a DaemonSet's Lease while a rollout wants to delete pods, so that two drivers never do.
///
/// A DELETE carries no token of the Lease, so the Lease alone cannot stop a late one. Hence two rules. *We* send a delete
/// only while the last renewal is younger than half the duration and only if the delete's timeout ends before the Lease
/// does (``mayDelete(requestTimeout:)``). *A new holder* waits for duration plus request timeout from the moment at which
/// it saw the last renewal, by its own clock; clocks of two machines are never compared. What is counted is the clock
/// that goes on during suspend, so a laptop that wakes up deletes nothing before it has renewed.
///
/// Driven by its client like a watch; events come from inside ``KubernetesClient/receive(_:)`` and
/// ``KubernetesClient/advance()``.
public final class LeaseKeeper {
    /// The name of a DaemonSet's Lease, in its namespace.
    public static func leaseName(daemonSet: String) -> String { LeaseRecord.name(daemonSet: daemonSet) }

    /// What happens to the Lease.
    public enum Event: Sendable, Equatable {
        /// We hold it; told again after a loss or a failure. When it is held anew, somebody else may have held it
        /// meanwhile: list everything again before the next delete.
        case held(anew: Bool)
        /// Somebody else holds it; told again whenever it was renewed, which shows that the holder is alive. We take it
        /// at this monotonic time (milliseconds) unless it is renewed before.
        case heldByOther(holder: String, until: Milliseconds)
        /// We held it and hold it no longer.
        case lost(reason: String)
        /// It cannot be taken at the moment, or could not be renewed for so long that no delete may leave; we keep trying.
        /// One that is held stays held until it expires.
        case failed(APIError)
        /// We gave it back as asked.
        case released
    }

    enum State {
        /// Nothing is wanted and nothing is held.
        case idle
        /// The Lease is being read.
        case reading(KubernetesClient.RequestID)
        /// Our claim or renewal is on its way.
        case writing(KubernetesClient.RequestID, LeaseRecord, sentAt: Milliseconds)
        /// The next renewal, look or attempt is scheduled.
        case waiting(TimerQueue.ID)
        /// Our giving it back is on its way.
        case releasing(KubernetesClient.RequestID)
    }

    /// Somebody else's Lease as we see it.
    struct Observation: Equatable {
        var holder: String
        var resourceVersion: String?
        /// When we first saw it like this, by our monotonic clock.
        var seenAt: Milliseconds
        /// When it may be taken, by our monotonic clock.
        var takeAt: Milliseconds
    }

    let client: KubernetesClient
    let namespace: String
    let name: String
    let identity: String
    private let onEvent: (Event) -> Void
    var state = State.idle
    var isWanted = false
    var checkpoint: [String: String] = [:]
    /// The Lease as the server last confirmed it to us as ours.
    var confirmed: LeaseRecord?
    /// When the last confirmed renewal was sent; nil while we do not hold the Lease.
    private(set) var renewedAt: Milliseconds?
    private var expiry: TimerQueue.ID?
    var observation: Observation?
    var toldFailure: APIError?
    var backoff = Backoff(base: KubernetesLimits.leaseRetryBase, cap: KubernetesLimits.leaseRetryCap)

    /// A keeper that wants nothing yet.
    ///
    /// - Parameters:
    ///   - identity: for people, a slash, and the name of this driver's database (`ann@laptop/bcdf…`). A Lease whose
    ///     holder ends with the same name is ours, whichever process wrote it, and whatever its machine was called.
    ///   - onEvent: told every event, in order.
    public init(
        client: KubernetesClient, namespace: String, daemonSet: String, identity: String,
        onEvent: @escaping (Event) -> Void
    ) {
        self.client = client
        self.namespace = namespace
        self.name = LeaseRecord.name(daemonSet: daemonSet)
        self.identity = identity
        self.onEvent = onEvent
    }

    /// How long the Lease is valid after a renewal, in milliseconds.
    static let duration = KubernetesLimits.leaseSeconds * 1_000

    var now: Milliseconds { client.outside.now.monotonic }

    // MARK: What is asked

    /// Wants the Lease from now on, with this checkpoint on it. Repeat it whenever the checkpoint changes: a Lease that
    /// is held is then written at once.
    ///
    /// - Parameter checkpoint: short keys (`wave`) and values for any machine that looks.
    public func hold(checkpoint: [String: String]) {
        let hasChanged = checkpoint != self.checkpoint
        self.checkpoint = checkpoint
        let wasWanted = isWanted
        isWanted = true
        switch state {
        case .idle: read()
        case .waiting(let timer) where !wasWanted || (hasChanged && renewedAt != nil):
            client.unschedule(timer)
            if let confirmed, renewedAt != nil { write(confirmed) } else { read() }
        case .waiting, .reading, .writing, .releasing: break
        }
    }

    /// Wants the Lease no longer: gives it back, so that the next driver need not wait. Not while a delete is on its way:
    /// the next driver takes it at once. `released` follows when it is given back, or cannot be, or was not held.
    ///
    /// - Parameter checkpoint: what stays written on it; nil leaves it.
    public func release(checkpoint: [String: String]? = nil) {
        if let checkpoint { self.checkpoint = checkpoint }
        isWanted = false
        switch state {
        case .idle: laterReleased()
        case .waiting(let timer):
            client.unschedule(timer)
            if confirmed == nil { laterReleased() } else { giveBack() }
        case .reading, .writing, .releasing: break
        }
    }

    /// Whether we hold the Lease and it has not expired.
    public var isHeld: Bool { renewedAt.map { now < $0 + Self.duration } ?? false }

    /// Whether the server has yet to hear, or to answer, that we give the Lease back.
    public var isBeingReleased: Bool {
        guard !isWanted else { return false }
        switch state {
        case .writing, .releasing: return true
        case .idle, .reading, .waiting: return false
        }
    }

    /// Whether a delete with this timeout (milliseconds) may leave now.
    public func mayDelete(requestTimeout: Milliseconds) -> Bool {
        guard let renewedAt else { return false }
        return now - renewedAt <= Self.duration / 2 && now + requestTimeout < renewedAt + Self.duration
    }

    /// The monotonic time (milliseconds) by which a delete must be over, for ``APIRequest/deadline``; nil when none may
    /// leave now.
    public func deleteDeadline(requestTimeout: Milliseconds) -> Milliseconds? {
        mayDelete(requestTimeout: requestTimeout) ? now + requestTimeout : nil
    }

    // MARK: What is told

    func tell(_ event: Event) {
        switch event {
        case .held, .released: toldFailure = nil
        case .heldByOther, .lost, .failed: break
        }
        onEvent(event)
    }

    private func laterReleased() {
        let timer = client.schedule(at: now) { [weak self] in
            guard let self, !self.isWanted, case .waiting = self.state else { return }
            self.finishRelease()
        }
        state = .waiting(timer)
    }

    /// Notes a confirmed renewal. Counted from when it was sent, which is before the server wrote it.
    func confirm(_ record: LeaseRecord, sentAt: Milliseconds) {
        let wasHeld = renewedAt != nil
        confirmed = record
        renewedAt = sentAt
        observation = nil
        backoff.reset()
        if let expiry { client.unschedule(expiry) }
        expiry = client.schedule(at: sentAt + Self.duration) { [weak self] in
            guard let self else { return }
            let why = self.toldFailure.map { ": \($0)" } ?? ""
            self.lose("it could not be renewed for \(KubernetesLimits.leaseSeconds) s\(why)")
        }
        if !wasHeld || toldFailure != nil { tell(.held(anew: !wasHeld)) }
    }

    /// Notes that the Lease is not ours any longer.
    func lose(_ reason: String) {
        forget()
        if isWanted { tell(.lost(reason: reason)) }
    }

    /// Forgets that we held it.
    func forget() {
        if let expiry { client.unschedule(expiry) }
        expiry = nil
        renewedAt = nil
    }
}
