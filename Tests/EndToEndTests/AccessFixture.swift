import Foundation
import Testing

/// Certificates, TLS servers and peers of every bad sort, on loopback, for as long as their owner lives. Needs the
/// `openssl` program.
final class AccessFixture {
    let folder: String
    private let binary: String
    private var servers: [Process] = []
    private var listeners: [CannedListener] = []

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "sluice-access-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        binary = try Binary.path()
        try write("make.sh", Self.script)
        let made = try SluiceProcess(
            "/bin/sh", ["-c", "cd '\(folder)' && sh make.sh"], environment: path, folder: folder)
        let result = try made.wait()
        try #require(result.code == 0, "certificates: \(result.errors); is openssl installed?")
    }

    deinit {
        for server in servers { kill(server.processIdentifier, SIGKILL) }
        do {
            try FileManager.default.removeItem(atPath: folder)
        } catch {
            Issue.record("\(folder) is left over: \(error)")
        }
    }

    private var path: [String: String] {
        ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": folder]
    }

    // MARK: Files

    @discardableResult
    func write(_ name: String, _ text: String, executable: Bool = false) throws -> String {
        let file = "\(folder)/\(name)"
        try Data(text.utf8).write(to: URL(filePath: file))
        if executable { try #require(chmod(file, 0o700) == 0) }
        return file
    }

    /// A file's bytes in base64, as a kubeconfig holds them.
    func data(_ name: String) throws -> String {
        try Data(contentsOf: URL(filePath: "\(folder)/\(name)")).base64EncodedString()
    }

    /// The middle of a private key, which must be shown nowhere.
    func keySecrets() throws -> [String] {
        try ["client.key", "stale.key", "stranger.key"].flatMap { name in
            let text = String(decoding: try Data(contentsOf: URL(filePath: "\(folder)/\(name)")), as: UTF8.self)
            return [text.split(separator: "\n").dropFirst().first.map(String.init) ?? "", try data(name)]
        }
    }

    // MARK: Peers

    /// A TLS server with a certificate of ours; its port. Files beneath `www` are whole answers.
    func serveTLS(_ certificate: String, _ more: String...) throws -> Int {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.currentDirectoryURL = URL(filePath: "\(folder)/www")
        process.arguments =
            ["openssl", "s_server", "-HTTP", "-accept", "127.0.0.1:0"]
            + ["-cert", "../\(certificate).pem", "-key", "../\(certificate).key"] + more
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = Pipe()
        try process.run()
        servers.append(process)
        var text = ""
        while !text.contains("ACCEPT") || !text.hasSuffix("\n") {
            let piece = output.fileHandleForReading.availableData
            try #require(!piece.isEmpty, "openssl s_server has ended")
            text += String(decoding: piece, as: UTF8.self)
        }
        let line = text.split(separator: "\n").last { $0.hasPrefix("ACCEPT") }
        return try #require(line?.split(separator: ":").last.flatMap { Int($0) })
    }

    /// A listener that says the same to everybody; its port.
    func serve(_ answer: String) throws -> Int {
        let listener = try CannedListener(answer)
        listeners.append(listener)
        return listener.port
    }

    /// A port on which nobody listens.
    func deadPort() throws -> Int { try CannedListener("").port }

    // MARK: sluice

    func start(_ arguments: [String], environment: [String: String]) throws -> SluiceProcess {
        try SluiceProcess(binary, arguments, environment: path.merging(environment) { $1 }, folder: folder)
    }

    private static let script = """
        set -e
        new="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
        for name in ca other; do openssl req -x509 $new -keyout $name.key -out $name.pem -subj /CN=$name -days 2; done
        : > index
        echo 1000 > serial
        cat > ca.conf <<END
        [ca]
        default_ca = own
        [own]
        database = index
        serial = serial
        new_certs_dir = .
        default_md = sha256
        policy = any
        copy_extensions = copy
        unique_subject = no
        [any]
        commonName = supplied
        END
        make() {
          openssl req -new $new -keyout $1.key -out $1.csr -subj /CN=$1 ${3:+-addext "subjectAltName=$3"}
          openssl ca -batch -notext -config ca.conf -cert $2.pem -keyfile $2.key -in $1.csr -out $1.pem \\
            -startdate $4 -enddate $5
        }
        make server ca IP:127.0.0.1,DNS:kube.test 20200101000000Z 20990101000000Z
        make elsewhere ca DNS:api.elsewhere.test,IP:10.0.0.1 20200101000000Z 20990101000000Z
        make expired ca IP:127.0.0.1 20200101000000Z 20210101000000Z
        make future ca IP:127.0.0.1 20980101000000Z 20990101000000Z
        make client ca "" 20200101000000Z 20990101000000Z
        make stale ca "" 20200101000000Z 20210101000000Z
        make stranger other "" 20200101000000Z 20990101000000Z
        openssl ec -in client.key -aes128 -passout pass:hunter2-pass -out locked.key
        mkdir -p www/apis/apps/v1/namespaces/monitoring/daemonsets

        """
}

/// A listener on loopback that reads what comes first, says its text, and hangs up. Safe to share: nothing of it changes.
final class CannedListener: @unchecked Sendable {
    let port: Int
    private let descriptor: Int32

    init(_ answer: String) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout.size(ofValue: name))
        let isBound = withUnsafeMutableBytes(of: &name) { bytes in
            let address = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self)
            return bind(descriptor, address, length) == 0 && listen(descriptor, 16) == 0
                && getsockname(descriptor, address, &length) == 0
        }
        try #require(isBound)
        self.descriptor = descriptor
        port = Int(UInt16(bigEndian: name.sin_port))
        let bytes = Array(answer.utf8)
        Thread.detachNewThread {
            while case let peer = accept(descriptor, nil, nil), peer >= 0 {
                var asked = [UInt8](repeating: 0, count: 4096)
                _ = recv(peer, &asked, asked.count, 0)
                _ = send(peer, bytes, bytes.count, Int32(MSG_NOSIGNAL))
                shutdown(peer, Int32(SHUT_WR))
                while recv(peer, &asked, asked.count, 0) > 0 {}
                close(peer)
            }
            close(descriptor)
        }
    }

    deinit { shutdown(descriptor, Int32(SHUT_RDWR)) }
}
