import SluiceCore

/// How many Events are kept; the oldest go first.
private let eventLimit = 2_000

extension Cluster {
    /// What an Event is about.
    struct EventSubject {
        var kind: ResourceKind
        var namespace: String
        var name: String
        var uid: String
        /// The container that it is about, when it is about one.
        var container: String?
    }

    mutating func report(
        _ pod: PodRecord, _ type: String, _ reason: String, _ message: String, component: String = "kubelet"
    ) {
        reportEvent(
            EventSubject(
                kind: .pods, namespace: pod.namespace, name: pod.name, uid: pod.uid,
                container: component == "kubelet" ? pod.pattern.containers.first?.name : nil), type, reason, message,
            component: component, host: component == "kubelet" ? pod.node : nil)
    }

    /// Writes an Event, or counts up the one that says the same already.
    mutating func reportEvent(
        _ subject: EventSubject, _ type: String, _ reason: String, _ message: String, component: String,
        host: String? = nil
    ) {
        guard options.detail == .full else { return }
        let digest = Drawing.hex(Drawing.fnv("\(subject.uid)/\(reason)/\(message)"))
        let name = "\(subject.name).18\(digest.dropFirst(2))"
        let time = JSONValue.string(now.rfc3339)
        if var event = store.object(.events, subject.namespace, name)?.value {
            event["count"] = .integer((event["count"]?.integer ?? 1) &+ 1)
            event["lastTimestamp"] = time
            write(.events, event)
            return
        }
        var source: JSONValue = ["component": .string(component)]
        if let host { source["host"] = .string(host) }
        insert(
            .events,
            [
                "metadata": ["name": .string(name), "namespace": .string(subject.namespace)],
                "involvedObject": involved(subject), "reason": .string(reason), "message": .string(message),
                "source": source, "firstTimestamp": time, "lastTimestamp": time, "count": 1, "type": .string(type),
                "eventTime": .null, "reportingComponent": .string(component), "reportingInstance": .string(host ?? ""),
            ])
        eventNames.append((subject.namespace, name))
        if eventNames.count > eventLimit {
            let oldest = eventNames.removeFirst()
            if let object = store.object(.events, oldest.namespace, oldest.name) { erase(.events, object) }
        }
    }

    private func involved(_ subject: EventSubject) -> JSONValue {
        var involved: JSONValue = [
            "kind": .string(subject.kind.kind), "namespace": .string(subject.namespace), "name": .string(subject.name),
            "uid": .string(subject.uid), "apiVersion": .string(subject.kind.apiVersion),
        ]
        let object = store.object(subject.kind, subject.namespace, subject.name)
        involved["resourceVersion"] = object.map { .string(String($0.version)) }
        if let container = subject.container { involved["fieldPath"] = .string("spec.containers{\(container)}") }
        return involved
    }
}
