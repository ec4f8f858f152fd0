public import SluiceCore

/// A fleet as it was at one moment: what a rehearsal starts from when there is no cluster to ask.
///
/// Saved, it is a file of lines. The first says what it is and when it was taken; each other one is a Kubernetes object
/// with nothing but the fields that are read. What may be secret is not among them, or is replaced by a number.
public struct FleetSnapshot: Sendable, Equatable {
    /// When the fleet was in this state.
    public var takenAt: Timestamp
    /// The fleet.
    public var facts: FleetFacts

    /// A fleet as it was at one moment.
    public init(takenAt: Timestamp, facts: FleetFacts) {
        self.takenAt = takenAt
        self.facts = facts
    }

    static let apiVersion = "sluice/v1"
    static let kind = "FleetSnapshot"

    /// The lines of the file, each ended by a line feed, one after the other: a large fleet is never one text.
    ///
    /// - Parameter write: takes the next line.
    public func save(_ write: (String) throws -> Void) rethrows {
        let header: JSONValue = [
            "apiVersion": .string(Self.apiVersion), "kind": .string(Self.kind),
            "takenAt": .string(takenAt.rfc3339Micro),
            "daemonSet": .string("\(facts.daemonSet.namespace)/\(facts.daemonSet.name)"),
        ]
        try write(header.serialized + "\n")
        var veil = Veil()
        var daemonSet = facts.daemonSet
        daemonSet.template = veil.covering(daemonSet.template)
        daemonSet.annotations = daemonSet.annotations.filter { $0.key == RolloutMachine.pauseAnnotation }
        daemonSet.managers = []
        try write(daemonSet.json.serialized + "\n")
        for var revision in facts.revisions {
            revision.template = veil.covering(revision.template)
            try write(revision.json(namespace: daemonSet.namespace).serialized + "\n")
        }
        for node in facts.nodes { try write(node.json.serialized + "\n") }
        for pod in facts.pods { try write(pod.json.serialized + "\n") }
    }
}

/// Hides what a template tells its containers, so that a snapshot can be handed on: equal texts stay equal, which is all
/// that comparing revisions needs.
struct Veil {
    private var numbers: [String: Int] = [:]

    mutating func covering(_ template: PodTemplate) -> PodTemplate {
        var json = template.json
        json["metadata"]?["annotations"] = nil
        if let annotations = template.json.at("metadata", "annotations")?.strings {
            let covered = annotations.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.string(cover($0.value))) }
            json["metadata"]?["annotations"] = .object(Dictionary(uniqueKeysWithValues: covered))
        }
        for list in ["containers", "initContainers"] {
            guard let containers = json.at("spec", list)?.array else { continue }
            json["spec"]?[list] = .array(containers.map { covering($0) })
        }
        return PodTemplate(json: json)
    }

    private mutating func covering(_ container: JSONValue) -> JSONValue {
        var result = container
        for list in ["args", "command"] {
            guard let words = container[list]?.array else { continue }
            result[list] = .array(words.map { .string(cover($0.string ?? "")) })
        }
        guard let variables = container["env"]?.array else { return result }
        result["env"] = .array(
            variables.map { variable in
                var covered = variable
                if let value = variable["value"]?.string { covered["value"] = .string(cover(value)) }
                return covered
            })
        return result
    }

    private mutating func cover(_ text: String) -> String {
        let number = numbers[text] ?? numbers.count + 1
        numbers[text] = number
        return "left out \(number)"
    }
}

/// Why a file is no snapshot that can be used.
public struct SnapshotError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The line, from 1.
    public var line: Int
    /// The column in bytes, from 1.
    public var column: Int
    /// What is wrong and what to do.
    public var message: String

    /// The complaint behind its place: `12:5: …`.
    public var description: String { "\(line):\(column): \(message)" }
}
