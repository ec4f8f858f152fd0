import SluiceCore

extension Cluster {
    /// The ControllerRevisions that a DaemonSet owns, ordered by name.
    func revisions(of daemonSet: DaemonSetState) -> [StoredObject] {
        store.objects(.controllerRevisions, Selection(namespace: daemonSet.namespace)).filter { object in
            let owners = object.value?.at("metadata", "ownerReferences")?.array ?? []
            return owners.contains { $0["uid"] == .string(daemonSet.uid) }
        }
    }

    /// The hash of the current template's revision, which is made, or renumbered when an old one holds the same
    /// template.
    mutating func ensureRevision(of daemonSet: DaemonSetState) -> String {
        var template = daemonSet.template
        template["$patch"] = "replace"
        let data: JSONValue = ["spec": ["template": template]]
        let owned = revisions(of: daemonSet)
        let newest = owned.compactMap { $0.value?["revision"]?.integer }.max() ?? 0
        if let twin = owned.first(where: { $0.value?["data"] == data }), var value = twin.value {
            if value["revision"] != .integer(newest) {
                value["revision"] = .integer(newest &+ 1)
                write(.controllerRevisions, value)
            }
            return twin.labels["controller-revision-hash"] ?? ""
        }
        let hash = freeHash(of: data.serialized, daemonSet)
        var labels = daemonSet.template.at("metadata", "labels") ?? [:]
        labels["controller-revision-hash"] = .string(hash)
        let annotations = store.object(.daemonSets, daemonSet.namespace, daemonSet.name)?.value?
            .at("metadata", "annotations")
        var revision: JSONValue = [
            "apiVersion": "apps/v1",
            "metadata": [
                "name": .string("\(daemonSet.name)-\(hash)"), "namespace": .string(daemonSet.namespace),
                "labels": labels, "annotations": annotations ?? [:],
                "ownerReferences": [PodPattern.owner(name: daemonSet.name, uid: daemonSet.uid)],
            ],
            "data": data, "revision": .integer(newest &+ 1),
        ]
        let writer = ManagedFields.Writer(manager: "kube-controller-manager")
        // The data belong to one writer as a whole.
        var whole = revision
        whole["data"] = true
        let noted = ManagedFields.noted(whole, before: nil, writer, at: now)
        revision["metadata"]?["managedFields"] = noted.at("metadata", "managedFields")
        insert(.controllerRevisions, revision)
        return hash
    }

    private func freeHash(of text: String, _ daemonSet: DaemonSetState) -> String {
        var salt = 0
        while true {
            let hash = Self.safeText(Drawing.fnv(salt == 0 ? text : "\(text)\(salt)") & 0xFFFF_FFFF)
            let name = "\(daemonSet.name)-\(hash)"
            if store.object(.controllerRevisions, daemonSet.namespace, name) == nil { return hash }
            salt += 1
        }
    }

    /// A number in the alphabet of generated names, which has no vowels and so no words.
    private static func safeText(_ number: UInt64) -> String {
        let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")
        return String(String(number).utf8.map { alphabet[Int($0) % alphabet.count] })
    }

    /// Removes revisions beyond the history limit, oldest first, but none that a pod still has.
    mutating func trimHistory(of daemonSet: DaemonSetState, current: String) {
        let old = revisions(of: daemonSet).filter { $0.labels["controller-revision-hash"] != current }
        var surplus = old.count - daemonSet.historyLimit
        guard surplus > 0 else { return }
        var used: Set<String> = []
        for pod in pods.inNoOrder where pod.owner == daemonSet.uid { used.insert(pod.pattern.hash) }
        let ordered = old.sorted { ($0.value?["revision"]?.integer ?? 0) < ($1.value?["revision"]?.integer ?? 0) }
        for object in ordered where surplus > 0 && !used.contains(object.labels["controller-revision-hash"] ?? "") {
            erase(.controllerRevisions, object)
            surplus -= 1
        }
    }
}
