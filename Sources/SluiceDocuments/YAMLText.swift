internal import SluiceCore
internal import Yams

/// A text on its way into Yams: checked scalar by scalar, and disarmed.
///
/// Yams follows aliases while it composes and hashes whole keys, so a text of a kilobyte can keep it busy for a year.
/// Therefore it never sees an alias: in each `*name` the star is replaced by a private character, which makes it a
/// plain scalar in the same place, and ``YAMLConverter`` follows it under a bound. Stars in other texts are put back.
struct YAMLText {
    /// How many keys are renamed in search of their doubles before the reader gives up.
    static let maxRenamedKeys = 16

    /// The text without aliases, as Yams gets it.
    var disarmed: String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    /// The character that stands for the star of an alias.
    let aliasMarker: Unicode.Scalar
    /// The text's scalars, disarmed.
    private(set) var scalars: [Unicode.Scalar]
    /// What the private characters stand for.
    private var originals: [Unicode.Scalar: Unicode.Scalar]
    /// Private characters that the text does not use itself.
    private var freeMarkers: [Unicode.Scalar]

    /// Checks that bytes are UTF-8 without characters that YAML forbids, and disarms them.
    ///
    /// - Throws: ``DocumentError`` with the place of the first wrong byte or character.
    init(_ bytes: [UInt8]) throws(DocumentError) {
        var scalars = try Self.decoded(bytes)
        if scalars.first == "\u{FEFF}" { scalars.removeFirst() }
        let used = Set(scalars.filter { (0xE000...0xF8FF).contains($0.value) })
        freeMarkers = (0xE000...0xF8FF as ClosedRange<UInt32>).lazy.compactMap(Unicode.Scalar.init)
            .filter { !used.contains($0) }.prefix(Self.maxRenamedKeys + 1).reversed()
        guard let marker = freeMarkers.popLast() else {
            throw DocumentError("the file uses every private Unicode character; remove some", at: .start)
        }
        for index in scalars.indices.dropLast() where scalars[index] == "*" && Self.beginsName(scalars[index + 1]) {
            scalars[index] = marker
        }
        self.scalars = scalars
        aliasMarker = marker
        originals = [marker: "*"]
    }

    /// A scalar's text as the author wrote it.
    func restored(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { originals[$0] != nil }) else { return text }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: text.unicodeScalars.map { originals[$0] ?? $0 })
        return String(view)
    }

    /// Makes a key differ from its double. False when it is written in a way that cannot be changed in place, or when
    /// too many keys were renamed already.
    mutating func rename(keyAt mark: Mark) -> Bool {
        let position = Document.Position(line: mark.line, column: mark.column)
        guard var index = offset(of: position) else { return false }
        let isQuoted = scalars[index] == "\"" || scalars[index] == "'"
        if isQuoted { index += 1 }
        guard index < scalars.count, !"&*!?|>{[\"'\\".unicodeScalars.contains(scalars[index]),
            let marker = freeMarkers.popLast()
        else { return false }
        originals[marker] = originals[scalars[index]] ?? scalars[index]
        scalars[index] = marker
        return true
    }

    /// The place of the first tab in the indentation of a line, from one line to another.
    func indentingTab(fromLine first: Int, toLine last: Int) -> Document.Position? {
        for line in first...max(first, last) {
            guard var index = offset(of: Document.Position(line: line, column: 1)) else { return nil }
            let start = index
            while index < scalars.count, scalars[index] == " " { index += 1 }
            if index < scalars.count, scalars[index] == "\t" {
                return Document.Position(line: line, column: index - start + 1)
            }
        }
        return nil
    }

    /// The place at which open brackets are nested more than `depth` deep, quotes and comments aside.
    func bracketsExceeding(depth: Int) -> Document.Position? {
        var open = 0
        var place = Document.Position.start
        for index in scalars.indices {
            if "[{".unicodeScalars.contains(scalars[index]) { open += 1 }
            if "]}".unicodeScalars.contains(scalars[index]) { open -= 1 }
            if open > depth { return place }
            Self.advance(&place, over: scalars, at: index)
        }
        return nil
    }

    private func offset(of position: Document.Position) -> Int? {
        var place = Document.Position.start
        for index in scalars.indices {
            if place == position { return index }
            Self.advance(&place, over: scalars, at: index)
        }
        return nil
    }

    /// Whether a scalar may begin the name of an anchor.
    private static func beginsName(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "-": true
        default: false
        }
    }

    /// Moves a place over one scalar, with the line ends of YAML 1.1 that libyaml counts.
    private static func advance(_ place: inout Document.Position, over scalars: [Unicode.Scalar], at index: Int) {
        let isFirstOfTwo = scalars[index] == "\r" && index + 1 < scalars.count && scalars[index + 1] == "\n"
        switch scalars[index] {
        case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}":
            if !isFirstOfTwo { place = Document.Position(line: place.line + 1, column: 1) }
        default: place.column += 1
        }
    }

    private static func decoded(_ bytes: [UInt8]) throws(DocumentError) -> [Unicode.Scalar] {
        if bytes.starts(with: [0xFE, 0xFF]) || bytes.starts(with: [0xFF, 0xFE]) {
            throw DocumentError("the file is UTF-16; save it as UTF-8", at: .start)
        }
        var scalars: [Unicode.Scalar] = []
        scalars.reserveCapacity(bytes.count)
        var iterator = bytes.makeIterator()
        var decoder = UTF8()
        decoding: while true {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar): scalars.append(scalar)
            case .emptyInput: break decoding
            case .error: throw DocumentError("this is not UTF-8; save the file as UTF-8", at: end(of: scalars))
            }
            guard let last = scalars.last, !isAllowed(last) else { continue }
            scalars.removeLast()
            let name = last == "\0" ? "a NUL byte" : "the character U+\(String(last.value, radix: 16, uppercase: true))"
            throw DocumentError("\(name) is not allowed in YAML; remove it", at: end(of: scalars))
        }
        return scalars
    }

    private static func end(of scalars: [Unicode.Scalar]) -> Document.Position {
        var place = Document.Position.start
        for index in scalars.indices { advance(&place, over: scalars, at: index) }
        return place
    }

    /// The characters that YAML calls printable; the byte order mark is dropped at the beginning of a file.
    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xD7FF, 0xE000...0xFFFD, 0x1_0000...0x10_FFFF: true
        default: false
        }
    }
}
