import SluiceCore

/// Columns for people, as kubectl shows them.
enum Table {
    static func text(
        _ kind: ResourceKind, _ objects: [StoredObject], _ metadata: ListMetadata, at now: Timestamp
    ) -> String {
        let definitions = Column.columns(of: kind).map(\.definition)
        let rows = objects.map { object -> JSONValue in
            let value = object.parsed(kind)
            return [
                "cells": .array(cells(kind, value, at: now)), "object": StoredObject.partial(value),
            ]
        }
        return "{\"kind\":\"Table\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":\(metadata.text),"
            + "\"columnDefinitions\":\(JSONValue.array(definitions).serialized),"
            + "\"rows\":\(JSONValue.array(rows).serialized)}"
    }

    private static func cells(_ kind: ResourceKind, _ value: JSONValue, at now: Timestamp) -> [JSONValue] {
        let name = value.at("metadata", "name") ?? ""
        let age = age(value.at("metadata", "creationTimestamp"), at: now)
        switch kind.plural {
        case "pods": return [name] + podCells(value, age)
        case "nodes": return [name] + nodeCells(value, age)
        case "daemonsets": return [name] + daemonSetCells(value, age)
        case "events": return eventCells(value, at: now)
        case "namespaces": return [name, value.at("status", "phase") ?? "", age]
        case "configmaps": return [name, count(value["data"]), age]
        case "secrets": return [name, value["type"] ?? "Opaque", count(value["data"]), age]
        case "leases": return [name, value.at("spec", "holderIdentity") ?? "", age]
        case "controllerrevisions":
            let owner = value.at("metadata", "ownerReferences")?.array?.first ?? [:]
            let shown = owner["name"]?.string.map { "daemonset.apps/\($0)" } ?? "<none>"
            return [name, .string(shown), value["revision"] ?? 0, age]
        case "poddisruptionbudgets":
            let spec = value["spec"] ?? [:]
            return [
                name, shown(spec["minAvailable"]), shown(spec["maxUnavailable"]),
                value.at("status", "disruptionsAllowed") ?? 0, age,
            ]
        case "priorityclasses":
            return [
                name, value["value"] ?? 0, value["globalDefault"] ?? false, age,
                value["preemptionPolicy"] ?? "PreemptLowerPriority",
            ]
        default: return [name, age]
        }
    }

    private static func count(_ members: JSONValue?) -> JSONValue { .integer(Int64(members?.object?.count ?? 0)) }

    private static func shown(_ number: JSONValue?) -> JSONValue {
        .string(number.map { $0.string ?? $0.serialized } ?? "N/A")
    }

    private static func eventCells(_ event: JSONValue, at now: Timestamp) -> [JSONValue] {
        let subject = event["involvedObject"] ?? event["regarding"] ?? [:]
        let kind = subject["kind"]?.string?.lowercased() ?? ""
        let source = event["source"] ?? event["deprecatedSource"] ?? [:]
        let told = [source["component"]?.string, source["host"]?.string].compactMap { $0 }.joined(separator: ", ")
        func age(_ key: String, _ other: String) -> JSONValue {
            let time = event[key] ?? event[other]
            return Table.age(time == .null || time == nil ? event["eventTime"] : time, at: now)
        }
        return [
            age("lastTimestamp", "deprecatedLastTimestamp"), event["type"] ?? "", event["reason"] ?? "",
            .string("\(kind)/\(subject["name"]?.string ?? "")"), subject["fieldPath"] ?? "",
            .string(told.isEmpty ? event["reportingController"]?.string ?? "" : told),
            event["message"] ?? event["note"] ?? "", age("firstTimestamp", "deprecatedFirstTimestamp"),
            event["count"] ?? event["deprecatedCount"] ?? 1, event.at("metadata", "name") ?? "",
        ]
    }

