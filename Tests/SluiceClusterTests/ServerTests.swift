import Foundation
import SluiceCluster
import SluiceClusterServer
import SluiceCore
import Testing

@Suite("The cluster over HTTP")
struct ServerTests {
    /// A blocking connection to loopback; reads give up after ten seconds.
    final class Connection {
        private let socket: Int32
        private var buffer: [UInt8] = []

        init(port: Int) throws {
            socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port).bigEndian
            address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
            var timeout = timeval(tv_sec: 10, tv_usec: 0)
            setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
            let result = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            guard result == 0 else { throw Unexpected(what: "cannot connect: \(errno)") }
        }

        deinit { close(socket) }

        func send(_ method: String, _ target: String, body: String = "", type: String = "application/json") {
            let head =
                "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\nContent-Type: \(type)\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n"
            let bytes = Array((head + body).utf8)
            _ = bytes.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, 0) }
        }

        func line() throws -> String {
            while true {
                if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                    let line = String(decoding: buffer[..<end], as: UTF8.self)
                    buffer.removeFirst(end + 1)
                    return line.hasSuffix("\r") ? String(line.dropLast()) : line
                }
                try fill()
            }
        }

        /// The status and the body of an answer that tells its length.
        func answer() throws -> (status: Int, body: String) {
            let status = Int(try line().split(separator: " ")[1]) ?? 0
            var length = 0
            while true {
                let header = try line().lowercased()
                if header.isEmpty { break }
                if header.hasPrefix("content-length: ") { length = Int(header.dropFirst(16)) ?? 0 }
            }
            while buffer.count < length { try fill() }
            defer { buffer.removeFirst(length) }
            return (status, String(decoding: buffer[..<length], as: UTF8.self))
        }

        private func fill() throws {
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let count = recv(socket, &chunk, chunk.count, 0)
            guard count > 0 else { throw Unexpected(what: "the connection ended") }
            buffer += chunk[..<count]
        }
    }

    @Test("Lists, patches, deletes and watches on kept connections")
    func smoke() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-\(getpid())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: folder) } }
        let kubeconfig = folder.appending(path: "kubeconfig").path()
        let options = ClusterOptions(nodes: 5, startDelay: 20, readyLag: 5, termination: 10, linger: 5)
        let server = try ClusterServer.start(options: ClusterServerOptions(cluster: options, kubeconfig: kubeconfig))
        defer { #expect(throws: Never.self) { try server.stop() } }
        let text = try String(contentsOfFile: kubeconfig, encoding: .utf8)
        #expect(text.contains("server: http://127.0.0.1:\(server.address.port)\n"))

        let connection = try Connection(port: server.address.port)
        connection.send("GET", TestCluster.pods)
        let list = try connection.answer()
        #expect(list.status == 200)
        let names = list.body.matches(of: /"name":"(node-exporter-[a-z0-9]{5})"/).map { String($0.1) }
        #expect(names.count == 5)
        let version = try #require(list.body.firstMatch(of: /"metadata":\{"resourceVersion":"(\d+)"/)).1

        let watcher = try Connection(port: server.address.port)
        watcher.send("GET", "\(TestCluster.pods)?watch=1&resourceVersion=\(version)")
        while !(try watcher.line().isEmpty) {}
        connection.send("DELETE", "\(TestCluster.pods)/\(names[0])")
        #expect(try connection.answer().status == 200)
        connection.send("PATCH", TestCluster.daemonSet, body: "[", type: TestCluster.merge)
        #expect(try connection.answer().status == 400)
        var types: [String] = []
        while types.count < 9 {
            if let match = try watcher.line().firstMatch(of: /^\{"type":"([A-Z]+)"/) { types.append(String(match.1)) }
        }
        #expect(types.filter { $0 == "MODIFIED" }.count == 7)
        #expect(types.contains("ADDED") && types.contains("DELETED"))

        connection.send("GET", "/prometheus/api/v1/query?query=sum(up)")
        #expect(try connection.answer().body.contains("\"5\""))
        connection.send("POST", "\(TestCluster.pods)/none/eviction", body: "{}")
        #expect(try connection.answer().status >= 400)

        connection.send("GET", "/debug/requests")
        let counts = try connection.answer().body
        #expect(
            counts == """
                {"DELETE pods":1,"GET other":1,"GET pods":2,"PATCH daemonsets":1,"POST pods/eviction":1}
                """)
    }
}
