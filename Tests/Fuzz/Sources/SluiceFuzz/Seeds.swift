import Foundation
import SluiceCore
import SluiceDocuments

/// The first inputs, made anew each time from what the project has: recorded answers and tried plans.
enum Seeds {
    /// Longer texts make the fuzzer slow and find nothing more, in bytes.
    private static let maximumBytes = 16_384

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Writes a target's inputs to a folder and says how many.
    static func write(_ target: FuzzTarget, to folder: URL) throws -> Int {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let inputs = try inputs(target).filter { !$0.isEmpty && $0.count <= maximumBytes }
        for (index, input) in inputs.enumerated() {
            try Data(input).write(to: folder.appending(path: "seed-\(index)"))
        }
        return inputs.count
    }

    private static func inputs(_ target: FuzzTarget) throws -> [[UInt8]] {
        switch target {
        case .plan: try files("Plans", ".yaml") + files("docs", ".md").flatMap { blocks(in: $0) }
        case .kubeconfig: [Array(kubeconfig.utf8)] + kubeconfigUsers.map { Array((kubeconfig + $0).utf8) }
        case .watch: try recordings().filter(\.isStream).map { [2, 7, 100] + Array($0.body.utf8) }
        case .list, .json: try recordings().flatMap { texts(of: $0) }.map { Array($0.utf8) }
        case .credential: credentials.map { [0] + Array($0.utf8) }
        case .http: try recordings().map { Array($0.answer.utf8) } + prometheus.map { Array($0.utf8) }
        case .exposition: expositions.map { [$0.hasSuffix("# EOF\n") ? 1 : 0] + Array($0.utf8) }
        }
    }

    private struct Recording {
        var status: Int64
        var headers: [(String, String)]
        var body: String
        var isStream: Bool

        var answer: String {
            "\(status)\n" + headers.map { "\($0.0): \($0.1)\n" }.joined() + "\n" + body
        }
    }

    private static func files(_ folder: String, _ suffix: String) throws -> [[UInt8]] {
        let folder = root.appending(path: folder)
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(suffix) }
            .sorted().map { Array(try Data(contentsOf: folder.appending(path: $0))) }
    }

    private static func recordings() throws -> [Recording] {
        try files("Tests/Recordings", ".json").compactMap { bytes in
            let response = try JSONReader.read(bytes)["response"]
            guard let response, let body = response["body"]?.string else { return nil }
            return Recording(
                status: response["status"]?.integer ?? 200,
                headers: (response["headers"]?.strings ?? [:]).map { ($0.key, $0.value) }.sorted { $0 < $1 },
                body: body, isStream: response["line_seconds"] != nil)
        }
    }

    /// The body, its lines, and the objects of a list, each as a text.
    private static func texts(of recording: Recording) -> [String] {
        let lines = recording.isStream ? recording.body.split(separator: "\n").map(String.init) : [recording.body]
        return lines.flatMap { line -> [String] in
            do throws(JSONError) {
                let json = try JSONReader.read(line)
                let items = (json["items"]?.array ?? []).prefix(3) + (json["object"].map { [$0] } ?? [])
                return [line] + items.map(\.serialized)
            } catch {
                return [line]
            }
        }
    }

    /// The fenced YAML of a document.
    private static func blocks(in bytes: [UInt8]) -> [[UInt8]] {
        let parts = String(decoding: bytes, as: UTF8.self).components(separatedBy: "```")
        return parts.enumerated().filter { $0.offset % 2 == 1 && $0.element.hasPrefix("yaml") }
            .map { Array($0.element.dropFirst(5).utf8) }
    }

    private static let kubeconfig = """
        apiVersion: v1
        kind: Config
        current-context: c
        contexts: [{name: c, context: {cluster: k, user: u, namespace: n}}]
        clusters:
        - name: k
          cluster:
            server: "https://[::1]:6443/p"
            certificate-authority-data: QQ==
            tls-server-name: t
            proxy-url: "socks5://p:1"
        users:
        - name: u

        """

    private static let kubeconfigUsers = [
        "  user: {token: abc, as: someone, as-groups: [a, b]}\n", "  user: {tokenFile: token}\n",
        "  user: {client-certificate: c.pem, client-key: k.pem}\n", "  user: {username: a, password: b}\n",
        """
          user:
            exec:
              apiVersion: client.authentication.k8s.io/v1
              command: ./plugin
              args: [get-token]
              env: [{name: A, value: b}]
              interactiveMode: IfAvailable
              provideClusterInfo: true
              installHint: install it

        """,
    ]

    private static let credentials = ["v1", "v1beta1"].flatMap { version in
        [
            "{\"token\":\"abc\",\"expirationTimestamp\":\"2026-11-24T16:00:00Z\"}",
            "{\"clientCertificateData\":\"-----BEGIN CERTIFICATE-----\\nQQ==\\n-----END CERTIFICATE-----\\n\","
                + "\"clientKeyData\":\"-----BEGIN PRIVATE KEY-----\\nQQ==\\n-----END PRIVATE KEY-----\\n\"}",
        ].map {
            "{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/\(version)\",\"status\":\($0)}"
        }
    }

    private static let prometheus =
        [
            #"{"resultType":"vector","result":[{"metric":{"a":"b"},"value":[1795000000.1,"0.95"]}]}"#,
            #"{"resultType":"scalar","result":[1795000000,"NaN"]}"#, #"{"resultType":"matrix","result":[]}"#,
        ].map { "200\nretry-after: 3\n\n{\"status\":\"success\",\"data\":\($0)}" }
        + ["422\n\n{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"parse error\"}"]

    private static let expositions = [
        "# HELP a \\\\ \\n\n# TYPE a counter\na{b=\"c\",d=\"\\\"\",} 1.5e3 1795\n\n# comment\na_total NaN\n",
        "# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 3\nh_sum -4\nh_count 3\nx +Inf\r\n",
        "# TYPE \"a.b\" summary\n{\"a.b\",quantile=\"0.5\"} 1\n{\"a.b_sum\", \"c d\"=\"é\"} 2\n",
        "# TYPE c_seconds counter\n# UNIT c_seconds seconds\nc_seconds_total 1 1.5 # {id=\"x\"} 2 3.5\n# EOF\n",
        "# TYPE i info\ni_info{v=\"1\"} 1\n# TYPE s stateset\ns{s=\"on\"} 0\n# TYPE u unknown\nu -Inf\n# EOF\n",
        "# TYPE g gaugehistogram\ng_bucket{le=\"+Inf\"} 1 # {} 1\ng_gcount 1\ng_gsum 2\n# EOF\n",
        "# TYPE q summary\nq{quantile=\"0.5\"} 1\nq_count 1\nq_sum 1\nq_created 1\n# TYPE a gauge\na 1 1\na 2 2\n# EOF\n",
    ]
}
