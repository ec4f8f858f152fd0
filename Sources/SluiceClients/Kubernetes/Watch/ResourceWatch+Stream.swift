import SluiceCore

extension ResourceWatch {
    private var now: Milliseconds { client.outside.now.monotonic }

    // MARK: Listing

    /// Reads everything from the first page on.
    func list() {
        failedStreams = 0
        askPage(nil, ListProgress())
    }

    private func askPage(_ token: String?, _ progress: ListProgress<Object>) {
        var page = request.page(limit: pageSize.objects, token: token)
        page.isRetried = false
        let id = client.send(page) { [weak self] in self?.pageArrived($0, token) }
        state = .listing(id, progress)
    }

    private func pageArrived(_ result: Result<APIResponse, APIError>, _ token: String?) {
        guard case .listing(_, let progress) = state else { return }
        switch result {
        case .failure(let error): pageFailed(error, token, progress)
        case .success(let response):
            do {
                try pageRead(Object.decodePage(response.body, interner: client.interner), response, progress)
            } catch {
                wait(APIError(.decoding("\(error)"), request), version: nil)
            }
        }
    }

    private func pageRead(
        _ page: ObjectPage<Object>, _ response: APIResponse, _ progress: ListProgress<Object>
    ) {
        var progress = progress
        pageSize.learn(bytes: response.body.count, objects: page.items.count)
        progress.serverTime = progress.serverTime ?? response.serverTime
        progress.items += page.items
        progress.pages += 1
        progress.failures = 0
        if let token = page.continueToken, progress.pages < KubernetesLimits.pages {
            askPage(token, progress)
            return
        }
        connect(page.resourceVersion)
        tell(.listed(progress.items, serverTime: progress.serverTime))
    }

    private func pageFailed(_ error: APIError, _ token: String?, _ progress: ListProgress<Object>) {
        if error.code == 410, progress.pages > 0 {
            // The continue token expired because the list took too long: what was read is no consistent view.
            restart(error)
        } else if error.isTooLarge, pageSize.shrink() {
            askPage(token, progress)
        } else if error.code == 404 {
            // There is no such collection, so nothing is in it; it may come to be, which is no loss of sight.
            tell(.listed([], serverTime: nil))
            guard case .listing = state else { return }
            wait(for: backoff.next(random: client.outside.random())) { $0.list() }
        } else if error.isTemporary, progress.failures + 1 < KubernetesLimits.pageAttempts {
            var progress = progress
            progress.failures += 1
            wait(error) { $0.askPage(token, progress) }
        } else {
            wait(error, version: nil)
        }
    }

    // MARK: Connecting

    /// Asks for the stream of changes after a version.
    func connect(_ version: String) {
        let range = KubernetesLimits.watchSeconds
        let spread = UInt64(range.upperBound - range.lowerBound + 1)
        let seconds = range.lowerBound + Int64(client.outside.random() % spread)
        let lifetime = seconds * 1_000 + KubernetesLimits.watchGrace
        let watch = request.watching(from: version, seconds: seconds)
        let id = client.stream(watch, idleTimeout: KubernetesLimits.watchIdle) { [weak self] event in
            self?.streamEvent(event, lifetime: lifetime)
        }
        let timer = client.schedule(at: now + KubernetesLimits.watchHeadTimeout) { [weak self] in
            self?.streamTimedOut("the server did not begin to answer")
        }
        state = .connecting(id, version: version, timer: timer)
    }

    private func streamEvent(_ event: KubernetesClient.StreamEvent, lifetime: Milliseconds) {
        switch event {
        case .opened: opened(lifetime: lifetime)
        case .bytes(let bytes): take(bytes)
        case .ended(let error): ended(error)
        }
    }

    private func opened(lifetime: Milliseconds) {
        guard case .connecting(let id, let version, let timer) = state else { return }
        client.unschedule(timer)
        let end = client.schedule(at: now + lifetime) { [weak self] in
            self?.streamTimedOut("the server did not end the watch when it should have")
        }
        state = .watching(OpenStream(id: id, version: version, openedAt: now, timer: end))
        tellRegained()
    }

