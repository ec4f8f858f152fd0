import SluiceCluster
import SluiceCore
import SluiceDocuments

/// The cluster in which recordings are replayed: the nodes and the DaemonSet of the recordings' own cluster.
struct Stage {
    var cluster: TestCluster
    /// The token that the latest page of a list carried.
    private var token = ""
    /// Our names and uids for the recorded ones, as they were when they were first needed.
    private var known: [String: String] = [:]

    init(_ options: ClusterOptions = Self.options) throws {
        let nodes = try JSONReader.read(Recording("nodes-list").response)["items"]?.array ?? []
        cluster = try TestCluster(options, nodes: nodes)
        try create(Self.author("daemonset-get"), manager: "kubectl-client-side-apply")
        cluster.wait(10)
    }

    /// Recordings whose request names the version that its object has then.
    private static let namesCurrentVersion: Set<String> = [
        "pod-delete-precondition-ok", "lease-update", "lease-update-bad-time", "lease-update-no-micro",
        "lease-update-noop", "lease-patch-guarded",
    ]

    static let options = ClusterOptions(nodes: 0, linger: 0, jitter: 0)

    /// A recorded DaemonSet as its author wrote it.
    static func author(_ recording: String) throws -> JSONValue {
        let object = try JSONReader.read(Recording(recording).response)
        let key = "kubectl.kubernetes.io/last-applied-configuration"
        guard let applied = object.at("metadata", "annotations", key)?.string else {
            var spec = object
            spec["status"] = nil
            spec["metadata"] = ["name": object.at("metadata", "name") ?? "", "namespace": "monitoring"]
            return spec
        }
        var manifest = try JSONReader.read(applied)
        manifest["metadata"]?["annotations"] = [key: .string(applied)]
        return manifest
    }

    mutating func create(_ daemonSet: JSONValue, manager: String) throws {
        let namespace = daemonSet.at("metadata", "namespace")?.string ?? ""
        let path = "/apis/apps/v1/namespaces/\(namespace)/daemonsets?fieldManager=\(manager)"
        let answer = try cluster.call("POST", path, daemonSet)
        guard answer.status == 201 else { throw Unexpected(what: answer.value.serialized) }
    }

    /// Sends a recorded request, with our names, uids and versions in it, and takes the whole answer.
    mutating func answer(to recording: Recording) throws -> ClusterAnswerParts {
        let target = try adapted(recording.target).replacing(/continue=ey[^&]+/, with: "continue=\(token)")
        var body = try adapted(recording.body)
        if Self.namesCurrentVersion.contains(recording.name) {
            let path = String(target.prefix { $0 != "?" })
            let version = try cluster.call("GET", path).value.version.string ?? ""
            body = body.replacing(/"resourceVersion": "\d+"/, with: "\"resourceVersion\": \"\(version)\"")
        }
        if recording.name == "configmap-too-large" {
            // The recording holds only the beginning of this body, and says how long it was.
            body = body.prefix { $0 != "." }.replacing(/y+$/, with: String(repeating: "y", count: 1_100_000)) + "\"}}"
        }
        let response = cluster.send(
            recording.method, target, headers: recording.headers.merging(["host": "127.0.0.1:16443"]) { $1 },
            body: body)
        switch response {
        case .answer(let answer):
            if let next = answer.body.firstMatch(of: /"continue":"([^"]+)"/) { token = String(next.1) }
            var headers = ["content-type": answer.contentType]
            for (name, value) in answer.headers { headers[name.lowercased()] = value }
            return ClusterAnswerParts(status: answer.status, headers: headers, body: answer.body)
        case .watch(let id): return try close(id, recording)
        }
    }

    /// Opens a recorded watch, from our current version where it named its own.
    mutating func open(_ recording: Recording) throws -> Int {
        try cluster.watch(try adapted(recording.target), headers: recording.headers)
    }

    /// What a watch says until it ends, or until the recorder had left.
    mutating func close(_ watch: Int, _ recording: Recording) throws -> ClusterAnswerParts {
        var lines = ""
        for _ in 0..<800 {
            let output = cluster.cluster.takeOutput(of: watch)
            lines += output.lines.joined()
            if output.hasEnded { break }
            cluster.wait(0.1)
        }
        cluster.cluster.cancel(watch: watch)
        return ClusterAnswerParts(status: 200, headers: ["content-type": "application/json"], body: lines)
    }
}

