public import SluiceCore

/// What a watch tells.
public enum WatchEvent<Object: Sendable>: Sendable {
    /// Everything that there is, with the server's clock; what was known before and is not in it is gone. It also
    /// ends a loss.
    case listed([Object], serverTime: Timestamp?)
    /// One object appeared or changed.
    case changed(Object)
    /// One object is gone, with its last state.
    case gone(Object)
    /// Nothing can be seen at the moment; the watch keeps trying. Told again when the reason changes.
    case lost(reason: String)
    /// It can be seen again and nothing was missed.
    case regained
    /// The server refuses to let us look (401, 403); the watch keeps trying, told once until something else happens.
    case refused(APIError)
}

/// Lists a collection and then follows every change of it, over all that can go wrong between.
///
/// Driven by its client's ``KubernetesClient/receive(_:)`` and ``KubernetesClient/advance()``; its events come from inside
/// these two calls, and never from inside ``start()``.
///
/// Five states. Where each failure leads:
/// - *listing*: a page fails → *waiting*, then the same page, some times; an expired continue token (410) → the list from
///   its beginning; a page that is too large → the same page with fewer objects.
/// - *connecting* and *watching*: the stream ends or breaks → *connecting* from the last version, at once; when that
///   fails too, the loss is told → *waiting*. 410, as a status or as an ERROR line → *listing*. A line that cannot be
///   read or is too long → *listing*.
/// - A BOOKMARK moves the version and nothing else.
public final class ResourceWatch<Object: ClusterObject> {
    enum State {
        /// Not started, or stopped.
        case idle
        /// Pages are being read. Exits: `connecting`, `waiting`.
        case listing(KubernetesClient.RequestID, ListProgress<Object>)
        /// A stream was asked for and has not answered. Exits: `watching`, `listing`, `waiting`.
        case connecting(KubernetesClient.RequestID, version: String, timer: TimerQueue.ID)
        /// A stream is open. Exits: `connecting`, `listing`, `waiting`.
        case watching(OpenStream)
        /// A failure is being waited out: of a server that was out of reach, or another one. Exits: `listing`,
        /// `connecting`.
        case waiting(TimerQueue.ID, isUnreachable: Bool)
    }

    /// A list whose pages are being read.
    struct ListProgress<Item: Sendable> {
        var items: [Item] = []
        var serverTime: Timestamp?
        var pages = 0
        /// How often the page at hand has failed.
        var failures = 0
    }

    /// A stream that answered.
    struct OpenStream {
        var id: KubernetesClient.RequestID
        /// The version up to which everything is known.
        var version: String
        var lines = LineBuffer(limit: KubernetesLimits.watchLineBytes)
        var openedAt: Milliseconds
        var hasTold = false
        /// Ends a stream that the server should have ended.
        var timer: TimerQueue.ID
    }

    let client: KubernetesClient
    let request: APIRequest
    private let onEvent: (WatchEvent<Object>) -> Void
    var state = State.idle
    var pageSize = PageSize()
    var backoff = Backoff(base: KubernetesLimits.watchBackoffBase, cap: KubernetesLimits.watchBackoffCap)
    /// Streams from one version that the server itself ended badly, in a row.
    var failedStreams = 0
    /// The loss or the refusal that was told last; nil while everything is seen.
    private var toldFailure: APIError?

    /// A watch of everything that a list request matches.
    ///
    /// - Parameter onEvent: told every event, in order.
    public init(client: KubernetesClient, list: APIRequest, onEvent: @escaping (WatchEvent<Object>) -> Void) {
        self.client = client
        self.request = list
        self.onEvent = onEvent
    }

    deinit { leaveState() }

    /// What is watched, in words: `pods in namespace "monitoring"`.
    public var name: String { request.subject.collectionName }

    /// Begins. Does nothing when it has begun.
    public func start() {
        guard case .idle = state else { return }
        list()
    }

    /// Ends without an event.
    public func stop() {
        leaveState()
        state = .idle
    }

    /// Lists everything from now on again, also when a list is under way, which may have begun too early: the next
    /// `listed` is a fresh view. Does nothing before ``start()``.
    public func relist() {
        if case .idle = state { return }
        leaveState()
        list()
    }

