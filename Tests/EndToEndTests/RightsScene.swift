import Foundation
import SluiceCore
import SluiceDocuments
import Testing

/// A ServiceAccount with the rights of one file of `docs/rbac`, in a test's namespace, and a kubeconfig for it.
final class RightsScene {
    /// One verb on one resource that a role grants.
    struct Grant: CustomStringConvertible {
        var item: Int
        var rule: Int
        var verb: String
        var resource: String
        var group: String
        var name: String?
        var isClusterWide: Bool

        var description: String { "\(verb) \(resource)" }

        /// Whether a text says that this right is missing.
        func isNamed(in text: String) -> Bool {
            text.contains("right to \(verb) \"\(resource)\"") || text.contains("right to \(verb) \(resource)")
        }
    }

    let fixture: ClusterFixture
    /// The kubeconfig of the ServiceAccount.
    let kubeconfig: String
    let grants: [Grant]
    private let account: String
    private let items: [JSONValue]

    /// - Parameter file: the name of a file in `docs/rbac`; nil for an account without any rights.
    init(_ fixture: ClusterFixture, file: String?) throws {
        self.fixture = fixture
        let real = try #require(fixture.real)
        if let file {
            let name = "sluice-" + file.prefix { $0 != "." }
            account = "\(name)-\(fixture.namespace)"
            items = try Self.manifest(file, name: name, account: account, fixture)
            for item in items { try real.apply(item.serialized) }
        } else {
            account = "nobody"
            items = []
            try real.kubectl(["-n", fixture.namespace, "create", "serviceaccount", account])
        }
        grants = items.enumerated().flatMap(Self.grants)
        let token = try real.kubectl(["-n", fixture.namespace, "create", "token", account, "--duration=1h"])
        kubeconfig = try Self.kubeconfig(fixture, token: token.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// The kubeconfig of the cluster with a token in the place of whoever is its user.
    static func kubeconfig(_ fixture: ClusterFixture, token: String) throws -> String {
        let real = try #require(fixture.real)
        var config = try JSONReader.read(
            try real.kubectl(["config", "view", "--raw", "--minify", "--flatten", "-o", "json"]))
        let context = try #require(config["contexts"]?.array?.first)
        let user = try #require(context.at("context", "user"))
        config["users"] = [["name": user, "user": ["token": .string(token)]]]
        let path = "\(fixture.folder)/kubeconfig-\(UUID().uuidString)"
        try Data(config.serialized.utf8).write(to: URL(filePath: path))
        return path
    }

    /// The objects of a file, moved into the test's namespace; what is in none gets a name of its own.
    private static func manifest(
        _ file: String, name: String, account: String, _ fixture: ClusterFixture
    ) throws -> [JSONValue] {
        let folder = URL(filePath: #filePath).appending(path: "../../../docs/rbac/").standardized
        let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
            .replacing("namespace: monitoring", with: "namespace: \(fixture.namespace)")
            .replacing("name: \(name)", with: "name: \(account)")
        let path = "\(fixture.folder)/\(file)"
        try Data(text.utf8).write(to: URL(filePath: path))
        let list = try #require(fixture.real).kubectl(["apply", "--dry-run=client", "-o", "json", "-f", path])
        return try JSONReader.read(list)["items"]?.array ?? []
    }

    private static func grants(_ index: Int, _ item: JSONValue) -> [Grant] {
        (item["rules"]?.array ?? []).enumerated().flatMap { number, rule in
            (rule["resources"]?.array ?? []).flatMap { resource in
                (rule["verbs"]?.array ?? []).map { verb in
                    Grant(
                        item: index, rule: number, verb: verb.string ?? "?", resource: resource.string ?? "?",
                        group: rule["apiGroups"]?.array?.first?.string ?? "",
                        name: rule["resourceNames"]?.array?.first?.string, isClusterWide: item["kind"] == "ClusterRole")
                }
            }
        }
    }

    // MARK: Taking a right away

    /// Does something without one right, which is given back afterwards.
    func without<Value>(_ grant: Grant, _ body: () throws -> Value) throws -> Value {
        let real = try #require(fixture.real)
        var item = items[grant.item]
        var rules = item["rules"]?.array ?? []
        let verbs = (rules[grant.rule]["verbs"]?.array ?? []).filter { $0.string != grant.verb }
        rules[grant.rule]["verbs"] = .array(verbs)
        if verbs.isEmpty { rules.remove(at: grant.rule) }
        item["rules"] = .array(rules)
        try real.apply(item.serialized)
        try eventually("\(grant) is gone") { try !isAllowed(grant) }
        let value = try body()
        try real.apply(items[grant.item].serialized)
        try eventually("\(grant) is back") { try isAllowed(grant) }
        return value
    }

    /// Waits until the server knows of all rights.
    func awaitRights() throws {
        for grant in grants { try eventually("\(grant) is granted") { try isAllowed(grant) } }
    }

    private func isAllowed(_ grant: Grant) throws -> Bool {
        let parts = grant.resource.split(separator: "/").map { JSONValue.string(String($0)) }
        var attributes: JSONValue = ["verb": .string(grant.verb), "resource": parts[0], "group": .string(grant.group)]
        if parts.count > 1 { attributes["subresource"] = parts[1] }
        if !grant.isClusterWide { attributes["namespace"] = .string(fixture.namespace) }
        if let name = grant.name { attributes["name"] = .string(name) }
        let review: JSONValue = [
            "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
            "spec": [
                "resourceAttributes": attributes,
                "user": .string("system:serviceaccount:\(fixture.namespace):\(account)"),
                "groups": ["system:serviceaccounts", "system:authenticated"],
            ],
        ]
        let path = "\(fixture.folder)/review.json"
        try Data(review.serialized.utf8).write(to: URL(filePath: path))
        let real = try #require(fixture.real)
        return try real.kubectl(["create", "-f", path, "-o", "jsonpath={.status.allowed}"]) == "true"
    }
}
