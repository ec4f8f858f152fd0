import SluiceCore
import SluiceDocuments
import Testing

@Suite("Reading YAML with line and column")
struct YAMLReaderTests {
    private func read(_ text: String) throws -> Document { try YAMLReader.read(Array(text.utf8)) }

    @Test("Values and keys know their place")
    func places() throws {
        let document = try read("# a comment\nspec:\n  waves:\n    - name: \"dev é\"\n      batches: [1, 5, \"10%\"]\n")
        let wave = try #require(document["spec"]?["waves"].flatMap(Self.first))
        #expect(document.position == .init(line: 2, column: 1))
        #expect(wave.position == .init(line: 4, column: 7))
        #expect(wave["name"] == Document(.string("dev é"), at: .init(line: 4, column: 13)))
        let batches = try #require(wave["batches"])
        #expect(batches.json == .array([1, 5, "10%"]))
        guard case .sequence(let elements) = batches.content, case .mapping(let entries) = wave.content else {
            Issue.record("expected a list in a mapping")
            return
        }
        #expect(elements.map(\.position.column) == [17, 20, 23])
        #expect(entries.map(\.keyPosition) == [.init(line: 4, column: 7), .init(line: 5, column: 7)])
    }

    private static func first(_ document: Document) -> Document? {
        guard case .sequence(let elements) = document.content else { return nil }
        return elements.first
    }

    @Test(
        "Plain scalars mean what the core schema says, and octal numbers what Kubernetes says",
        arguments: [
            ("yes", .string("yes")), ("on", .string("on")), ("No", .string("No")), ("true", .bool(true)),
            ("False", .bool(false)), ("~", .null), ("null", .null), ("nothing", .string("nothing")),
            ("12", .integer(12)), ("-3", .integer(-3)), ("+3", .integer(3)), ("0644", .integer(420)),
            ("0x1F", .integer(31)), ("0o17", .integer(15)), ("1_000", .string("1_000")), ("1:30", .string("1:30")),
            ("9223372036854775807", .integer(.max)), ("9223372036854775808", .double(9_223_372_036_854_775_808)),
            ("-9223372036854775808", .integer(.min)), ("0.95", .double(0.95)), (".5", .double(0.5)),
            ("1e3", .double(1_000)), ("1e", .string("1e")), (".", .string(".")), ("-.inf", .double(-.infinity)),
            ("2026-11-24", .string("2026-11-24")), ("10%", .string("10%")), ("7d", .string("7d")),
            ("'12'", .string("12")), ("\"true\"", .string("true")), ("!!str 5", .string("5")),
            ("a *b c", .string("a *b c")), ("'*b'", .string("*b")), ("x*100", .string("x*100")),
        ] as [(String, Document.Content)])
    func scalars(text: String, content: Document.Content) throws {
        #expect(try read("a: \(text)")["a"]?.content == content)
    }

    @Test("JSON is read too, tabs and all")
    func json() throws {
        let document = try read("{\n\t\"a\": [1, -2.5, true, null, \"\\u00e9\\n\\/\"],\n\t\"b\":{}\n}")
        #expect(document.json == .object(["a": .array([1, .double(-2.5), true, .null, "é\n/"]), "b": .object([:])]))
        #expect(document["a"]?.position == .init(line: 2, column: 7))
    }

    @Test("Block texts keep their stars and tabs")
    func blocks() throws {
        let document = try read("script: |\n  rate(x[5m])*100\n  \t*bold* &name\nb: 1\n")
        #expect(document["script"]?.content == .string("rate(x[5m])*100\n\t*bold* &name\n"))
    }

    @Test("Aliases repeat, merges fill in, and what is written out counts")
    func aliases() throws {
        let text = """
            base: &base {count: 3, interval: 30s}
            other: &other {interval: 1m, failureLimit: 2}
            gate: {<<: [*base, *other], count: 5}
            again: *base
            """
        let document = try read(text)
        #expect(document["gate"]?.json == .object(["count": 5, "interval": "30s", "failureLimit": 2]))
        #expect(document["again"]?.json == document["base"]?.json)
        #expect(document["again"]?.position == .init(line: 4, column: 8))
    }

    @Test("A manifest's documents are read one by one, empty ones left out")
    func several() throws {
        let text = "---\na: &x 1\n---\n---\n# nothing\n---\nb: 2\n...\n"
        #expect(try YAMLReader.readAll(Array(text.utf8)).map(\.json) == [.object(["a": 1]), .object(["b": 2])])
        #expect(try YAMLReader.readAll([]).isEmpty)
    }

    /// A text with what its error says; the message is matched by its decisive part.
    struct Bad: Sendable, CustomTestStringConvertible {
        var name: String
        var bytes: [UInt8]
        var line = 1
        var column = 1
        var message: String

        init(_ name: String, _ bytes: [UInt8], _ line: Int, _ column: Int, _ message: String) {
            (self.name, self.bytes, self.line, self.column, self.message) = (name, bytes, line, column, message)
        }

        init(_ name: String, _ text: String, _ line: Int, _ column: Int, _ message: String) {
            self.init(name, Array(text.utf8), line, column, message)
        }

        var testDescription: String { name }
    }

