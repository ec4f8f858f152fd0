import CCurl
import SluiceCore

/// One HTTP request on its way: libcurl's easy handle with everything that must live as long as it.
///
/// Why the callbacks are safe: libcurl holds this object as an unretained pointer and calls back only from within
/// `curl_multi_perform` on the one thread. ``SystemOutside`` holds a strong reference for as long as the handle is in
/// the multi handle, and ``close(removingFrom:)``, which frees the handle, always comes before that reference goes.
final class CurlTransfer {
    let id: OrderID
    let easy: UnsafeMutableRawPointer
    private let request: HTTPRequest
    private let queue: ArrivalQueue
    private let peer: TransferPeer
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    private var headers: UnsafeMutablePointer<curl_slist>?
    private var connectTo: UnsafeMutablePointer<curl_slist>?
    private var head = HeadReader()
    private var body: [UInt8] = []
    private var failure: TransportError?
    private let deadline: Milliseconds
    private var lastHeard: Milliseconds
    private var isClosed = false

    /// A request ready to be added to the multi handle.
    ///
    /// - Throws: ``TransportError`` for a request that cannot be sent as it is. Nothing is left out silently: above
    ///   all no check of the peer.
    init(_ request: HTTPRequest, id: OrderID, queue: ArrivalQueue, now: Milliseconds) throws(TransportError) {
        peer = try TransferPeer(request)
        guard let easy = curl_easy_init() else { throw TransportError(.broken, "libcurl has no memory") }
        self.id = id
        self.easy = easy
        self.request = request
        self.queue = queue
        deadline = request.timeout.map { now + $0 } ?? .max
        lastHeard = now
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        do throws(TransportError) {
            try configure()
        } catch {
            close(removingFrom: nil)
            throw error
        }
    }

    /// The transfer of a handle that libcurl names.
    static func of(_ easy: UnsafeMutableRawPointer) -> CurlTransfer? {
        var context: UnsafeMutableRawPointer?
        guard sluice_easy_get_pointer(easy, CURLINFO_PRIVATE, &context) == CURLE_OK else { return nil }
        return of(context: context)
    }