/// Ours for theirs.
extension Stage {
    /// A text of a recorded request with our names, uids and versions in it.
    mutating func adapted(_ text: String) throws -> String {
        var result = text.replacing(/watch=1(.*?)&resourceVersion=\d{3}\b/) { match in
            "watch=1\(match.output.1)&resourceVersion=\(cluster.version)"
        }
        result = result.replacing("resourceVersion=513", with: "resourceVersion=1")
        for match in text.matches(of: /(?:node-exporter|bad|greedy)-[b-df-hj-np-tv-xz2-9]{5}\b/) {
            let name = String(match.output)
            if known[name] == nil, let node = try RecordedPods.nodes()[name] {
                known[name] = try pod(named: name, on: node)?.named
            }
            if let ours = known[name] { result = result.replacing(name, with: ours) }
        }
        for match in text.matches(of: /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/) {
            let recorded = String(match.output)
            if known[recorded] == nil { known[recorded] = try uid(for: recorded) }
            if let ours = known[recorded] { result = result.replacing(recorded, with: ours) }
        }
        return result
    }

    private mutating func pod(named name: String, on node: String) throws -> JSONValue? {
        let owner = name.split(separator: "-").dropLast().joined(separator: "-")
        let here = try cluster.items("/api/v1/pods").filter {
            let pin = $0.at("spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution")
            return pin?.serialized.contains("\"\(node)\"") == true && $0.named.hasPrefix(owner + "-")
        }
        return here.first
    }

    /// The uid of ours that stands for a recorded one; nil when it stands for none.
    private mutating func uid(for recorded: String) throws -> String? {
        if let place = RecordedPods.objects[recorded] {
            return try cluster.call("GET", place).value.at("metadata", "uid")?.string
        }
        guard let (name, node) = try RecordedPods.uids()[recorded] else { return nil }
        return try pod(named: name, on: node)?.at("metadata", "uid")?.string
    }
}

/// Which recorded pod ran on which node.
enum RecordedPods {
    /// Objects whose uid occurs in recorded requests.
    static let objects = [
        "eb6f9195-926e-4c62-b5b9-42aa47e19ab6": TestCluster.daemonSet,
        "47fdccad-af24-462d-8e61-f75202c2dca0":
            "/apis/coordination.k8s.io/v1/namespaces/monitoring/leases/roller-node-exporter",
    ]

    /// The node of each recorded pod, by its name.
    static func nodes() throws -> [String: String] {
        Dictionary(try all.get().map { ($0.name, $0.node) }, uniquingKeysWith: { first, _ in first })
    }

    /// Name and node of each recorded pod, by its uid.
    static func uids() throws -> [String: (name: String, node: String)] {
        Dictionary(try all.get().map { ($0.uid, ($0.name, $0.node)) }, uniquingKeysWith: { first, _ in first })
    }

    private static let all = Result { try scan() }

    private static func scan() throws -> [(name: String, uid: String, node: String)] {
        let names = try Recording.names().filter { $0.hasPrefix("pod-") || $0 == "pods-list" }
        return try names.map { try Recording($0) }.filter { $0.status == 200 }.flatMap { recording in
            let value = try JSONReader.read(recording.response)
            return (value["items"]?.array ?? [value]).compactMap { pod in
                let path = "requiredDuringSchedulingIgnoredDuringExecution"
                let terms = pod.at("spec", "affinity", "nodeAffinity", path, "nodeSelectorTerms")?.array
                let pin = terms?.first?["matchFields"]?.array?.first?["values"]?.array?.first?.string
                return pin.map { (pod.named, pod.at("metadata", "uid")?.string ?? "", $0) }
            }
        }
    }
}
