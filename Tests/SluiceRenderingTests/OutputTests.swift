import SluiceCore
import SluiceDocuments
import Testing

@testable import SluiceRendering

@Suite struct OutputTests {
    @Test(
        arguments: [
            (-5, "0s"), (0, "0s"), (119, "119s"), (120, "2m"), (250, "4m10s"), (600, "10m"), (10_799, "179m"),
            (10_800, "3h"), (12_660, "3h31m"), (28_800, "8h"), (172_799, "47h"), (176_400, "2d1h"), (604_800, "7d"),
            (8_640_000, "100d"), (63_072_000, "2y"), (66_000_000, "2y33d"), (400_000_000, "12y"),
        ] as [(Int64, String)])
    func durationsReadLikeKubectlAges(seconds: Int64, text: String) {
        #expect(DurationText.text(seconds: seconds) == text)
    }

    @Test func tablesAlignAndGiveWayInTheirFlexibleColumns() {
        let table = TextTable(
            columns: [.init("Name", isFlexible: true), .init("Nodes", .right), .init("Note")],
            rows: [
                [.init("a-very-long-name-that-must-give-way"), .init(7), .init("kept whole")],
                [.init("b"), .init(123), .init("")],
            ])
        #expect(
            table.lines(style: Style(width: 40), isWide: false) == [
                "NAME                   NODES  NOTE",
                "a-very-long-name-tha…      7  kept whole",
                "b                        123",
            ])
        #expect(table.lines(style: Style(width: 40), isWide: true)[1].contains("must-give-way"))
    }

    @Test func wrappingLosesNothing() {
        let text = "one two three-hundred-and-thirty-three four"
        let lines = TextLayout.wrapped(text, width: 12, first: "- ")
        #expect(lines == ["- one two", "  three-hund", "  red-and-th", "  irty-three", "  four"])
        #expect(TextLayout.wrapped("", width: 10, first: "x") == ["x"])
    }

    /// Strings that some reader of YAML takes for something else when they stand bare, or that break its lines.
    private static let nasty = [
        "", " ", "yes", "No", "ON", "off", "y", "NULL", "~", "null", "true", "1", "0x1F", "0o17", "017", "1e3", "1_000",
        ".5", ".inf", "-.INF", ".NaN", "12:30:45", "2026-11-24", "2026-11-24T10:00:00Z", "-", "- a", "?", "? a", ":",
        "a: b", "a:", "a :b", "a #b", "#a", "&a", "*a", "!a", "|", ">", "'a'", "\"a\"", "%a", "@a", "`a", "[a", "{a",
        "a,b", "<<", "=", "---", "...", "a\nb", "a\n", "\na", "a\tb", "a\\nb", "trailing ", " leading", "a\r\nb",
        "\u{7F}", "\u{85}", "\u{A0}", "\u{2028}x", "a\u{FEFF}", "\u{1F600}", "é", "quay.io/a/b:1.9@sha256:0f",
        "/metrics", "\u{1}", "a\u{301}", String(repeating: "long ", count: 200),
    ]

    /// Kept as files too, so that other readers of YAML can be held against them. A leading byte order mark is left out:
    /// the reader below drops it.
    @Test func yamlGivesTheSameValuesBack() throws {
        let scalars: [OrderedJSON] = [
            .null, .bool(true), .bool(false), .integer(0), .integer(-5), .integer(.max), .integer(.min), .double(0.1),
            .double(1e-9), .double(1.5e300), .double(-2), .array([]), .object([]),
        ]
        let strings = Self.nasty.map { OrderedJSON.string($0) }
        let members = Self.nasty.map { OrderedJSON.Member($0, .string($0)) }
        let nested = OrderedJSON.array([
            .array([.array(strings), .array([]), .object([.init("k", .array(scalars))])]),
            .object([.init("a", .object(members)), .init("b", .array([.object(members), .object([])]))]),
        ])
        for string in Self.nasty {
            let text = YAMLWriter.text(of: .object([.init(string, .string(string))]))
            let read = try YAMLReader.read(Array(text.utf8)).json
            #expect(read == .object([string: .string(string)]), "\(text.debugDescription)")
        }
        for value in [nested, .object([.init("list", .array(strings)), .init("deep", nested)])] {
            let text = YAMLWriter.text(of: value)
            #expect(try YAMLReader.read(Array(text.utf8)).json == value.unordered)
            #expect(try JSONReader.read(value.pretty) == value.unordered)
            #expect(try JSONReader.read(value.compact) == value.unordered)
        }
        try Golden.expect(nested.pretty, equalsFile: "Tests/Golden/strings.json")
        try Golden.expect(YAMLWriter.text(of: nested), equalsFile: "Tests/Golden/strings.yaml")
    }

    @Test func yamlKeepsSimpleThingsSimple() {
        let value = OrderedJSON.object([
            .init("b", .string("quay.io/x:1.0")),
            .init("a", .array([.object([.init("n", .integer(1))]), .string("no")])), .init("e", .array([])),
        ])
        #expect(
            YAMLWriter.text(of: value) == """
                b: quay.io/x:1.0
                a:
                - "n": 1
                - "no"
                e: []

                """)
    }
}
