import CCurl
import Foundation
public import SluiceCore

/// The real outside: libcurl, processes, signals, clocks.
///
/// One thread owns an object of this class, and libcurl calls back only from within ``poll(until:)``. Every wait is a
/// `curl_multi_poll` over all connections together with the signal pipe and the pipes of running commands.
public final class SystemOutside: Outside {
    /// Tells whether another process has written: called once a second within ``poll(until:)``; a value that differs
    /// from the one before becomes ``Arrival/storeChanged``. SQLite's `PRAGMA data_version` is such a value.
    public var storeVersion: (() -> Int64)? {
        didSet {
            lastStoreVersion = storeVersion?()
            nextStoreLook = Self.monotonic + OutsideLimits.storeInterval
        }
    }

    /// The descriptor of a terminal to which commands' stderr is repeated as it comes, so that a person sees the address
    /// at which a credential plugin wants a login; nil for none.
    public var diagnosticsCopy: Int32?

    private let multi: UnsafeMutableRawPointer
    private let fileWait: Milliseconds
    private let queue = ArrivalQueue()
    private var transfers: [OrderID: CurlTransfer] = [:]
    private var children: [ChildProcess] = []
    private var signals: SignalPipe?
    private var lastNumber: UInt64 = 0
    private var lastStoreVersion: Int64?
    private var nextStoreLook: Milliseconds = 0

    /// `curl_global_init` once a process, before any other thread can exist that uses libcurl.
    private static let library: UInt32 = sluice_global_init().rawValue

    /// The outside of this process. Ignores SIGPIPE from now on: a peer that hangs up is an error, not our end.
    ///
    /// - Throws: ``TransportError`` with the sentence of ``requirement()``, or when libcurl has no memory.
    public convenience init() throws(TransportError) {
        try self.init(fileWait: OutsideLimits.fileWait)
    }

    /// The outside of this process.
    ///
    /// - Parameter fileWait: how long a pipe may keep ``readFile(_:)`` waiting, in milliseconds.
    init(fileWait: Milliseconds) throws(TransportError) {
        self.fileWait = fileWait
        if let missing = Self.requirement() { throw TransportError(.broken, missing) }
        guard Self.library == CURLE_OK.rawValue, let multi = curl_multi_init() else {
            throw TransportError(.broken, "libcurl could not be initialised")
        }
        self.multi = multi
        _ = sluice_multi_set_long(multi, CURLMOPT_MAXCONNECTS, OutsideLimits.keptConnections)
        _ = sluice_ignore_broken_pipes()
    }

    deinit {
        for transfer in transfers.values { transfer.close(removingFrom: multi) }
        for child in children { child.close() }
        curl_multi_cleanup(multi)
    }

    /// What this machine's libcurl lacks, in one sentence that says what to install; nil when nothing.
    public static func requirement() -> String? {
        guard let information = sluice_library_version() else { return "libcurl does not tell its version" }
        let name = information.pointee.version.map { String(cString: $0) } ?? "an unknown version"
        guard information.pointee.version_num >= OutsideLimits.oldestLibrary else {
            return "libcurl 7.81 or later is needed, this machine has \(name); install a newer libcurl4 package"
        }
        guard information.pointee.features & CURL_VERSION_SSL != 0 else {
            return "this machine's libcurl (\(name)) was built without TLS; install libcurl4 with OpenSSL"
        }
        return nil
    }

    /// Milliseconds of the boot-time clock, which counts suspension.
    static var monotonic: Milliseconds { read(CLOCK_BOOTTIME) }

    private static func read(_ clock: clockid_t) -> Milliseconds {
        var time = timespec()
        clock_gettime(clock, &time)
        return Milliseconds(time.tv_sec) * 1_000 + Milliseconds(time.tv_nsec) / 1_000_000
    }

    /// Boot-time clock and wall clock.
    public var now: Moment { Moment(monotonic: Self.monotonic, wall: Timestamp(Self.read(CLOCK_REALTIME))) }

