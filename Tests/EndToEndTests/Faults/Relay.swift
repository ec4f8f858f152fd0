import Foundation
import Testing

/// One connection through a ``FaultProxy``: a thread that reads the client's requests and one that hands the answers back.
///
/// Safe to share: the two modes are behind a lock; the descriptors never change and are closed once, by the last of the
/// two threads.
final class Relay: @unchecked Sendable {
    private enum Mode: Equatable {
        case pass
        /// What the server says is read and dropped.
        case drop
        /// The connection is cut after so many bytes more.
        case cut(after: Int)
    }

    private let client: Int32
    private let server: Int32
    private weak var proxy: FaultProxy?
    private let lock = NSLock()
    private var mode = Mode.pass
    private var threads = 2
    private let answered = DispatchSemaphore(value: 0)

    /// Nil when the server does not take the connection.
    init?(client: Int32, upstream: UInt16, proxy: FaultProxy) {
        let server = Socket.connect(port: upstream)
        guard server >= 0 else { return nil }
        self.client = client
        self.server = server
        self.proxy = proxy
    }

    /// - Parameter idleLimit: how long it may be silent, in milliseconds; -1 for ever.
    func start(idleLimit: Int32) {
        proxy?.add(self)
        run { $0.carryRequests() }
        run { $0.carryAnswers(idleLimit: idleLimit) }
    }

    /// Breaks it with a reset, which the client sees at once.
    func cut() {
        lock.withLock {
            guard threads > 0 else { return }
            Socket.resetOnClose(client)
            shutdown(client, Int32(SHUT_RDWR))
            shutdown(server, Int32(SHUT_RDWR))
        }
    }

    private func run(_ body: @escaping @Sendable (Relay) -> Void) {
        let thread = Thread { [self] in
            body(self)
            shutdown(client, Int32(SHUT_RDWR))
            shutdown(server, Int32(SHUT_RDWR))
            answered.signal()
            let isLast = lock.withLock {
                threads -= 1
                return threads == 0
            }
            guard isLast else { return }
            proxy?.remove(self)
            close(client)
            close(server)
        }
        thread.stackSize = 256 << 10
        thread.start()
    }

    // MARK: From the client

    private func carryRequests() {
        var buffer: [UInt8] = []
        while let request = Socket.readRequest(client, &buffer) {
            guard let proxy else { return }
            switch proxy.action(for: request.parsed) {
            case .pass: Socket.write(server, request.bytes)
            case .answer(let status, let type, let headers, let body):
                say(status, type: type, headers: headers, body)
            case .hang: continue
            case .loseAnswer:
                exchange(request.bytes)
                return
            case .replaceAnswer(let status, let type, let body):
                exchange(request.bytes)
                say(status, type: type, body)
                return
            case .cut(let count):
                lock.withLock { mode = .cut(after: count) }
                Socket.write(server, request.bytes)
            }
        }
    }

    /// Has the server act, and keeps its answer from the client.
    private func exchange(_ request: [UInt8]) {
        lock.withLock { mode = .drop }
        Socket.write(server, request)
        answered.wait()
    }

    private func say(_ status: String, type: String, headers: String = "", _ body: String) {
        let head = "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n"
        Socket.write(client, Array((head + body).utf8))
    }

    // MARK: From the server

    private func carryAnswers(idleLimit: Int32) {
        while true {
            var waited = pollfd(fd: server, events: Int16(POLLIN), revents: 0)
            guard poll(&waited, 1, idleLimit) > 0, let bytes = Socket.read(server) else { return }
            switch lock.withLock({ mode }) {
            case .pass: Socket.write(client, bytes)
            case .drop: answered.signal()
            case .cut(let count):
                Socket.write(client, Array(bytes.prefix(count)))
                guard bytes.count < count else { return }
                lock.withLock { mode = .cut(after: count - bytes.count) }
            }
        }
    }
}

/// Sockets on 127.0.0.1.
enum Socket {
    private static func address(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = port.bigEndian
        return address
    }

    private static func make() -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        return descriptor
    }

    /// A listening socket; port 0 takes a free one.
    static func listen(port: UInt16) throws -> (descriptor: Int32, port: UInt16) {
        let descriptor = make()
        var address = address(port)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, size) | Glibc.listen(descriptor, 512)
                    | getsockname(descriptor, address, &size)
            }
        }
        try #require(code == 0, "cannot listen on port \(port): \(String(cString: strerror(errno)))")
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    /// A connection; negative when it is refused.
    static func connect(port: UInt16) -> Int32 {
        let descriptor = make()
        var address = address(port)
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                Glibc.connect(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code != 0 else { return descriptor }
        close(descriptor)
        return -1
    }

    /// Reads once; nil at the end.
    static func read(_ descriptor: Int32) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count > 0 ? Array(buffer[..<count]) : nil
    }

    static func write(_ descriptor: Int32, _ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    static func resetOnClose(_ descriptor: Int32) {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    /// Reads one request with its body, which has a length; nil when the client has hung up.
    static func readRequest(
        _ descriptor: Int32, _ buffer: inout [UInt8]
    ) -> (parsed: FaultProxy.Request, bytes: [UInt8])? {
        while true {
            if let end = buffer.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound {
                let lines = String(decoding: buffer[..<end], as: UTF8.self).components(separatedBy: "\r\n")
                let length = Int(header("content-length", lines)) ?? 0
                if buffer.count >= end + length {
                    defer { buffer.removeFirst(end + length) }
                    let words = lines[0].split(separator: " ").map(String.init)
                    let request = FaultProxy.Request(
                        method: words.first ?? "", target: words.count > 1 ? words[1] : "",
                        authorization: header("authorization", lines))
                    // The proxy alone looks at who is asking.
                    let kept = lines.dropLast(2).filter { !$0.lowercased().hasPrefix("authorization:") }
                    let head = kept.joined(separator: "\r\n") + "\r\n\r\n"
                    return (request, Array(head.utf8) + buffer[end..<(end + length)])
                }
            }
            guard let piece = read(descriptor) else { return nil }
            buffer += piece
        }
    }

    private static func header(_ name: String, _ lines: [String]) -> String {
        let line = lines.first { $0.lowercased().hasPrefix(name + ":") } ?? ""
        return line.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces)
    }
}