    /// Tries again at once if the server could not be reached: for whoever has just seen that it can be. Each watch waits
    /// by itself, so after a few restarts of the server in a row one might sit out half a minute that is over.
    public func serverAnswered() {
        guard case .waiting(let timer, isUnreachable: true) = state else { return }
        client.hasten(timer)
    }

    /// Gives up the request or the timer of the present state.
    func leaveState() {
        switch state {
        case .idle: break
        case .listing(let id, _): client.cancel(id)
        case .connecting(let id, _, let timer):
            client.cancel(id)
            client.unschedule(timer)
        case .watching(let stream):
            client.cancel(stream.id)
            client.unschedule(stream.timer)
        case .waiting(let timer, _): client.unschedule(timer)
        }
    }

    // MARK: Telling

    func tell(_ event: WatchEvent<Object>) {
        switch event {
        case .listed, .regained: toldFailure = nil
        case .changed, .gone, .lost, .refused: break
        }
        onEvent(event)
    }

    /// Tells that nothing can be seen, again when the reason changes; a refusal has an event of its own.
    private func tellLoss(_ error: APIError) {
        guard toldFailure != error else { return }
        toldFailure = error
        switch error.kind {
        case .forbidden, .authentication: tell(.refused(error))
        case .transport, .status, .credential, .decoding, .notSent, .interrupted:
            tell(.lost(reason: error.description))
        }
    }

    func tellRegained() {
        if toldFailure != nil { tell(.regained) }
    }

    // MARK: Waiting

    /// Waits after a failure, then watches from a version, or lists when there is none.
    func wait(_ error: APIError, version: String?) {
        wait(error) { watch in
            if let version { watch.connect(version) } else { watch.list() }
        }
    }

    /// Waits after a failure, then goes on.
    func wait(_ error: APIError, then goOn: @escaping (ResourceWatch) -> Void) {
        tellLoss(error)
        let isUnreachable = if case .transport = error.kind { true } else { false }
        let pause = backoff.next(after: error, random: client.outside.random())
        wait(for: pause, isUnreachable: isUnreachable, then: goOn)
    }

    func wait(for pause: Milliseconds, isUnreachable: Bool = false, then goOn: @escaping (ResourceWatch) -> Void) {
        let timer = client.schedule(at: client.outside.now.monotonic + pause) { [weak self] in
            if let self { goOn(self) }
        }
        state = .waiting(timer, isUnreachable: isUnreachable)
    }
}

extension ResourceWatch where Object == Node {
    /// A watch of all nodes.
    public static func nodes(
        _ client: KubernetesClient, onEvent: @escaping (WatchEvent<Node>) -> Void
    ) -> ResourceWatch<Node> {
        ResourceWatch(client: client, list: .listNodes(), onEvent: onEvent)
    }
}

extension ResourceWatch where Object == Pod {
    /// A watch of the pods that a DaemonSet's selector matches, whoever owns them.
    public static func pods(
        _ client: KubernetesClient, namespace: String, selector: LabelSelector,
        onEvent: @escaping (WatchEvent<Pod>) -> Void
    ) -> ResourceWatch<Pod> {
        ResourceWatch(
            client: client, list: .listPods(namespace: namespace, labelSelector: selector.queryText),
            onEvent: onEvent)
    }
}

extension ResourceWatch where Object == DaemonSet {
    /// A watch of one DaemonSet. `listed` with nothing in it means that it does not exist.
    public static func daemonSet(
        _ client: KubernetesClient, namespace: String, name: String,
        onEvent: @escaping (WatchEvent<DaemonSet>) -> Void
    ) -> ResourceWatch<DaemonSet> {
        ResourceWatch(
            client: client, list: .listDaemonSets(namespace: namespace, name: name), onEvent: onEvent)
    }
}

extension ResourceWatch where Object == ControllerRevision {
    /// A watch of the revisions that a DaemonSet's selector matches.
    public static func revisions(
        _ client: KubernetesClient, namespace: String, selector: LabelSelector,
        onEvent: @escaping (WatchEvent<ControllerRevision>) -> Void
    ) -> ResourceWatch<ControllerRevision> {
        ResourceWatch(
            client: client,
            list: .listControllerRevisions(namespace: namespace, labelSelector: selector.queryText), onEvent: onEvent)
    }
}
