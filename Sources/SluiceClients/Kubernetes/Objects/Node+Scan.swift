import SluiceCore

extension Node: ScannedObject {
    static func scan(_ scanner: inout ObjectScanner) throws(ScanError) -> (object: Node, resourceVersion: String) {
        // A node that nobody has reported on is not known to be Ready.
        var node = Node(name: "", uid: "", ready: .unknown)
        var version = ""
        try scanner.object { (scanner, key) throws(ScanError) in
            switch key {
            case "metadata": try node.scanMetadata(&scanner, &version)
            case "spec": try node.scanSpec(&scanner)
            case "status": try node.scanStatus(&scanner)
            default: try scanner.skip()
            }
        }
        guard !node.name.isEmpty, !node.uid.isEmpty else { throw scanner.error("this is no complete Node") }
        return (node, version)
    }

    private mutating func scanMetadata(
        _ scanner: inout ObjectScanner, _ version: inout String
    ) throws(ScanError) {
        try scanner.object { (scanner, key) throws(ScanError) in
            switch key {
            case "name": name = try scanner.string() ?? ""
            case "uid": uid = try scanner.string() ?? ""
            case "resourceVersion": version = try scanner.string() ?? ""
            case "labels": labels = try scanner.strings()
            case "creationTimestamp": createdAt = try scanner.timestamp()
            case "deletionTimestamp": isBeingDeleted = try scanner.string() != nil
            default: try scanner.skip()
            }
        }
    }

    private mutating func scanSpec(_ scanner: inout ObjectScanner) throws(ScanError) {
        try scanner.object { (scanner, key) throws(ScanError) in
            switch key {
            case "unschedulable": isUnschedulable = try scanner.bool()
            case "taints":
                try scanner.array { (scanner) throws(ScanError) in taints.append(try Taint(&scanner)) }
            default: try scanner.skip()
            }
        }
    }

    private mutating func scanStatus(_ scanner: inout ObjectScanner) throws(ScanError) {
        try scanner.object { (scanner, key) throws(ScanError) in
            guard case "conditions" = key else { return try scanner.skip() }
            try scanner.array { (scanner) throws(ScanError) in
                let condition = try ScannedCondition(&scanner)
                if condition.type == "Ready" {
                    ready = ConditionStatus(rawValue: condition.status) ?? .unknown
                    readyReason = condition.reason
                    readyChangedAt = condition.changedAt
                } else if let pressure = NodePressure(
                    condition: condition.type, status: condition.status, since: condition.changedAt)
                {
                    pressures.append(pressure)
                }
            }
        }
    }
}

extension Taint {
    init(_ scanner: inout ObjectScanner) throws(ScanError) {
        var taint = Taint(key: "", effect: "")
        try scanner.object { (scanner, key) throws(ScanError) in
            switch key {
            case "key": taint.key = try scanner.string() ?? ""
            case "value": taint.value = try scanner.string() ?? ""
            case "effect": taint.effect = try scanner.string() ?? ""
            default: try scanner.skip()
            }
        }
        self = taint
    }
}

/// A condition of a status.
struct ScannedCondition {
    var type = ""
    var status = ""
    var reason = ""
    var message = ""
    /// When it last changed.
    var changedAt: Timestamp?

    init(_ scanner: inout ObjectScanner) throws(ScanError) {
        var condition = ScannedCondition()
        try scanner.object { (scanner, key) throws(ScanError) in
            switch key {
            case "type": condition.type = try scanner.string() ?? ""
            case "status": condition.status = try scanner.string() ?? ""
            case "reason": condition.reason = try scanner.string() ?? ""
            case "message": condition.message = try scanner.string() ?? ""
            case "lastTransitionTime": condition.changedAt = try scanner.timestamp()
            default: try scanner.skip()
            }
        }
        self = condition
    }

    private init() {}
}
