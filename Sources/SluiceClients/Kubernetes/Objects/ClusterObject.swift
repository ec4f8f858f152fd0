public import SluiceCore
import SluiceDocuments

/// An object of the API that Sluice lists and watches.
public protocol ClusterObject: Sendable {
    /// Reads one object.
    ///
    /// - Throws: ``ScanError``.
    static func decode(_ bytes: [UInt8], interner: StringInterner) throws(ScanError) -> Self

    /// Reads one page of a list.
    ///
    /// - Throws: ``ScanError``.
    static func decodePage(_ bytes: [UInt8], interner: StringInterner) throws(ScanError) -> ObjectPage<Self>

    /// Reads one line of a watch, without its line feed.
    ///
    /// - Throws: ``ScanError``.
    static func decodeLine(_ bytes: [UInt8], interner: StringInterner) throws(ScanError) -> WatchLine<Self>
}

/// One page of a list.
public struct ObjectPage<Object: Sendable>: Sendable {
    /// The objects, in the server's order.
    public var items: [Object]
    /// The version of the list.
    public var resourceVersion: String
    /// What to ask the next page with; nil on the last page.
    public var continueToken: String?
    /// How many objects follow, where the server says it.
    public var remainingItemCount: Int64?

    /// One page of a list.
    public init(
        items: [Object], resourceVersion: String, continueToken: String? = nil, remainingItemCount: Int64? = nil
    ) {
        self.items = items
        self.resourceVersion = resourceVersion
        self.continueToken = continueToken
        self.remainingItemCount = remainingItemCount
    }
}

/// One line of a watch.
public enum WatchLine<Object: Sendable>: Sendable {
    /// ADDED or MODIFIED.
    case changed(Object, resourceVersion: String)
    /// DELETED, with the object's last state.
    case gone(Object, resourceVersion: String)
    /// BOOKMARK: nothing has happened up to this version.
    case bookmark(resourceVersion: String)
    /// ERROR: the watch is over.
    case failed(APIStatus)
}

/// Why a text is not the object it should be.
public struct ScanError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was expected or met.
    public var message: String
    /// The byte at which reading stopped, from 0.
    public var offset: Int

    /// Why a text is not the object it should be.
    public init(_ message: String, at offset: Int) {
        self.message = message
        self.offset = offset
    }

    /// The message with its place.
    public var description: String { "\(message) at byte \(offset)" }
}

extension DaemonSet: ClusterObject {
    /// Reads one DaemonSet.
    ///
    /// - Throws: ``ScanError``.
    public static func decode(_ bytes: [UInt8], interner: StringInterner) throws(ScanError) -> DaemonSet {
        try JSONObjects.decode(JSONObjects.read(bytes), DaemonSet.init(json:), "DaemonSet")
    }

    /// Reads one page of DaemonSets.
    ///
    /// - Throws: ``ScanError``.
    public static func decodePage(
        _ bytes: [UInt8], interner: StringInterner
    ) throws(ScanError) -> ObjectPage<DaemonSet> {
        try JSONObjects.page(bytes, DaemonSet.init(json:), "DaemonSet")
    }

    /// Reads one line of a watch of DaemonSets.
    ///
    /// - Throws: ``ScanError``.
    public static func decodeLine(
        _ bytes: [UInt8], interner: StringInterner
    ) throws(ScanError) -> WatchLine<DaemonSet> {
        try JSONObjects.line(bytes, DaemonSet.init(json:), "DaemonSet")
    }
}

extension ControllerRevision: ClusterObject {
    /// Reads one revision.
    ///
    /// - Throws: ``ScanError``.
    public static func decode(_ bytes: [UInt8], interner: StringInterner) throws(ScanError) -> ControllerRevision {
        try JSONObjects.decode(JSONObjects.read(bytes), ControllerRevision.init(json:), "ControllerRevision")
    }

    /// Reads one page of revisions; those of other controllers (a StatefulSet's), which look different, are left out.
    ///
    /// - Throws: ``ScanError``.
    public static func decodePage(
        _ bytes: [UInt8], interner: StringInterner
    ) throws(ScanError) -> ObjectPage<ControllerRevision> {
        try JSONObjects.page(bytes, ControllerRevision.init(json:), "ControllerRevision", leavesOutOthers: true)
    }

    /// Reads one line of a watch of revisions.
    ///
    /// - Throws: ``ScanError``.
    public static func decodeLine(
        _ bytes: [UInt8], interner: StringInterner
    ) throws(ScanError) -> WatchLine<ControllerRevision> {
        try JSONObjects.line(bytes, ControllerRevision.init(json:), "ControllerRevision")
    }
}

/// Reads the objects that are few, through ``JSONValue``.
enum JSONObjects {
    static func read(_ bytes: [UInt8]) throws(ScanError) -> JSONValue {
        do {
            return try JSONReader.read(bytes)
        } catch {
            throw ScanError(error.message, at: error.offset)
        }
    }

    static func decode<Object>(
        _ json: JSONValue, _ make: (JSONValue) -> Object?, _ kind: String
    ) throws(ScanError) -> Object {
        guard let object = make(json) else {
            throw ScanError("this is no complete \(kind)", at: 0)
        }
        return object
    }

    static func page<Object: Sendable>(
        _ bytes: [UInt8], _ make: (JSONValue) -> Object?, _ kind: String, leavesOutOthers: Bool = false
    ) throws(ScanError) -> ObjectPage<Object> {
        let json = try read(bytes)
        guard let version = json.at("metadata", "resourceVersion")?.string, let items = json["items"] else {
            throw ScanError("this is no list of \(kind) objects", at: 0)
        }
        var objects: [Object] = []
        for item in items.array ?? [] {
            if leavesOutOthers {
                if let object = make(item) { objects.append(object) }
            } else {
                objects.append(try decode(item, make, kind))
            }
        }
        return ObjectPage(
            items: objects, resourceVersion: version,
            continueToken: json.at("metadata", "continue")?.string.flatMap { $0.isEmpty ? nil : $0 },
            remainingItemCount: json.at("metadata", "remainingItemCount")?.integer)
    }

    static func line<Object: Sendable>(
        _ bytes: [UInt8], _ make: (JSONValue) -> Object?, _ kind: String
    ) throws(ScanError) -> WatchLine<Object> {
        let json = try read(bytes)
        guard let type = json["type"]?.string, let object = json["object"] else {
            throw ScanError("this is no event of a watch", at: 0)
        }
        if type == "ERROR" { return .failed(APIStatus(json: object)) }
        guard let version = object.at("metadata", "resourceVersion")?.string else {
            throw ScanError("the object has no resourceVersion", at: 0)
        }
        switch type {
        case "ADDED", "MODIFIED": return .changed(try decode(object, make, kind), resourceVersion: version)
        case "DELETED": return .gone(try decode(object, make, kind), resourceVersion: version)
        case "BOOKMARK": return .bookmark(resourceVersion: version)
        default: throw ScanError("an unknown event type", at: 0)
        }
    }
}