    private static func of(context: UnsafeMutableRawPointer?) -> CurlTransfer? {
        context.map { Unmanaged<CurlTransfer>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Frees the handle; nothing may be called afterwards.
    func close(removingFrom multi: UnsafeMutableRawPointer?) {
        guard !isClosed else { return }
        isClosed = true
        if let multi { curl_multi_remove_handle(multi, easy) }
        curl_easy_cleanup(easy)
        curl_slist_free_all(headers)
        curl_slist_free_all(connectTo)
        errorText.deallocate()
    }

    // MARK: Time

    /// When to look again, on the boot-time clock.
    var nextDeadline: Milliseconds {
        min(deadline, request.idleTimeout.map { lastHeard + $0 } ?? .max)
    }

    /// Whether the request has not left yet: it waits for its connection.
    var isUnsent: Bool {
        var sent = 0
        return sluice_easy_get_long(easy, CURLINFO_REQUEST_SIZE, &sent) == CURLE_OK && sent == 0
    }

    /// Why the request must end now; nil while it may go on.
    func overdue(at now: Milliseconds) -> TransportError? {
        if now >= deadline, let timeout = request.timeout {
            let duration = SystemText.duration(timeout)
            return TransportError(.timeout, "\(peer.address) gave no complete answer within \(duration)")
        }
        if let limit = request.idleTimeout, now >= lastHeard + limit {
            return TransportError(.idle, "\(peer.address) was silent for \(SystemText.duration(limit))")
        }
        return nil
    }

    // MARK: What arrives

    /// What libcurl's verdict means.
    func result(_ code: CURLcode) -> Result<[UInt8], TransportError> {
        if let failure { return .failure(failure) }
        if code == CURLE_OK { return .success(body) }
        var number = 0
        _ = sluice_easy_get_long(easy, CURLINFO_OS_ERRNO, &number)
        var proxyStatus = 0
        _ = sluice_easy_get_long(easy, CURLINFO_HTTP_CONNECTCODE, &proxyStatus)
        var verifyResult = 0
        _ = sluice_easy_get_long(easy, CURLINFO_SSL_VERIFYRESULT, &verifyResult)
        let verdict = CurlVerdict(
            code: code, text: String(cString: errorText), systemError: Int32(truncatingIfNeeded: number),
            proxyStatus: proxyStatus, connectTimeout: request.connectTimeout, verifyResult: verifyResult,
            names: PeerCertificate.names(easy))
        return .failure(verdict.error(peer))
    }

    private func take(header line: UnsafeRawBufferPointer) -> Bool {
        lastHeard = SystemOutside.monotonic
        switch head.take(line) {
        case .more: return true
        case .complete(let head):
            queue.arrivals.append(.head(id, head))
            return true
        case .tooLarge:
            failure = TransportError(
                .bodyTooLarge, "\(peer.address) sent headers of more than \(OutsideLimits.headerBytes >> 10) KiB")
            return false
        }
    }

    private func take(body piece: UnsafeRawBufferPointer) -> Bool {
        lastHeard = SystemOutside.monotonic
        if request.streams {
            queue.arrivals.append(.bytes(id, [UInt8](piece)))
            return true
        }
        guard body.count + piece.count <= request.bodyLimit else {
            failure = TransportError(
                .bodyTooLarge, "\(peer.address) sent an answer of more than \(request.bodyLimit) bytes")
            return false
        }
        body.append(contentsOf: piece)
        return true
    }

    // MARK: Options

    private func configure() throws(TransportError) {
        try set(CURLOPT_URL, peer.url)
        try set(CURLOPT_ERRORBUFFER, UnsafeMutableRawPointer(errorText))
        try set(CURLOPT_PRIVATE, Unmanaged.passUnretained(self).toOpaque())
        try set(CURLOPT_NOSIGNAL, 1)
        try set(CURLOPT_FOLLOWLOCATION, 0)
        try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        try set(CURLOPT_BUFFERSIZE, OutsideLimits.readSize)
        try set(CURLOPT_CONNECTTIMEOUT_MS, Int(max(1, request.connectTimeout)))
        try set(CURLOPT_TCP_KEEPALIVE, 1)
        try set(CURLOPT_TCP_KEEPIDLE, OutsideLimits.keepAliveSeconds)
        try set(CURLOPT_TCP_KEEPINTVL, OutsideLimits.keepAliveProbeSeconds)
        sluice_easy_exit_quickly(easy)
        try check(sluice_easy_prepare_sockets(easy))
        try configureCallbacks()
        try configureMessage()
        try configureRoute()
        try configureSecurity()
    }

    private func configureCallbacks() throws(TransportError) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        try set(CURLOPT_WRITEDATA, context)
        try set(CURLOPT_HEADERDATA, context)
        try check(
            sluice_easy_set_callback(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
                let piece = UnsafeRawBufferPointer(start: bytes, count: size * count)
                return CurlTransfer.of(context: context)?.take(body: piece) == true ? piece.count : 0
            })
        try check(
            sluice_easy_set_callback(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
                let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
                return CurlTransfer.of(context: context)?.take(header: line) == true ? line.count : 0
            })
    }

    private func configureMessage() throws(TransportError) {
        var lines = try RequestHeaders.lines(request)
        if let host = peer.hostHeader, !RequestHeaders.names(request, "host") { lines.append("Host: \(host)") }
        for line in lines {
            guard let longer = curl_slist_append(headers, line) else {
                throw TransportError(.broken, "libcurl has no memory")
            }
            headers = longer
        }
        try check(sluice_easy_set_list(easy, CURLOPT_HTTPHEADER, headers))
        if request.method != .get || !request.body.isEmpty {
            if request.method != .delete || !request.body.isEmpty {
                try set(CURLOPT_POST, 1)
                try check(
                    sluice_easy_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count)))
                try check(
                    request.body.withUnsafeBytes {
                        sluice_easy_set_pointer(easy, CURLOPT_COPYPOSTFIELDS, $0.baseAddress ?? UnsafeRawPointer(easy))
                    })
            }
            try set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        }
        // Pieces of a stream must not wait in a decompressor.
        if !request.streams, Self.canDecompress, !RequestHeaders.names(request, "accept-encoding") {
            try set(CURLOPT_ACCEPT_ENCODING, "gzip")
        }
    }

    private static let canDecompress =
        sluice_library_version().map { $0.pointee.features & CURL_VERSION_LIBZ != 0 } ?? false

    private func configureRoute() throws(TransportError) {
        // Always said, so that libcurl never asks the environment itself: its rules are not kubectl's.
        try set(CURLOPT_PROXY, peer.proxy ?? "")
        try set(CURLOPT_NOPROXY, "")
        if peer.hasSecureProxy { try configureProxySecurity() }
        if let route = peer.connectTo {
            guard let list = curl_slist_append(nil, route) else {
                throw TransportError(.broken, "libcurl has no memory")
            }
            connectTo = list
            try check(sluice_easy_set_list(easy, CURLOPT_CONNECT_TO, list))
        }
    }

    private func configureSecurity() throws(TransportError) {
        let security = request.security
        try set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        try set(CURLOPT_SSL_VERIFYPEER, security.isInsecure ? 0 : 1)
        try set(CURLOPT_SSL_VERIFYHOST, security.isInsecure ? 0 : 2)
        if let authorities = security.authorities {
            // The library's own defaults would be trusted besides the given ones.
            try set(CURLOPT_CAINFO, nil as String?)
            try set(CURLOPT_CAPATH, nil as String?)
            try set(CURLOPT_CAINFO_BLOB, authorities)
        }
        if let certificate = security.certificate {
            try set(CURLOPT_SSLCERT_BLOB, certificate)
            try set(CURLOPT_SSLKEY_BLOB, security.key ?? certificate)
        }
        // Only to name the names of a certificate that carries others than the one we look for.
        if peer.isEncrypted { try set(CURLOPT_CERTINFO, 1) }
    }

    /// An https proxy is checked as the server is, as kubectl does: by the same authorities, or not at all.
    private func configureProxySecurity() throws(TransportError) {
        let security = request.security
        try set(CURLOPT_PROXY_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        try set(CURLOPT_PROXY_SSL_VERIFYPEER, security.isInsecure ? 0 : 1)
        try set(CURLOPT_PROXY_SSL_VERIFYHOST, security.isInsecure ? 0 : 2)
        if let authorities = security.authorities {
            try set(CURLOPT_PROXY_CAINFO, nil as String?)
            try set(CURLOPT_PROXY_CAPATH, nil as String?)
            try set(CURLOPT_PROXY_CAINFO_BLOB, authorities)
        }
    }

    private func set(_ option: CURLoption, _ value: Int) throws(TransportError) {
        try check(sluice_easy_set_long(easy, option, value))
    }

    private func set(_ option: CURLoption, _ value: String?) throws(TransportError) {
        try check(sluice_easy_set_string(easy, option, value))
    }

    private func set(_ option: CURLoption, _ value: UnsafeMutableRawPointer) throws(TransportError) {
        try check(sluice_easy_set_pointer(easy, option, value))
    }

    private func set(_ option: CURLoption, _ bytes: [UInt8]) throws(TransportError) {
        try check(bytes.withUnsafeBytes { sluice_easy_set_blob(easy, option, $0.baseAddress, $0.count) })
    }

    private func check(_ code: CURLcode) throws(TransportError) {
        guard code != CURLE_OK else { return }
        let text = String(cString: curl_easy_strerror(code))
        throw TransportError(.broken, "the request to \(peer.address) cannot be prepared: \(text)")
    }
}
