public import SluiceCore
internal import Yams

/// Reads YAML, and JSON as the part of YAML that it is, into ``Document`` values that know their line and column.
///
/// Plain scalars mean what YAML 1.2's core schema says: `yes`, `no`, `on` and `off` are strings, because a label's
/// value or a country code must not turn into a boolean behind its author's back. From YAML 1.1 only what Kubernetes
/// manifests live by is kept: `0644` is octal, `<<` merges mappings. A whole number beyond 64 bits is read as a number
/// with a fraction, so whoever wants a whole number refuses it.
///
/// Bounded: size, depth and the number of values behind aliases are checked before anything grows with them.
public enum YAMLReader {
    /// The largest text that is read, in bytes.
    public static let maxBytes = 1_048_576
    /// The deepest nesting of lists and mappings that is read.
    public static let maxDepth = 64
    /// The most values a text may stand for once its aliases are followed.
    public static let maxValues = 200_000

    /// Reads the only document of a text.
    ///
    /// - Throws: ``DocumentError`` when the text is empty, holds several documents, is no YAML, or exceeds a bound.
    public static func read(_ bytes: [UInt8]) throws(DocumentError) -> Document {
        let documents = try readAll(bytes)
        guard let first = documents.first else {
            throw DocumentError("the file is empty; expected a mapping", at: .start)
        }
        guard documents.count == 1 else {
            throw DocumentError(
                "a second document begins here; expected one document in the file (remove the `---` line before it, "
                    + "or give each document its own file)", at: documents[1].position)
        }
        return first
    }

    /// Reads all documents of a text, as in a manifest with `---` lines. Empty documents are left out, so an empty
    /// text has none.
    ///
    /// - Parameter maxBytes: the largest text that is read, in bytes.
    /// - Throws: ``DocumentError`` when a document is no YAML or the text exceeds a bound.
    public static func readAll(_ bytes: [UInt8], maxBytes: Int = YAMLReader.maxBytes) throws(DocumentError)
        -> [Document]
    {
        guard bytes.count <= maxBytes else {
            throw DocumentError(
                "the file has \(bytes.count) bytes; at most \(maxBytes) (\(maxBytes >> 20) MiB) are read", at: .start)
        }
        var text = try YAMLText(bytes)
        // Ends because the characters that rename keys do.
        while true {
            if let documents = try compose(&text) { return documents }
        }
    }

    /// The documents of a text; nil when Yams met two equal keys and the first was renamed, so that the next attempt
    /// comes to the second and both can be named.
    private static func compose(_ text: inout YAMLText) throws(DocumentError) -> [Document]? {
        do {
            // The nodes hold their anchors weakly: the parser must outlive the conversion.
            let parser = try Parser(yaml: text.disarmed, resolver: .basic, encoding: .utf8)
            return try withExtendedLifetime(parser) {
                var documents: [Document] = []
                while let root = try parser.nextRoot() {
                    var converter = YAMLConverter(text: text)
                    let document = try converter.document(root)
                    if document.content != .null { documents.append(document) }
                }
                return documents
            }
        } catch let error as DocumentError {
            throw error
        } catch let error as YamlError {
            if case .duplicatedKeysInMapping(_, let context) = error, text.rename(keyAt: context.mark) {
                return nil
            }
            throw YAMLComplaint.error(for: error, in: text)
        } catch {
            throw DocumentError("the file could not be read as YAML: \(error)", at: .start)
        }
    }
}

extension Document.Position {
    /// Where a text begins.
    static let start = Document.Position(line: 1, column: 1)
}
