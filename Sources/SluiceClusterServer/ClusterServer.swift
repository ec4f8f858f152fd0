import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import SluiceCluster
import SluiceCore

/// The embedded cluster over HTTP/1.1 on loopback.
public struct ClusterServer: Sendable {
    /// Where it is reached.
    public let address: ClusterAddress
    private let group: MultiThreadedEventLoopGroup
    private let channel: any Channel

    /// Serves until SIGTERM or SIGINT arrives.
    ///
    /// - Parameters:
    ///   - options: what to serve, and where.
    ///   - onReady: called once when requests are answered.
    /// - Throws: ``ClusterServerError`` when the port is taken, the manifest is refused or a file cannot be written.
    public static func run(options: ClusterServerOptions, onReady: (ClusterAddress) -> Void) throws {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        let server = try start(options: options)
        onReady(server.address)
        var received: Int32 = 0
        sigwait(&signals, &received)
        try server.stop()
    }

    /// Starts serving and returns.
    ///
    /// - Throws: as ``run(options:onReady:)``.
    public static func start(options: ClusterServerOptions) throws -> ClusterServer {
        signal(SIGPIPE, SIG_IGN)
        var made = options.cluster
        let token = made.token ?? Self.defaultToken
        made.token = token
        let clock = Clock()
        let now = clock.now
        var cluster = Cluster(options: made, start: Timestamp(now.millisecondsSince1970 - max(0, options.age)))
        do {
            try cluster.apply(options.manifest, at: Timestamp(now.millisecondsSince1970 - max(0, options.age)))
        } catch {
            throw ClusterServerError(description: "the cluster's manifest was refused: \(error)")
        }
        cluster.advance(to: now)
        let audit = try options.audit.map(AuditFile.init)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let channel = try listen(group, cluster, clock, audit: audit, port: options.port)
            let port = channel.localAddress?.port ?? options.port
            let server = ClusterServer(
                address: ClusterAddress(port: port, token: token), group: group, channel: channel)
            if let path = options.kubeconfig { try write(server.address.kubeconfig, to: path) }
            return server
        } catch {
            try group.syncShutdownGracefully()
            if let error = error as? ClusterServerError { throw error }
            let why = (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
            throw ClusterServerError(
                description: "cannot listen on 127.0.0.1:\(options.port): \(why); choose another port, or 0 for any")
        }
    }

    /// Closes the port and all connections.
    public func stop() throws {
        try channel.close().wait()
        try group.syncShutdownGracefully()
    }

    /// The token of the kubeconfig when none is chosen: it guards nothing, as the cluster listens on loopback only.
    private static let defaultToken = "sluice-cluster"

    private static func listen(
        _ group: MultiThreadedEventLoopGroup, _ cluster: Cluster, _ clock: Clock, audit: AuditFile?, port: Int
    ) throws -> any Channel {
        let loop = group.next()
        let host = try loop.submit {
            let host = ClusterHost(cluster: cluster, clock: clock, loop: loop, audit: audit)
            return NIOLoopBound(host, eventLoop: loop)
        }.wait()
        return try ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 256)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
                    try channel.pipeline.syncOperations.addHandler(ConnectionHandler(host: host.value))
                }
            }
            .bind(host: "127.0.0.1", port: port).wait()
    }

    private static func write(_ text: String, to path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Self.unwritable(path) }
        defer { close(file) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard count > 0 else { throw Self.unwritable(path) }
            rest = rest.dropFirst(count)
        }
    }

    private static func unwritable(_ path: String) -> ClusterServerError {
        ClusterServerError(
            description: "cannot write the kubeconfig \(path): \(String(cString: strerror(errno))); "
                + "choose a path that you may write")
    }
}

/// Wall time that never steps back: the wall clock's at the start, moved on by the monotonic clock.
struct Clock: Sendable {
    private let offset: Milliseconds

    init() {
        offset = Self.read(CLOCK_REALTIME) - Self.read(CLOCK_MONOTONIC)
    }

    var now: Timestamp { Timestamp(Self.read(CLOCK_MONOTONIC) + offset) }

    private static func read(_ clock: clockid_t) -> Milliseconds {
        var time = timespec()
        clock_gettime(clock, &time)
        return Milliseconds(time.tv_sec) * 1_000 + Milliseconds(time.tv_nsec) / 1_000_000
    }
}
