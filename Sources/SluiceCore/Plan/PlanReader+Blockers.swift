/// Reads what keeps a rollout from going on.
extension PlanReader {
    mutating func blockers(_ value: Document?) -> [Blocker] {
        var places: [String: Document.Position] = [:]
        return (value?.elements ?? []).enumerated().map { index, item in
            let path = "spec.blockers[\(index)]"
            if let name = item["name"], let text = name.text {
                unique(name, text, in: &places, at: "\(path).name", "a blocker named")
            }
            return Blocker(
                name: item["name"]?.text ?? "", subject: subject(item, at: path),
                policy: item["policy"]?.word() ?? .hold)
        }
    }

    private mutating func subject(_ item: Document, at path: String) -> Blocker.Subject {
        if let pods = item["pods"] {
            let selector = pods["selector"].map { self.selector($0, at: "\(path).pods.selector") }
            if let halt = item["policy"], halt.text == Blocker.Policy.halt.rawValue, pods["sameNode"] != nil {
                checker.report(
                    halt.position, "\(path).policy", "expected `hold` with `sameNode`, which is about single nodes")
            }
            return .pods(
                Blocker.PodQuestion(
                    namespace: pods["namespace"]?.text, selector: selector ?? LabelSelector(),
                    isOfNode: pods["sameNode"] != nil))
        }
        if let webhook = item["webhook"] {
            checkAccess(webhook, webhook["url"]?.text ?? "", at: "\(path).webhook")
            return .webhook(self.webhook(webhook, name: item["name"]?.text ?? ""))
        }
        let alerts = item["alerts"]
        let server: Blocker.AlertQuestion.Server = alerts?["alertmanager"] == nil ? .prometheus : .alertmanager
        let value = alerts?[server.rawValue]
        checkAccess(value, value?["address"]?.text ?? "", at: "\(path).alerts.\(server.rawValue)")
        return .alerts(
            Blocker.AlertQuestion(
                server: server, address: value?["address"]?.text ?? "", access: access(value),
                matchers: (alerts?["matchers"]?.elements ?? []).compactMap(\.text)))
    }

    /// Who is asked by a POST.
    func webhook(_ value: Document, name: String) -> NotificationDestination {
        let url = value["url"]?.text.map(NotificationDestination.Address.text)
        let source = value["urlFrom"].flatMap(Self.secret).map(NotificationDestination.Address.secret)
        return NotificationDestination(
            name: name, address: url ?? source ?? .text(""), events: [],
            signingSecret: value["signingSecret"].flatMap(Self.secret), access: access(value))
    }
}
