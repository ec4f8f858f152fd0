import SluiceCore

/// The most bytes of a ConfigMap's data.
private let configMapLimit = 1_048_576

/// What a ConfigMap must obey.
enum ConfigMapRules {
    static func check(_ configMap: JSONValue, _ name: String) throws(Failure) {
        let size = (configMap["data"]?.strings ?? [:]).reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
        guard size > configMapLimit else { return }
        let rule = "Too long: may not be more than \(configMapLimit) bytes"
        throw .invalid(
            .configMaps, name, [Failure.Cause(field: "[]", reason: "FieldValueTooLong", message: rule)])
    }
}

/// What an Event must obey, and the two forms in which it comes: `v1` and `events.k8s.io/v1`. The first is stored.
enum EventRules {
    /// Members whose names differ, as `v1` and as `events.k8s.io/v1` call them.
    private static let names = [
        ("involvedObject", "regarding"), ("message", "note"), ("reportingComponent", "reportingController"),
        ("source", "deprecatedSource"), ("firstTimestamp", "deprecatedFirstTimestamp"),
        ("lastTimestamp", "deprecatedLastTimestamp"), ("count", "deprecatedCount"),
    ]

    /// An Event with everything that a stored one has.
    static func completed(_ event: JSONValue, _ name: String) throws(Failure) -> JSONValue {
        var result = event
        let namespace = event.at("metadata", "namespace") ?? ""
        if let other = event.at("involvedObject", "namespace"), other != namespace {
            let cause = Failure.Cause.invalid("involvedObject.namespace", other, "does not match event.namespace")
            throw .invalid(.events, name, [cause])
        }
        for key in ["eventTime", "firstTimestamp", "lastTimestamp"] { result.fill(key, .null) }
        result.fill("source", [:])
        result.fill("reportingComponent", "")
        result.fill("reportingInstance", "")
        return result
    }

    /// An Event of `events.k8s.io/v1` as `v1` has it.
    static func core(_ event: JSONValue, _ name: String) throws(Failure) -> JSONValue {
        var causes: [Failure.Cause] = []
        if event["reportingController"]?.string?.isEmpty ?? true {
            causes.append(.required("reportingController"))
            causes += qualifiedNameRules.map { .invalid("reportingController", "", $0) }
        }
        for field in ["reportingInstance", "action"] where event[field]?.string?.isEmpty ?? true {
            causes.append(.required(field))
        }
        if !causes.isEmpty { throw .invalid(.events, name, causes) }
        return renamed(event) { $0 }
    }

    /// An Event of `v1` as `events.k8s.io/v1` has it.
    static func current(_ event: JSONValue) -> JSONValue {
        var result = renamed(event) { ($0.1, $0.0) }
        result["kind"] = "Event"
        result["apiVersion"] = "events.k8s.io/v1"
        return result
    }

    private static func renamed(
        _ event: JSONValue, _ pair: ((String, String)) -> (String, String)
    ) -> JSONValue {
        var result = event
        for name in names {
            let (new, old) = pair(name)
            guard let value = result[old] else { continue }
            result[old] = nil
            result[new] = value
        }
        return result
    }

    private static let qualifiedNameRules = [
        "name part must be non-empty",
        "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
            + "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
            + "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ]
}

/// What is filled in where a PodDisruptionBudget says nothing.
enum BudgetRules {
    static func completed(_ budget: JSONValue, before: JSONValue?) -> JSONValue {
        var result = budget
        var generation = before?.at("metadata", "generation")?.integer ?? 0
        if before?["spec"] != budget["spec"] { generation &+= 1 }
        result["metadata"]?["generation"] = .integer(generation)
        result["status"] =
            before?["status"]
            ?? ["disruptionsAllowed": 0, "currentHealthy": 0, "desiredHealthy": 0, "expectedPods": 0]
        return result
    }
}
