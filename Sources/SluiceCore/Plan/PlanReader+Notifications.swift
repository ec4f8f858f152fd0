/// Reads who is told what a rollout does.
extension PlanReader {
    mutating func notifications(_ value: Document?) -> [NotificationDestination] {
        var places: [String: Document.Position] = [:]
        return (value?.elements ?? []).enumerated().map { index, item in
            let path = "spec.notifications[\(index)]"
            if let name = item["name"], let text = name.text {
                unique(name, text, in: &places, at: "\(path).name", "a destination named")
            }
            checkAccess(item, item["url"]?.text ?? "", at: path)
            return destination(item, at: path)
        }
    }

    private mutating func destination(_ item: Document, at path: String) -> NotificationDestination {
        let format: NotificationFormat = item["format"]?.word() ?? .sluice
        if format == .alertmanager, let events = item.entry("on") {
            checker.report(
                events.keyPosition, "\(path).on",
                "expected no `on` with alertmanager: its alert fires with a halt and is resolved when the halt ends")
        }
        if format != .sluice, let secret = item.entry("signingSecret") {
            checker.report(
                secret.keyPosition, "\(path).signingSecret",
                "expected no `signingSecret` with \(format.rawValue), which looks at no signature")
        }
        let url = item["url"]?.text.map(NotificationDestination.Address.text)
        let source = item["urlFrom"].flatMap(Self.secret).map(NotificationDestination.Address.secret)
        return NotificationDestination(
            name: item["name"]?.text ?? "", format: format, address: url ?? source ?? .text(""),
            events: events(item["on"], at: "\(path).on"), signingSecret: item["signingSecret"].flatMap(Self.secret),
            access: access(item))
    }

    private mutating func events(_ value: Document?, at path: String) -> [NotificationEvent] {
        guard let value else { return NotificationEvent.allCases }
        var places: [String: Document.Position] = [:]
        for (index, item) in value.elements.enumerated() {
            if let word = item.text { unique(item, word, in: &places, at: "\(path)[\(index)]", "the event") }
        }
        return NotificationEvent.allCases.filter { places[$0.rawValue] != nil }
    }
}
