/// Images that no revision shows: a tag that is moved during a rollout brings later nodes another image under the same
/// revision, and what the canary showed says nothing about it.
extension RolloutMachine {
    /// Compares the images of a node that has just become updated with those of the nodes before it.
    mutating func checkImages(of name: String) {
        var digests = memory.digests ?? knownDigests(but: name)
        let own = runningImages(of: name)
        for (subject, digest) in own {
            guard let known = digests.nodes[subject], known[digest] == nil,
                let (other, node) = known.min(by: { $0.value < $1.value })
            else { continue }
            let message =
                "container \(subject.container) runs \(digest.prefix(19))… (\(subject.architecture)), and on \(node) "
                + "\(other.prefix(19))… under the same reference \(subject.image)"
            log(.imageChanged, wave: state.nodes[name]?.wave, node: name, reason: .imageChanged, message: message)
            if plan.onImageChanged == .halt {
                halt(.imageChanged, "node \(name): \(message); the tag was moved", wave: state.nodes[name]?.wave)
            }
        }
        digests.add(own, of: name)
        memory.digests = digests
    }

    private func knownDigests(but name: String) -> ImageDigests {
        var digests = ImageDigests()
        for record in state.nodes.values where record.status == .updated && record.node != name {
            digests.add(runningImages(of: record.node), of: record.node)
        }
        return digests
    }

    /// What a node's pod of the target revision runs, as far as its kubelet names a digest.
    private func runningImages(of name: String) -> [(ImageDigests.Subject, digest: String)] {
        let architecture = view.nodes[name]?.labels["kubernetes.io/arch"] ?? "unknown architecture"
        let pod = view.ownPods(on: name).last { $0.pod.revisionHash == state.rollout.updateRevision }?.pod
        return (pod?.containers ?? []).compactMap { container in
            guard let digest = ImageDigests.digest(in: container.imageID) else { return nil }
            let image = pod?.images.first { $0.container == container.name }?.image ?? ""
            return (ImageDigests.Subject(container: container.name, image: image, architecture: architecture), digest)
        }
    }
}

/// Which images nodes run, by container and architecture.
struct ImageDigests: Sendable {
    /// What must be the same image everywhere.
    struct Subject: Sendable, Hashable {
        var container: String
        /// The reference, as the pod has it.
        var image: String
        var architecture: String
    }

    /// A node for each digest that was seen.
    private(set) var nodes: [Subject: [String: String]] = [:]

    mutating func add(_ images: [(Subject, digest: String)], of node: String) {
        for (subject, digest) in images where nodes[subject]?[digest] == nil {
            nodes[subject, default: [:]][digest] = node
        }
    }

    /// The digest that an `imageID` names, as in `registry/name@sha256:…`; nil for one that names none. A runtime that has
    /// no digest of the registry's, as for an image that was loaded by hand, names the image's own id instead, which is not
    /// to be compared with others.
    static func digest(in imageID: String) -> String? {
        guard let at = imageID.lastIndex(of: "@") else { return nil }
        let digest = imageID[imageID.index(after: at)...]
        return digest.hasPrefix("sha256:") ? String(digest) : nil
    }
}
