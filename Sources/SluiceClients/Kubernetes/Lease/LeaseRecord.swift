public import SluiceCore

/// A Lease as an object of the API.
struct LeaseRecord {
    /// The prefix of the annotations that carry the checkpoint.
    static let annotationPrefix = "sluice/"

    /// The object as it was read; everything that is not ours in it is kept.
    var json: JSONValue

    /// The name of a DaemonSet's Lease.
    static func name(daemonSet: String) -> String { "sluice-\(daemonSet)" }

    init(json: JSONValue) { self.json = json }

    /// A Lease that does not exist yet.
    init(namespace: String, name: String) {
        json = [
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
            "metadata": ["name": .string(name), "namespace": .string(namespace)],
        ]
    }

    /// Who holds it; empty when nobody does.
    var holder: String { json.at("spec", "holderIdentity")?.string ?? "" }
    var resourceVersion: String? { json.at("metadata", "resourceVersion")?.string }
    /// How long it is valid after a renewal, in milliseconds. A day at most: nobody waits longer for a nonsense.
    var duration: Milliseconds {
        let seconds = json.at("spec", "leaseDurationSeconds")?.integer ?? KubernetesLimits.leaseSeconds
        return max(0, min(seconds, 86_400)) * 1_000
    }
    var renewedAt: Timestamp? { json.at("spec", "renewTime")?.string.flatMap { Timestamp(rfc3339: $0) } }

    private mutating func set(_ section: String, _ key: String, _ value: JSONValue?) {
        var members = json[section] ?? [:]
        members[key] = value
        json[section] = members
    }

    /// Whether the holder has the database that an identity ends with.
    func isHeld(by identity: String) -> Bool {
        !holder.isEmpty && holder.split(separator: "/").last == identity.split(separator: "/").last
    }

    /// The object with us as its holder.
    func held(by identity: String, at now: Timestamp, checkpoint: [String: String]) -> LeaseRecord {
        var next = self
        if holder != identity {
            // The field has 32 bits; one that somebody filled up stays full.
            let transitions = min(json.at("spec", "leaseTransitions")?.integer ?? 0, Int64(Int32.max) - 1) + 1
            next.set("spec", "leaseTransitions", .integer(resourceVersion == nil ? 0 : transitions))
            next.set("spec", "acquireTime", .string(now.rfc3339Micro))
        }
        next.set("spec", "holderIdentity", .string(identity))
        next.set("spec", "leaseDurationSeconds", .integer(KubernetesLimits.leaseSeconds))
        next.set("spec", "renewTime", .string(now.rfc3339Micro))
        next.write(checkpoint)
        return next
    }

    /// The object without a holder, so that the next one need not wait.
    func released(at now: Timestamp, checkpoint: [String: String]) -> LeaseRecord {
        var next = self
        next.set("spec", "holderIdentity", "")
        next.set("spec", "renewTime", .string(now.rfc3339Micro))
        next.write(checkpoint)
        return next
    }

    private mutating func write(_ checkpoint: [String: String]) {
        var annotations = (json.at("metadata", "annotations")?.object ?? [:])
            .filter { !$0.key.hasPrefix(Self.annotationPrefix) }
        for (key, value) in checkpoint { annotations[Self.annotationPrefix + key] = .string(value) }
        set("metadata", "annotations", annotations.isEmpty ? nil : .object(annotations))
        set("metadata", "managedFields", nil)
    }

    var checkpoint: [String: String] {
        var result: [String: String] = [:]
        for (key, value) in json.at("metadata", "annotations")?.strings ?? [:] {
            guard key.hasPrefix(Self.annotationPrefix) else { continue }
            result[String(key.dropFirst(Self.annotationPrefix.count))] = value
        }
        return result
    }
}

/// What a DaemonSet's Lease says about the rollout that goes on, for any machine that asks.
public struct LeaseCheckpoint: Sendable, Equatable {
    /// Who holds the Lease; empty when nobody does.
    public var holder: String
    /// When it was last renewed, by the holder's clock; nil when it does not say.
    public var renewedAt: Timestamp?
    /// How long it is valid after a renewal, in seconds.
    public var durationSeconds: Int64
    /// What the driver noted down (`rollout`, `plan-digest`, `wave`, `soak-start`, `phase`).
    public var values: [String: String]

    init(_ record: LeaseRecord) {
        holder = record.holder
        renewedAt = record.renewedAt
        durationSeconds = record.duration / 1_000
        values = record.checkpoint
    }
}

extension KubernetesClient {
    /// Reads the checkpoint on a DaemonSet's Lease and waits for it; nil when there is no Lease.
    ///
    /// - Throws: ``APIError``.
    public func leaseCheckpoint(namespace: String, daemonSet: String) throws(APIError) -> LeaseCheckpoint? {
        let request = APIRequest.getLease(namespace: namespace, name: LeaseRecord.name(daemonSet: daemonSet))
        do throws(APIError) {
            guard let json = try perform(request).json else {
                throw APIError(.decoding("this is no JSON"), request)
            }
            return LeaseCheckpoint(LeaseRecord(json: json))
        } catch {
            if error.code == 404 { return nil }
            throw error
        }
    }
}
