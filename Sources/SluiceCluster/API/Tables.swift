import SluiceCore
import SluiceDocuments

extension StoredObject {
    /// The whole value, read from the text where it was spliced.
    func parsed(_ kind: ResourceKind) -> JSONValue {
        if let value { return value }
        do throws(JSONError) {
            return try JSONReader.read(single(kind))
        } catch {
            preconditionFailure("a spliced pod is no JSON: \(error)")
        }
    }

    /// The object as text in the form that was asked for.
    func rendered(_ kind: ResourceKind, _ shape: Shape, at now: Timestamp) -> String {
        switch shape {
        case .object: single(kind)
        case .metadata: Self.partial(parsed(kind)).serialized
        case .table: Table.text(kind, [self], ListMetadata(version: version), at: now)
        }
    }

    static func partial(_ value: JSONValue) -> JSONValue {
        [
            "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
            "metadata": value["metadata"] ?? [:],
        ]
    }
}

extension Cluster {
    static func listText(
        _ kind: ResourceKind, _ objects: [StoredObject], _ shape: Shape, _ metadata: ListMetadata, at now: Timestamp
    ) -> String {
        let head: String
        let items: [String]
        switch shape {
        case .table: return Table.text(kind, objects, metadata, at: now) + "\n"
        case .metadata:
            head = "{\"kind\":\"PartialObjectMetadataList\",\"apiVersion\":\"meta.k8s.io/v1\","
            items = objects.map { StoredObject.partial($0.parsed(kind)).serialized }
        case .object:
            head = "{\"kind\":\"\(kind.kind)List\",\"apiVersion\":\"\(kind.apiVersion)\","
            items = objects.map { "{" + $0.text }
        }
        var text = head
        text.reserveCapacity(items.reduce(200) { $0 + $1.utf8.count + 1 })
        text += "\"metadata\":\(metadata.text),\"items\":["
        for (index, item) in items.enumerated() {
            if index > 0 { text += "," }
            text += item
        }
        return text + "]}\n"
    }
}

/// Columns for people, as kubectl shows them.
private enum Table {
    private struct Column {
        var name: String
        var priority: Int64 = 0
        var type = "string"
    }

    static func text(
        _ kind: ResourceKind, _ objects: [StoredObject], _ metadata: ListMetadata, at now: Timestamp
    ) -> String {
        let definitions = columns(kind).enumerated().map { index, column -> JSONValue in
            [
                "name": .string(column.name), "type": .string(column.type), "format": index == 0 ? "name" : "",
                "description": .string(column.name), "priority": .integer(column.priority),
            ]
        }
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

    private static func columns(_ kind: ResourceKind) -> [Column] {
        let age = Column(name: "Age")
        switch kind {
        case .pods:
            return [
                Column(name: "Name"), Column(name: "Ready"), Column(name: "Status"), Column(name: "Restarts"), age,
                Column(name: "IP", priority: 1), Column(name: "Node", priority: 1),
                Column(name: "Nominated Node", priority: 1), Column(name: "Readiness Gates", priority: 1),
            ]
        case .nodes:
            return [
                Column(name: "Name"), Column(name: "Status"), Column(name: "Roles"), age, Column(name: "Version"),
                Column(name: "Internal-IP", priority: 1), Column(name: "External-IP", priority: 1),
                Column(name: "OS-Image", priority: 1), Column(name: "Kernel-Version", priority: 1),
                Column(name: "Container-Runtime", priority: 1),
            ]
        case .daemonSets:
            let counts = ["Desired", "Current", "Ready", "Up-to-date", "Available"].map {
                Column(name: $0, type: "integer")
            }
            return [Column(name: "Name")] + counts + [
                Column(name: "Node Selector"), age, Column(name: "Containers", priority: 1),
                Column(name: "Images", priority: 1), Column(name: "Selector", priority: 1),
            ]
        case .events:
            return [
                Column(name: "Last Seen"), Column(name: "Type"), Column(name: "Reason"), Column(name: "Object"),
                Column(name: "Message"),
            ]
        default: return [Column(name: "Name"), age]
        }
    }

    private static func cells(_ kind: ResourceKind, _ value: JSONValue, at now: Timestamp) -> [JSONValue] {
        let name = value.at("metadata", "name") ?? ""
        let age = age(value.at("metadata", "creationTimestamp"), at: now)
        switch kind {
        case .pods: return [name] + podCells(value, age)
        case .nodes: return [name] + nodeCells(value, age)
        case .daemonSets: return [name] + daemonSetCells(value, age)
        case .events:
            let subject = value["involvedObject"]
            let object = "\(subject?["kind"]?.string ?? "")/\(subject?["name"]?.string ?? "")"
            return [
                Table.age(value["lastTimestamp"], at: now), value["type"] ?? "", value["reason"] ?? "",
                .string(object), value["message"] ?? "",
            ]
        default: return [name, age]
        }
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
        return [
            .string((isReady ? "Ready" : "NotReady") + cordon),
            .string(roles.isEmpty ? "<none>" : roles.joined(separator: ",")), age,
            value.at("status", "nodeInfo", "kubeletVersion") ?? "",
            addresses.first { $0["type"] == "InternalIP" }?["address"] ?? "<none>",
            "<none>", value.at("status", "nodeInfo", "osImage") ?? "",
            value.at("status", "nodeInfo", "kernelVersion") ?? "",
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
