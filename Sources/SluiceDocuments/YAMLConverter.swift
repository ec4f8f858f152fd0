internal import SluiceCore
internal import Yams

/// A node as Yams composes it, apart from the cluster's nodes.
typealias YAMLNode = Yams.Node

/// Turns one composed YAML document into a ``Document``: follows aliases, merges, names doubled keys, keeps the bounds.
struct YAMLConverter {
    /// A value with what it costs whoever follows an alias to it.
    private struct Built {
        var document: Document
        /// The number of values in it, itself included.
        var values = 1
        /// How many lists and mappings are nested in it, itself included.
        var height = 0
    }

    private let text: YAMLText
    private var anchors: [String: Built] = [:]
    private var values = 0

    init(text: YAMLText) {
        self.text = text
    }

    /// The document that a root node stands for.
    ///
    /// - Throws: ``DocumentError`` for what YAML allows and Sluice does not, and when a bound is exceeded.
    mutating func document(_ root: YAMLNode) throws(DocumentError) -> Document {
        try build(root, depth: 0).document
    }

    private mutating func build(_ node: YAMLNode, depth: Int) throws(DocumentError) -> Built {
        let position = Self.position(of: node)
        if case .scalar = node {} else if depth >= YAMLReader.maxDepth { throw Self.tooDeep(at: position) }
        try count(1, at: position)
        let built: Built
        switch node {
        case .scalar(let scalar):
            if let name = aliasName(scalar) { return try follow(alias: name, at: position, depth: depth) }
            built = Built(document: Document(try content(of: scalar, at: position), at: position))
        case .sequence(let sequence):
            built = try list(Array(sequence), at: position, depth: depth)
        case .mapping(let mapping):
            built = try self.mapping(mapping.map { ($0.key, $0.value) }, at: position, depth: depth)
        case .alias(let alias):
            return try follow(alias: alias.anchor.rawValue, at: position, depth: depth)
        }
        if let anchor = node.anchor { anchors[anchor.rawValue] = built }
        return built
    }

    private mutating func count(_ more: Int, at position: Document.Position) throws(DocumentError) {
        values += more
        guard values <= YAMLReader.maxValues else {
            throw DocumentError(
                "the file stands for more than \(YAMLReader.maxValues) values once its aliases are followed; "
                    + "write fewer values or aliases", at: position)
        }
    }

    private func aliasName(_ scalar: YAMLNode.Scalar) -> String? {
        guard scalar.style == .plain, scalar.string.unicodeScalars.first == text.aliasMarker else { return nil }
        return text.restored(String(scalar.string.unicodeScalars.dropFirst()))
    }

    private mutating func follow(
        alias name: String, at position: Document.Position, depth: Int
    ) throws(DocumentError) -> Built {
        guard var target = anchors[name] else {
            throw DocumentError(
                "the alias *\(name) has no anchor; write &\(name) before the value that it repeats", at: position)
        }
        guard depth + target.height <= YAMLReader.maxDepth else { throw Self.tooDeep(at: position) }
        try count(target.values, at: position)
        target.document.position = position
        return target
    }

    private mutating func list(
        _ nodes: [YAMLNode], at position: Document.Position, depth: Int
    ) throws(DocumentError) -> Built {
        var whole = Built(document: Document(.null, at: position), height: 1)
        var elements: [Document] = []
        for node in nodes {
            let element = try build(node, depth: depth + 1)
            elements.append(element.document)
            whole.values += element.values
            whole.height = max(whole.height, element.height + 1)
        }
        whole.document.content = .sequence(elements)
        return whole
    }

    private mutating func mapping(
        _ pairs: [(key: YAMLNode, value: YAMLNode)], at position: Document.Position, depth: Int
    ) throws(DocumentError) -> Built {
        var whole = Built(document: Document(.null, at: position), height: 1)
        var entries: [Document.Entry] = []
        var merged: [Document.Entry] = []
        var places: [String: Document.Position] = [:]
        for pair in pairs {
            let place = Self.position(of: pair.key)
            let (key, isMerge) = try self.key(pair.key, at: place)
            if let first = places.updateValue(place, forKey: key) {
                throw DocumentError(
                    "the key `\(key)` stands twice in this mapping, first at \(first.line):\(first.column); "
                        + "remove one of the two", at: place)
            }
            let value = try build(pair.value, depth: depth + 1)
            whole.values += value.values
            whole.height = max(whole.height, value.height + 1)
            if isMerge {
                merged += try Self.mergedEntries(value.document)
            } else {
                entries.append(Document.Entry(key: key, keyPosition: place, value: value.document))
            }
        }
        var present = Set(entries.map(\.key))
        entries += merged.filter { present.insert($0.key).inserted }
        whole.document.content = .mapping(entries)
        return whole
    }

    private func key(_ node: YAMLNode, at position: Document.Position) throws(DocumentError) -> (String, isMerge: Bool)
    {
        guard case .scalar(let scalar) = node, aliasName(scalar) == nil else {
            throw DocumentError(
                "a key must be written out as a text; found a list, a mapping or an alias", at: position)
        }
        if case .null = try content(of: scalar, at: position) {
            throw DocumentError("expected a key before the colon", at: position)
        }
        let key = text.restored(scalar.string)
        return (key, scalar.style == .plain && key == "<<")
    }

    /// What `<<` brings along; of several mappings the earlier one counts.
    private static func mergedEntries(_ value: Document) throws(DocumentError) -> [Document.Entry] {
        switch value.content {
        case .mapping(let entries): return entries
        case .sequence(let elements):
            var entries: [Document.Entry] = []
            for element in elements {
                guard case .mapping(let more) = element.content else {
                    throw DocumentError("`<<` merges mappings; found \(element.kindName)", at: element.position)
                }
                entries += more
            }
            return entries
        case .null, .bool, .integer, .double, .string:
            throw DocumentError("`<<` merges a mapping; found \(value.kindName)", at: value.position)
        }
    }

    private func content(
        of scalar: YAMLNode.Scalar, at position: Document.Position
    ) throws(DocumentError) -> Document.Content {
        let string = text.restored(scalar.string)
        switch scalar.tag.rawValue {
        case "": return scalar.style == .plain ? YAMLScalar.content(plain: string) : .string(string)
        case Tag.Name.str.rawValue, Tag.Name.nonSpecific.rawValue: return .string(string)
        case Tag.Name.int.rawValue, Tag.Name.float.rawValue, Tag.Name.bool.rawValue, Tag.Name.null.rawValue:
            return YAMLScalar.content(plain: string)
        default:
            throw DocumentError("the tag \(scalar.tag.rawValue) is not supported; remove it", at: position)
        }
    }

    private static func position(of node: YAMLNode) -> Document.Position {
        node.mark.map { Document.Position(line: $0.line, column: $0.column) } ?? .start
    }

    /// The complaint about a list or mapping beyond the deepest nesting that is read.
    static func tooDeep(at position: Document.Position) -> DocumentError {
        DocumentError("lists and mappings are nested more than \(YAMLReader.maxDepth) deep here", at: position)
    }
}
