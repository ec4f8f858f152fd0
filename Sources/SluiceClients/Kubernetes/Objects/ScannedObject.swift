public import SluiceCore

/// An object that ``ObjectScanner`` reads.
protocol ScannedObject: ClusterObject {
    /// Reads one object where the scanner stands, with its resourceVersion.
    static func scan(_ scanner: inout ObjectScanner) throws(ScanError) -> (object: Self, resourceVersion: String)
}

extension ObjectScanner {
    /// Runs a scanner over bytes and demands that it reads all of them.
    static func scan<Result>(
        _ bytes: [UInt8], _ interner: StringInterner, _ body: (inout ObjectScanner) throws(ScanError) -> Result
    ) throws(ScanError) -> Result {
        try bytes.withUnsafeBufferPointer { (buffer) throws(ScanError) -> Result in
            var scanner = ObjectScanner(buffer, interner: interner)
            let result = try body(&scanner)
            try scanner.end()
            return result
        }
    }

    /// Reads a page of a list. `items` may stand before or after `metadata`.
    mutating func page<Object: ScannedObject>(of type: Object.Type) throws(ScanError) -> ObjectPage<Object> {
        var page = ObjectPage<Object>(items: [], resourceVersion: "")
        var hasItems = false
        try object { (scanner, key) throws(ScanError) in
            switch key {
            case "metadata": try scanner.listMetadata(&page)
            case "items":
                hasItems = true
                try scanner.array { (scanner) throws(ScanError) in
                    page.items.append(try Object.scan(&scanner).object)
                }
            default: try scanner.skip()
            }
        }
        guard hasItems, !page.resourceVersion.isEmpty else { throw error("this is no list") }
        return page
    }

    private mutating func listMetadata<Object>(_ page: inout ObjectPage<Object>) throws(ScanError) {
        try object { (scanner, key) throws(ScanError) in
            switch key {
            case "resourceVersion": page.resourceVersion = try scanner.string() ?? ""
            case "continue":
                let token = try scanner.string() ?? ""
                page.continueToken = token.isEmpty ? nil : token
            case "remainingItemCount": page.remainingItemCount = try scanner.integer()
            default: try scanner.skip()
            }
        }
    }

    /// Reads a line of a watch. Finds `type` and `object` first, in any order, then reads the object by its type.
    mutating func line<Object: ScannedObject>(of type: Object.Type) throws(ScanError) -> WatchLine<Object>? {
        var eventType: String?
        var place: Int?
        var result: WatchLine<Object>?
        try object { (scanner, key) throws(ScanError) in
            switch key {
            case "type": eventType = try scanner.string()
            case "object":
                if let eventType {
                    result = try scanner.event(eventType)
                } else {
                    place = scanner.index
                    try scanner.skip()
                }
            default: try scanner.skip()
            }
        }
        if let place, let eventType {
            let end = index
            seek(place)
            result = try event(eventType)
            seek(end)
        }
        return result
    }

    private mutating func event<Object: ScannedObject>(_ type: String) throws(ScanError) -> WatchLine<Object>? {
        switch type {
        case "ADDED", "MODIFIED":
            let (object, version) = try Object.scan(&self)
            return .changed(object, resourceVersion: version)
        case "DELETED":
            let (object, version) = try Object.scan(&self)
            return .gone(object, resourceVersion: version)
        case "BOOKMARK": return .bookmark(resourceVersion: try version())
        default:
            // An ERROR holds a Status, which is rare and small: it is read as a value by the caller.
            try skip()
            return nil
        }
    }

    /// Reads only `metadata.resourceVersion` of an object.
    private mutating func version() throws(ScanError) -> String {
        var version = ""
        try object { (scanner, key) throws(ScanError) in
            guard case "metadata" = key else { return try scanner.skip() }
            try scanner.object { (scanner, key) throws(ScanError) in
                guard case "resourceVersion" = key else { return try scanner.skip() }
                version = try scanner.string() ?? ""
            }
        }
        guard !version.isEmpty else { throw error("the object has no resourceVersion") }
        return version
    }
}

extension ScannedObject {
    static func scanObject(_ bytes: [UInt8], _ interner: StringInterner) throws(ScanError) -> Self {
        try ObjectScanner.scan(bytes, interner) { (scanner) throws(ScanError) in try Self.scan(&scanner).object }
    }

    static func scanPage(_ bytes: [UInt8], _ interner: StringInterner) throws(ScanError) -> ObjectPage<Self> {
        try ObjectScanner.scan(bytes, interner) { (scanner) throws(ScanError) in try scanner.page(of: Self.self) }
    }

    static func scanLine(_ bytes: [UInt8], _ interner: StringInterner) throws(ScanError) -> WatchLine<Self> {
        let line = try ObjectScanner.scan(bytes, interner) { (scanner) throws(ScanError) in
            try scanner.line(of: Self.self)
        }
        if let line { return line }
        return try JSONObjects.line(bytes, { _ in nil }, "object")
    }
}

extension Node: ClusterObject {
    /// Reads one node.
    ///
    /// - Throws: ``ScanError``.
    public static func decode(_ bytes: [UInt8], interner: StringInterner) throws(ScanError) -> Node {
        try scanObject(bytes, interner)
    }

    /// Reads one page of nodes.
    ///
    /// - Throws: ``ScanError``.
    public static func decodePage(_ bytes: [UInt8], interner: StringInterner) throws(ScanError) -> ObjectPage<Node> {
        try scanPage(bytes, interner)
    }

    /// Reads one line of a watch of nodes.
    ///
    /// - Throws: ``ScanError``.
    public static func decodeLine(_ bytes: [UInt8], interner: StringInterner) throws(ScanError) -> WatchLine<Node> {
        try scanLine(bytes, interner)
    }
}

extension Pod: ClusterObject {
    /// Reads one pod.
    ///
    /// - Throws: ``ScanError``.
    public static func decode(_ bytes: [UInt8], interner: StringInterner) throws(ScanError) -> Pod {
        try scanObject(bytes, interner)
    }

    /// Reads one page of pods.
    ///
    /// - Throws: ``ScanError``.
    public static func decodePage(_ bytes: [UInt8], interner: StringInterner) throws(ScanError) -> ObjectPage<Pod> {
        try scanPage(bytes, interner)
    }

    /// Reads one line of a watch of pods.
    ///
    /// - Throws: ``ScanError``.
    public static func decodeLine(_ bytes: [UInt8], interner: StringInterner) throws(ScanError) -> WatchLine<Pod> {
        try scanLine(bytes, interner)
    }
}