    static let billionLaughs =
        "a0: &a0 [lol, lol]\n"
        + (1...40).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1)]\n" }.joined()
    static let bombKey = billionLaughs + "? *a40\n: 1\n"
    static let deepThroughAliases =
        "- &a0 x\n"
        + (1...8).map { level in
            let brackets = String(repeating: "[", count: 9)
            return "- &a\(level) \(brackets)*a\(level - 1)\(brackets.map { _ in "]" }.joined())\n"
        }.joined()

    static let bad: [Bad] = [
        Bad("empty", "", 1, 1, "the file is empty"),
        Bad("only comments", "# nothing\n\n---\n", 1, 1, "the file is empty"),
        Bad("too large", [UInt8](repeating: 0x20, count: 10_000_000), 1, 1, "10000000 bytes; at most 1048576"),
        Bad("not UTF-8", Array("a: 1\nb: x".utf8) + [0xFF, 0x0A], 2, 5, "not UTF-8"),
        Bad("cut-off UTF-8", Array("b: x".utf8) + [0xC3], 1, 5, "not UTF-8"),
        Bad("UTF-16", [0xFF, 0xFE, 0x61, 0x00], 1, 1, "the file is UTF-16"),
        Bad("NUL", "a: 1\nb\0: 2\n", 2, 2, "a NUL byte is not allowed"),
        Bad("control character", "a: \u{7}\n", 1, 4, "U+7 is not allowed"),
        Bad("tab", "a:\n\tb: 1\n", 2, 1, "a tab in the indentation"),
        Bad("tab after spaces", "a:\n  b: 1\n  \tc: 1\n", 3, 3, "a tab in the indentation"),
        Bad("two documents", "a: 1\n---\nb: 2\n", 3, 1, "a second document begins here"),
        Bad(
            "duplicate", "spec:\n  a: 1\n  b: 2\n  a: 3\n", 4, 3,
            "the key `a` stands twice in this mapping, first at 2:3"),
        Bad(
            "three times", "{\"key\": 1, \"key\": 2, \"key\": 3}", 1, 12,
            "`key` stands twice in this mapping, first at 1:2"),
        Bad("duplicate in other spelling", "1: x\n\"1\": y\n", 2, 1, "`1` stands twice"),
        Bad("twenty times", String(repeating: "a: 1\n", count: 20), 17, 1, "`a` stands more than once in this mapping"),
        Bad("a double that cannot be renamed", "\"\": 1\n\"\": 2\n", 1, 1, "`` stands more than once in this mapping"),
        Bad("undefined alias", "a: *nowhere\n", 1, 4, "the alias *nowhere has no anchor"),
        Bad("alias to its own parent", "a: &a [*a]\n", 1, 8, "the alias *a has no anchor"),
        Bad("billion laughs", billionLaughs, 16, 18, "more than 200000 values"),
        Bad("billion laughs as a key", bombKey, 16, 18, "more than 200000 values"),
        Bad("alias as a key", "a: &a x\n*a : 1\n", 2, 1, "a key must be written out"),
        Bad("list as a key", "[1, 2]: 1\n", 1, 1, "a key must be written out"),
        Bad("no key", ": 1\n", 1, 1, "did not find expected key"),
        Bad("merge of a text", "<<: x\n", 1, 5, "`<<` merges a mapping; found a string"),
        Bad("unknown tag", "a: !secret x\n", 1, 4, "the tag !secret is not supported"),
        Bad("open brackets", String(repeating: "[", count: 20_000), 1, 65, "nested more than 64 deep"),
        Bad("open braces", String(repeating: "{a: ", count: 20_000), 1, 257, "nested more than 64 deep"),
        Bad("a megabyte of open brackets", String(repeating: "[", count: 1_000_000), 1, 65, "nested more than 64 deep"),
        Bad("closed brackets", String(repeating: "[", count: 70) + String(repeating: "]", count: 70), 1, 65, "64 deep"),
        Bad("dashes", String(repeating: "- ", count: 20_000) + "x", 1, 1999, "nested more than 64 deep"),
        Bad("deep through aliases", deepThroughAliases, 9, 16, "nested more than 64 deep"),
        Bad("wrong indentation", "a:\n    b: 1\n  c: 2\n", 3, 3, "compare the indentation"),
        Bad("colon in a text", "a: b: c\n", 1, 5, "needs quotes"),
        Bad("open quote", "a: \"b\n", 2, 1, "a closing quote is missing"),
        Bad("missing comma", "a: [1, 2\nb: 3\n", 2, 2, "a comma or a closing bracket is missing"),
    ]

    @Test("Bad texts are refused with their place and never crash", arguments: bad)
    func refusing(text: Bad) {
        let error = #expect(throws: DocumentError.self) { try YAMLReader.read(text.bytes) }
        #expect(error?.position == Document.Position(line: text.line, column: text.column))
        #expect(error?.message.contains(text.message) == true, "\(error?.description ?? "no error")")
    }

    @Test("Random damage to a plan never crashes the reader")
    func damage() throws {
        let text = Array("a: &a {b: [1, *a, \"x\"], c: |\n  y\n}\n- ? <<: *a\n  'q': >-\n".utf8)
        let alphabet = Array("[]{}&*!|>'\"%@`:-? \n\t#,ab\\".utf8)
        var state: UInt64 = 42
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        var refused = 0
        for _ in 0..<3_000 {
            var damaged = text
            for _ in 0...next(4) { damaged[next(damaged.count)] = alphabet[next(alphabet.count)] }
            do { _ = try YAMLReader.readAll(damaged) } catch { refused += 1 }
        }
        #expect(refused > 100)
    }
}
