import Foundation
import Testing

/// A server on 127.0.0.1 whose every connection is handled by a script on a thread of its own.
///
/// Safe to share: the descriptor never changes, the counter is behind a lock.
final class LoopbackServer: @unchecked Sendable {
    let port: Int
    private let descriptor: Int32
    private let lock = NSLock()
    private var count = 0

    var url: String { "http://127.0.0.1:\(port)" }

    /// How many connections were accepted.
    var connections: Int { lock.withLock { count } }

    init(_ script: @escaping @Sendable (Peer) -> Void) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, size) | listen(descriptor, 512) | getsockname(descriptor, address, &size)
            }
        }
        try #require(code == 0)
        self.descriptor = descriptor
        port = Int(UInt16(bigEndian: address.sin_port))
        let thread = Thread { [weak self] in
            while true {
                let accepted = accept(descriptor, nil, nil)
                guard accepted >= 0 else { break }
                self?.countOne()
                let handler = Thread {
                    script(Peer(descriptor: accepted))
                    close(accepted)
                }
                handler.stackSize = 256 << 10
                handler.start()
            }
            // Only this thread may close it: the number could be another server's before this thread has noticed.
            close(descriptor)
        }
        thread.start()
    }

    private func countOne() { lock.withLock { count += 1 } }

    /// Nobody listens from now on.
    deinit { shutdown(descriptor, Int32(SHUT_RDWR)) }
}

/// The server's end of a connection.
struct Peer: Sendable {
    let descriptor: Int32

    /// Reads a request with its body; nil when the client has hung up.
    func request() -> String? {
        var text = ""
        while true {
            if let head = text.range(of: "\r\n\r\n") {
                let lines = text[..<head.lowerBound].lowercased().components(separatedBy: "\r\n")
                let length = lines.first { $0.hasPrefix("content-length:") }.flatMap { Int($0.dropFirst(16)) } ?? 0
                if text[head.upperBound...].utf8.count >= length { return text }
            }
            guard let piece = read() else { return nil }
            text += piece
        }
    }

    /// Reads once; nil at the end.
    func read() -> String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }

    func write(_ text: String) { write(Array(text.utf8)) }

    func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// An answer with a length.
    func answer(_ body: String, status: String = "200 OK", headers: String = "") {
        write("HTTP/1.1 \(status)\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    /// Makes the coming close a reset.
    func resetOnClose() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }
}

/// Lets a test hold a server's script until it is ready. Safe to share: a semaphore.
final class Latch: @unchecked Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    func open() { semaphore.signal() }
    func wait() { semaphore.wait() }
}
