import SluiceCore
import SluiceDocuments
import Testing

@Suite("JSON text becomes values")
struct JSONReaderTests {
    @Test("What is written is read back as it was")
    func roundTrip() throws {
        let value: JSONValue = [
            "text": "quote \" backslash \\ newline \n tab \t bell \u{7} ü 日",
            "numbers": [0, -1, 9_223_372_036_854_775_807, .double(1.5)],
            "nothing": .null, "yes": true, "empty": [:], "list": [[]],
        ]
        #expect(try JSONReader.read(value.serialized) == value)
        #expect(try JSONReader.read(value.prettySerialized) == value)
    }

    @Test(
        "Surrogate pairs become one character, lone surrogates the replacement character",
        arguments: [
            (#""\ud83d\ude00""#, "😀"), (#""\ud83dx""#, "\u{FFFD}x"), (#""\ude00""#, "\u{FFFD}"),
            (#""\ud83d\u0041""#, "\u{FFFD}A"),
        ])
    func surrogates(text: String, expected: String) throws {
        #expect(try JSONReader.read(text) == .string(expected))
    }

    @Test(
        "Broken text is refused with the place",
        arguments: [
            ("", 0), ("{", 1), ("[1,", 3), (#"{"a" 1}"#, 5), ("tru", 0), ("1 2", 2), (#""a"#, 2), ("nul", 0),
            ("\"\u{1}\"", 1), (#"{"a":}"#, 5), ("00", 1), ("-", 0), ("+1", 0), (".5", 0), ("1.", 0), ("1-2", 1),
            ("1e", 0), ("1e999", 0), (#""\u+041""#, 3), (#""\u-000""#, 3),
        ])
    func broken(text: String, offset: Int) {
        #expect { try JSONReader.read(text) } throws: { ($0 as? JSONError)?.offset == offset }
    }

    @Test("Twenty thousand open brackets are an error, not a crash")
    func deepNesting() {
        #expect(throws: JSONError.self) { try JSONReader.read(String(repeating: "[", count: 20_000)) }
    }
}