    /// 64 random bits of the system.
    public func random() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }

    /// The bytes of a file of at most 16 MiB. A pipe is read to its end if somebody writes into it without a long pause.
    ///
    /// - Throws: ``FileError`` naming the path and what the system said.
    public func readFile(_ path: String) throws(FileError) -> [UInt8] {
        try BoundedFile(path: path, wait: fileWait).read()
    }

    /// As ``readFile(_:)``, for a file that may be larger.
    ///
    /// - Parameter limit: the most bytes.
    public func readFile(_ path: String, atMost limit: Int) throws(FileError) -> [UInt8] {
        try BoundedFile(path: path, wait: fileWait, limit: limit).read()
    }

    /// Catches signals from now on: the first one of them arrives as ``Arrival/signal(_:)``, a second one ends the
    /// process at once with 128 + its number, even while this thread is busy.
    ///
    /// - Throws: ``TransportError`` when the process has no descriptors left or a signal cannot be caught.
    public func catchSignals(_ numbers: [Int32]) throws(TransportError) {
        signals = nil
        signals = try SignalPipe(numbers)
    }

    /// Begins a request or a command.
    public func start(_ order: Order) -> OrderID {
        lastNumber += 1
        let id = OrderID(lastNumber)
        switch order {
        case .http(let request): start(request, id)
        case .command(let command):
            switch ChildProcess.start(command, id: id, copy: diagnosticsCopy, now: Self.monotonic) {
            case .success(let child): children.append(child)
            case .failure(let error): queue.arrivals.append(.exited(id, .failure(error)))
            }
        }
        return id
    }

    private func start(_ request: HTTPRequest, _ id: OrderID) {
        do throws(TransportError) {
            let transfer = try CurlTransfer(request, id: id, queue: queue, now: Self.monotonic)
            let code = curl_multi_add_handle(multi, transfer.easy)
            guard code == CURLM_OK else {
                transfer.close(removingFrom: nil)
                throw TransportError(.broken, "libcurl: \(String(cString: curl_multi_strerror(code)))")
            }
            transfers[id] = transfer
        } catch {
            queue.arrivals.append(.finished(id, .failure(error)))
        }
    }

    /// Forgets a request (its connection is closed) or a command (its process group is killed).
    public func cancel(_ id: OrderID) {
        queue.forget(id)
        if let transfer = transfers.removeValue(forKey: id) { transfer.close(removingFrom: multi) }
        for child in children where child.id == id { child.abandon() }
    }

    /// Waits until something arrives or the boot-time clock reaches `deadline`.
    public func poll(until deadline: Milliseconds?) -> [Arrival] {
        while true {
            advance()
            let now = Self.monotonic
            guard queue.arrivals.isEmpty else { return queue.drain() }
            if let deadline, now >= deadline { return [] }
            let wake = min(deadline ?? .max, nextWake(after: now))
            sleep(for: min(max(wake - now, 1), OutsideLimits.longestSleep))
        }
    }

    /// Everything that can be done without waiting. Deadlines come after the sockets, since an answer that lay ready while
    /// this thread was busy is not late; but what has not left by its deadline never leaves.
    private func advance() {
        endLate { $0.isUnsent }
        var running: Int32 = 0
        curl_multi_perform(multi, &running)
        takeFinished()
        endLate { _ in true }
        let now = Self.monotonic
        for child in children {
            guard let result = child.advance(at: now) else { continue }
            queue.arrivals.append(.exited(child.id, result))
        }
        children.removeAll { $0.isReaped }
        if let signals { queue.arrivals += signals.take().map(Arrival.signal) }
        lookAtStore(at: now)
    }

    private func endLate(_ isMeant: (CurlTransfer) -> Bool) {
        let now = Self.monotonic
        let late = transfers.values.filter { $0.nextDeadline <= now }.sorted { $0.id < $1.id }
        for transfer in late where isMeant(transfer) {
            guard let error = transfer.overdue(at: now) else { continue }
            finish(transfer.id, .failure(error))
        }
    }

    private func takeFinished() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle,
                let transfer = CurlTransfer.of(easy)
            else { continue }
            finish(transfer.id, transfer.result(message.pointee.data.result))
        }
    }

    private func finish(_ id: OrderID, _ result: Result<[UInt8], TransportError>) {
        guard let transfer = transfers.removeValue(forKey: id) else { return }
        transfer.close(removingFrom: multi)
        queue.arrivals.append(.finished(id, result))
    }

    private func lookAtStore(at now: Milliseconds) {
        guard let storeVersion, now >= nextStoreLook else { return }
        nextStoreLook = now + OutsideLimits.storeInterval
        let version = storeVersion()
        if version != lastStoreVersion { queue.arrivals.append(.storeChanged) }
        lastStoreVersion = version
    }

    private func nextWake(after now: Milliseconds) -> Milliseconds {
        var wake = storeVersion == nil ? Milliseconds.max : nextStoreLook
        for transfer in transfers.values { wake = min(wake, transfer.nextDeadline) }
        for child in children { wake = min(wake, child.nextWake(after: now)) }
        return wake
    }

    private func sleep(for duration: Milliseconds) {
        var descriptors = children.flatMap { $0.descriptors }
        if let signals { descriptors.append(signals.descriptor) }
        var waits = descriptors.map { curl_waitfd(fd: $0, events: Int16(CURL_WAIT_POLLIN), revents: 0) }
        let code = curl_multi_poll(multi, &waits, UInt32(waits.count), Int32(duration), nil)
        // Whatever keeps libcurl from waiting must not turn the loop into a busy one.
        if code != CURLM_OK { _ = Foundation.poll(nil, 0, Int32(min(duration, OutsideLimits.reapInterval))) }
    }
}

/// What has arrived and was not handed over yet; shared with the callbacks of libcurl.
final class ArrivalQueue {
    var arrivals: [Arrival] = []

    func drain() -> [Arrival] {
        defer { arrivals = [] }
        return arrivals
    }

    func forget(_ id: OrderID) {
        arrivals.removeAll { arrival in
            switch arrival {
            case .head(let other, _), .bytes(let other, _), .finished(let other, _), .exited(let other, _): other == id
            case .signal, .storeChanged: false
            }
        }
    }
}