    private static func podCells(_ value: JSONValue, _ age: JSONValue) -> [JSONValue] {
        let statuses = value.at("status", "containerStatuses")?.array ?? []
        let count = value.at("spec", "containers")?.array?.count ?? 0
        let ready = statuses.filter { $0["ready"] == true }.count
        var status = value.at("status", "reason")?.string ?? value.at("status", "phase")?.string ?? ""
        for container in statuses {
            let waiting = container.at("state", "waiting", "reason")?.string
            let ended = container.at("state", "terminated", "reason")?.string
            if let reason = waiting ?? ended { status = reason }
        }
        if value.at("metadata", "deletionTimestamp") != nil { status = "Terminating" }
        let restarts = statuses.compactMap { $0["restartCount"]?.integer }.reduce(0, +)
        return [
            .string("\(ready)/\(count)"), .string(status), .string(String(restarts)), age,
            value.at("status", "podIP") ?? "<none>", value.at("spec", "nodeName") ?? "<none>", "<none>", "<none>",
        ]
    }

    private static func nodeCells(_ value: JSONValue, _ age: JSONValue) -> [JSONValue] {
        let conditions = value.at("status", "conditions")?.array ?? []
        let isReady = conditions.first { $0["type"] == "Ready" }?["status"] == "True"
        let cordon = value.at("spec", "unschedulable") == true ? ",SchedulingDisabled" : ""
        let prefix = "node-role.kubernetes.io/"
        let labels = value.at("metadata", "labels")?.strings ?? [:]
        let roles = labels.keys.filter { $0.hasPrefix(prefix) }.map { $0.dropFirst(prefix.count) }.sorted()
        let addresses = value.at("status", "addresses")?.array ?? []
        let info = value.at("status", "nodeInfo") ?? [:]
        return [
            .string((isReady ? "Ready" : "NotReady") + cordon),
            .string(roles.isEmpty ? "<none>" : roles.joined(separator: ",")), age,
            value.at("status", "nodeInfo", "kubeletVersion") ?? "",
            addresses.first { $0["type"] == "InternalIP" }?["address"] ?? "<none>",
            "<none>", value.at("status", "nodeInfo", "osImage") ?? "",
            .string("\(info["kernelVersion"]?.string ?? "") (\(info["architecture"]?.string ?? ""))"),
            value.at("status", "nodeInfo", "containerRuntimeVersion") ?? "",
        ]
    }

    private static func daemonSetCells(_ value: JSONValue, _ age: JSONValue) -> [JSONValue] {
        let status = value["status"] ?? [:]
        let counts = [
            "desiredNumberScheduled", "currentNumberScheduled", "numberReady", "updatedNumberScheduled",
            "numberAvailable",
        ].map { status[$0] ?? 0 }
        func pairs(_ value: JSONValue?) -> JSONValue {
            let text = (value?.strings ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            return .string(text.isEmpty ? "<none>" : text.joined(separator: ","))
        }
        let containers = value.at("spec", "template", "spec", "containers")?.array ?? []
        func joined(_ key: String) -> JSONValue {
            .string(containers.compactMap { $0[key]?.string }.joined(separator: ","))
        }
        return counts + [
            pairs(value.at("spec", "template", "spec", "nodeSelector")), age, joined("name"), joined("image"),
            pairs(value.at("spec", "selector", "matchLabels")),
        ]
    }

    private static func age(_ time: JSONValue?, at now: Timestamp) -> JSONValue {
        guard let since = time?.string.flatMap({ Timestamp(rfc3339: $0) }) else { return "<unknown>" }
        let seconds = max(0, (now.millisecondsSince1970 - since.millisecondsSince1970) / 1_000)
        if seconds < 120 { return .string("\(seconds)s") }
        if seconds < 600 { return .string("\(seconds / 60)m\(seconds % 60)s") }
        if seconds < 10_800 { return .string("\(seconds / 60)m") }
        return .string(seconds < 172_800 ? "\(seconds / 3_600)h" : "\(seconds / 86_400)d")
    }
}