    /// Gives up a stream that says nothing, and goes on as if it had broken.
    private func streamTimedOut(_ reason: String) {
        switch state {
        case .connecting(let id, _, _): client.cancel(id)
        case .watching(let stream): client.cancel(stream.id)
        case .idle, .listing, .waiting: return
        }
        ended(APIError(.transport(TransportError(.idle, reason)), request))
    }

    // MARK: Watching

    private func take(_ bytes: [UInt8]) {
        guard case .watching(var stream) = state else { return }
        // The buffer must not be shared while it grows, else each piece would copy it.
        state = .idle
        let lines = stream.lines.append(bytes)
        let id = stream.id
        state = .watching(stream)
        guard let lines else {
            let limit = KubernetesLimits.watchLineBytes
            return listAgain(.decoding("a line of the watch is longer than \(limit) bytes"))
        }
        for line in lines {
            do {
                handle(try Object.decodeLine(line, interner: client.interner))
            } catch {
                listAgain(.decoding("a line of the watch: \(error)"))
            }
            // What a line led to, or whom it was told, may have ended this stream.
            guard case .watching(let current) = state, current.id == id else { return }
        }
    }

    private func handle(_ line: WatchLine<Object>) {
        switch line {
        case .bookmark(let version): move(to: version)
        case .changed(let object, let version):
            move(to: version)
            tell(.changed(object))
        case .gone(let object, let version):
            move(to: version)
            tell(.gone(object))
        case .failed(let status): failed(APIError(status: status, request))
        }
    }

    private func move(to version: String) {
        guard case .watching(var stream) = state else { return }
        state = .idle
        stream.version = version
        stream.hasTold = true
        state = .watching(stream)
        failedStreams = 0
    }

    /// Lists again because the stream cannot be understood; the first time at once.
    private func listAgain(_ kind: APIError.Kind) {
        leaveState()
        restart(APIError(kind, request))
    }

    /// Takes an ERROR line.
    private func failed(_ error: APIError) {
        guard case .watching(let stream) = state else { return }
        forgetOldFailures(stream)
        leaveState()
        if error.code == 410 {
            restart(error)
        } else {
            failedStreams += 1
            wait(error, version: versionToGoOn(stream.version))
        }
    }

    /// Takes the end of a stream, or of the attempt to open one.
    private func ended(_ error: APIError?) {
        let failure = error ?? APIError(.transport(TransportError(.broken, "the watch ended at once")), request)
        switch state {
        case .connecting(_, let version, let timer):
            client.unschedule(timer)
            if failure.code == 410 { return restart(failure) }
            if failure.code != nil || error == nil { failedStreams += 1 }
            wait(failure, version: versionToGoOn(version))
        case .watching(let stream):
            client.unschedule(stream.timer)
            forgetOldFailures(stream)
            let wasShort = now - stream.openedAt < KubernetesLimits.watchShortest
            if !wasShort || (error == nil && stream.hasTold) { return connect(stream.version) }
            failedStreams += 1
            wait(failure, version: versionToGoOn(stream.version))
        case .idle, .listing, .waiting: break
        }
    }

    /// A version that several streams in a row could not start from will not get better.
    private func versionToGoOn(_ version: String) -> String? {
        failedStreams < KubernetesLimits.watchFailures ? version : nil
    }

    private func forgetOldFailures(_ stream: OpenStream) {
        if now - stream.openedAt >= KubernetesLimits.watchQuietPeriod { backoff.reset() }
    }

    /// Lists at once after a first failure, after a wait when failures repeat.
    private func restart(_ error: APIError) {
        guard backoff.failures == 0 else { return wait(error, version: nil) }
        _ = backoff.next(random: client.outside.random())
        list()
    }
}

extension APIRequest {
    /// The watch of what a list request matches.
    func watching(from version: String, seconds: Int64) -> APIRequest {
        var watch = self
        watch.query += [
            ("watch", "1"), ("allowWatchBookmarks", "true"), ("timeoutSeconds", String(seconds)),
            ("resourceVersion", version),
        ]
        watch.subject.verb = "watch"
        return watch
    }
}

extension APIRequest.Subject {
    /// The collection in words: `pods in namespace "monitoring"`.
    var collectionName: String {
        let named = name.map { " \"\($0)\"" } ?? ""
        return resource + named + (namespace.map { " in namespace \"\($0)\"" } ?? "")
    }
}
