import Testing

@testable import SluiceClients

@Suite("Broken expositions are refused with words and place")
struct ExpositionErrorTests {
    @Test("The text format", arguments: Self.textCases)
    func text(text: String, message: String) { expect(text, nil, message) }

    @Test("OpenMetrics", arguments: Self.openMetricsCases)
    func openMetrics(text: String, message: String) { expect(text, "application/openmetrics-text", message) }

    private func expect(_ text: String, _ contentType: String?, _ message: String) {
        #expect {
            try Exposition.read(Array(text.utf8), contentType: contentType)
        } throws: {
            "\($0)" == message
        }
    }

    @Test("Bytes that are no UTF-8 are named by their place")
    func invalidUTF8() {
        let texts: [([UInt8], Int)] = [
            (Array("a{b=\"é".utf8) + [0xFF] + Array("\"} 1\n".utf8), 7),
            (Array("# HELP a ".utf8) + [0xC3] + Array("\n".utf8), 10),
            (Array("# ".utf8) + [0x80] + Array("\n".utf8), 3),
            (Array("# é".utf8) + [0xED, 0xA0, 0x80] + Array("\n".utf8), 4),
        ]
        for (bytes, column) in texts {
            #expect(throws: ExpositionError(.invalidUTF8, line: 1, column: column)) {
                try Exposition.read(bytes, contentType: nil)
            }
        }
    }

    @Test("Half a character at the end is no crash", arguments: [[0xC3], [0xE2, 0x82], [0xF0]] as [[UInt8]])
    func halfACharacter(bytes: [UInt8]) {
        let found = "byte 0x" + String(bytes[0], radix: 16)
        let reason = ExpositionError.Reason.unexpected(expected: "a metric name", found: found)
        #expect(throws: ExpositionError(reason, line: 1, column: 1)) { try Exposition.read(bytes, contentType: nil) }
    }

    @Test("Limits are errors")
    func limits() {
        let text = Array("a 1\nb 1\nc 1\n".utf8)
        #expect(throws: ExpositionError(.tooManySamples(limit: 2), line: 3, column: 1)) {
            try Exposition.read(text, contentType: nil, sampleLimit: 2)
        }
        #expect(throws: Never.self) { try Exposition.read(text, contentType: nil, sampleLimit: 3) }
        let large = [UInt8](repeating: UInt8(ascii: "\n"), count: ExpositionLimits.textBytes + 1)
        #expect {
            try Exposition.read(large, contentType: nil)
        } throws: {
            "\($0)" == "the answer is larger than 32 MiB"
        }
    }

    @Test(
        "Formats that are no text are named",
        arguments: [
            "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
            "application/openmetrics-text; version=2.0.0; charset=utf-8", "application/openmetrics-protobuf",
        ])
    func unsupported(contentType: String) {
        #expect {
            try Exposition.read(Array("a 1\n".utf8), contentType: contentType)
        } throws: {
            "\($0)" == "the answer is '\(contentType)'; expected the text format 0.0.4 or OpenMetrics text 1.0"
        }
    }

    @Test("A long or strange token is repeated on one short line")
    func quotes() {
        let token = String(repeating: "x", count: 500) + "\u{1B}[31m"
        #expect {
            try Exposition.read(Array("a \(token)\n".utf8), contentType: nil)
        } throws: {
            let shown = String(repeating: "x", count: ExpositionLimits.quoteCharacters)
            return "\($0)" == "line 1, column 3: expected a number, found '\(shown)…'"
        }
    }

    private static let textCases: [(String, String)] = [
        ("", "the answer is empty; expected metrics"),
        (" \n\t\n", "the answer is empty; expected metrics"),
        ("<!DOCTYPE html>\n", "the answer is an HTML page; is the path of the metrics right?"),
        ("\n <html>\n", "the answer is an HTML page; is the path of the metrics right?"),
        ("a 1", "line 1, column 4: the text is cut off here"),
        ("a 1\nb", "line 2, column 2: the text is cut off here"),
        ("a{b=\"c", "line 1, column 7: the text is cut off here"),
        ("# HELP a b", "line 1, column 11: the text is cut off here"),
        ("a\n", "line 1, column 2: expected a number, found the end of the line"),
        ("a \n", "line 1, column 3: expected a number, found the end of the line"),
        ("a b\n", "line 1, column 3: expected a number, found 'b'"),
        ("a 1 b\n", "line 1, column 5: expected a time in whole milliseconds, found 'b'"),
        ("a 1 1.5\n", "line 1, column 5: expected a time in whole milliseconds, found '1.5'"),
        (
            "a 1 99999999999999999999\n",
            "line 1, column 5: expected a time in whole milliseconds, found '99999999999999999999'"
        ),
        ("a 1 2 3\n", "line 1, column 7: expected the end of the line, found '3'"),
        ("a 0x1p-3\n", "line 1, column 3: expected a number, found '0x1p-3'"),
        ("a 1_000\n", "line 1, column 3: expected a number, found '1_000'"),
        ("a 1e999\n", "line 1, column 3: expected a number, found '1e999'"),
        ("a 1e\n", "line 1, column 3: expected a number, found '1e'"),
        ("a .\n", "line 1, column 3: expected a number, found '.'"),
        ("a +NaN\n", "line 1, column 3: expected a number, found '+NaN'"),
        ("a infinit\n", "line 1, column 3: expected a number, found 'infinit'"),
        ("a 1 # {} 1\n", "line 1, column 5: expected a time in whole milliseconds, found '#'"),
        ("0a 1\n", "line 1, column 1: expected a metric name, found '0'"),
        ("a-b 1\n", "line 1, column 2: expected '{' or a blank, found '-'"),
        ("a.b 1\n", "line 1, column 2: expected '{' or a blank, found '.'"),
        ("a{b=\"c\"", "line 1, column 8: the text is cut off here"),
        ("a{b} 1\n", "line 1, column 4: expected '=', found '}'"),
        ("a{b=c} 1\n", "line 1, column 5: expected a label value in double quotes, found 'c'"),
        ("a{b='c'} 1\n", "line 1, column 5: expected a label value in double quotes, found '''"),
        ("a{b=\"c} 1\n", "line 1, column 10: expected the closing quote, found the end of the line"),
        ("a{b=\"c\\\"} 1\n", "line 1, column 12: expected the closing quote, found the end of the line"),
        ("a{b=\"c\"d=\"e\"} 1\n", "line 1, column 8: expected ',' or '}', found 'd'"),
        ("a{b=\"c\",,} 1\n", "line 1, column 9: expected a label name, found ','"),
        ("a{,} 1\n", "line 1, column 3: expected a label name, found ','"),
        ("a{b=\"1\",c=\"2\",b=\"3\"} 1\n", "line 1, column 15: the label 'b' is given twice"),
        ("a{__name__=\"b\"} 1\n", "line 1, column 3: expected a label name, found '__name__'"),
        ("a{\"\"=\"b\"} 1\n", "line 1, column 3: expected a label name, found '\"\"'"),
        ("a{:b=\"c\"} 1\n", "line 1, column 3: expected a label name, found ':'"),
        ("{a=\"b\"} 1\n", "line 1, column 1: expected a metric name in quotes, found none in these braces"),
        ("{} 1\n", "line 1, column 1: expected a metric name in quotes, found none in these braces"),
        ("{\"a\",\"b\"} 1\n", "line 1, column 6: expected a label; the metric has its name already, found '\"b\"'"),
        ("a{\"b\"} 1\n", "line 1, column 3: expected a label; the metric has its name already, found '\"b\"'"),
        ("{\"\"} 1\n", "line 1, column 2: expected a metric name, found '\"\"'"),
        ("a 1\na 2\n", "line 2, column 1: the series 'a' is already in line 1"),
        (
            "a{b=\"1\",c=\"2\"} 1\n\na{c=\"2\",b=\"1\"} 1 5\n",
            "line 3, column 1: the series 'a{b=\"1\",c=\"2\"}' is already in line 1"
        ),
        ("a{b=\"\"} 1\na 1\n", "line 2, column 1: the series 'a' is already in line 1"),
        ("# TYPE a gauge\n# TYPE a gauge\n", "line 2, column 1: a second TYPE line for 'a'"),
        ("# HELP a b\n# HELP a b\n", "line 2, column 1: a second HELP line for 'a'"),
        ("a 1\n# TYPE a gauge\n", "line 2, column 1: a TYPE line behind the samples of 'a'"),
        ("# TYPE a info\n", "line 1, column 10: expected a type of metric, found 'info'"),
        ("# TYPE a\n", "line 1, column 9: expected a type of metric, found the end of the line"),
        ("# TYPE a gauge b\n", "line 1, column 16: expected the end of the line, found 'b'"),
        ("# TYPE\n", "line 1, column 7: expected a metric name, found the end of the line"),
        ("# HELP\n", "line 1, column 7: expected a metric name, found the end of the line"),
        ("# TYPE 1 gauge\n", "line 1, column 8: expected a metric name, found '1'"),
        ("# TYPE \"\" gauge\n", "line 1, column 8: expected a metric name, found '\"\"'"),
        ("é 1\n", "line 1, column 1: expected a metric name, found 'é'"),
        ("a 1\n\u{07}\n", "line 2, column 1: expected a metric name, found byte 0x07"),
        ("\u{FEFF}a 1\n", "line 1, column 1: expected a metric name, found a byte order mark"),
        ("{\"status\":\"success\"}\n", "line 1, column 10: expected '=', found ':'"),
        ("a{b=\"é\",c} 1\n", "line 1, column 10: expected '=', found '}'"),
        ("a 1\rb 1\n", "line 1, column 4: expected a time in whole milliseconds, found a carriage return"),
        ("404 page not found\n", "line 1, column 1: expected a metric name, found '4'"),
    ]

    private static let openMetricsCases: [(String, String)] = [
        ("\n", "the answer is empty; expected metrics"),
        ("a 1\n", "line 2, column 1: the text is cut off here"),
        ("a 1\n# EO", "line 2, column 5: the text is cut off here"),
        ("a 1\n# EOF\nb", "line 3, column 1: expected nothing behind '# EOF', found 'b'"),
        ("# EOF\n\n", "line 2, column 1: expected nothing behind '# EOF', found the end of the line"),
        ("# EOF ", "line 1, column 6: expected the end of the line, found ' '"),
        ("a 1\n\n# EOF\n", "line 2, column 1: expected a metric name, found the end of the line"),
        ("# a comment\n# EOF\n", "line 1, column 3: expected HELP, TYPE, UNIT or EOF, found 'a'"),
        ("#EOF\n", "line 1, column 2: expected one blank, found 'E'"),
        ("a 1\r\n# EOF\n", "line 1, column 4: expected the end of the line, found a carriage return"),
        ("# HELP a b\r\n# EOF\n", "line 1, column 11: expected the end of the line, found a carriage return"),
        (" a 1\n# EOF\n", "line 1, column 1: expected a metric name, found ' '"),
        ("a  1\n# EOF\n", "line 1, column 3: expected a number, found ' '"),
        ("a\t1\n# EOF\n", "line 1, column 2: expected one blank, found byte 0x09"),
        ("a 1 \n# EOF\n", "line 1, column 5: expected a time in seconds, found the end of the line"),
        ("a{b=\"c\"}1\n# EOF\n", "line 1, column 9: expected one blank, found '1'"),
        ("a {b=\"c\"} 1\n# EOF\n", "line 1, column 3: expected a number, found '{b=\"c\"}'"),
        ("a{b=\"c\",} 1\n# EOF\n", "line 1, column 9: expected a label name, found '}'"),
        ("a{b=\"c\", d=\"e\"} 1\n# EOF\n", "line 1, column 9: expected a label name, found ' '"),
        ("a 1 NaN\n# EOF\n", "line 1, column 5: expected a time in seconds, found 'NaN'"),
        ("a 1 1e300\n# EOF\n", "line 1, column 5: expected a time in seconds, found '1e300'"),
        ("# TYPE a untyped\n# EOF\n", "line 1, column 10: expected a type of metric, found 'untyped'"),
        (
            "# TYPE a counter\na 1\n# EOF\n",
            "line 2, column 1: the samples of this counter must be named 'a_total' or 'a_created'"
        ),
        ("# TYPE a counter\na_total -1\n# EOF\n", "line 2, column 1: the counter 'a_total' must be 0 or more"),
        (
            "# TYPE a counter\na_total 1\na_created NaN\n# EOF\n",
            "line 3, column 1: 'a_created' must be a time in seconds"
        ),
        ("# TYPE a info\na_info 2\n# EOF\n", "line 2, column 1: the info 'a_info' must be 1"),
        ("# TYPE a stateset\na{a=\"b\"} 2\n# EOF\n", "line 2, column 1: the state 'a' must be 0 or 1"),
        ("# TYPE a stateset\na 1\n# EOF\n", "line 2, column 1: the state 'a' has no label 'a'"),
        ("# TYPE a summary\na 1\n# EOF\n", "line 2, column 1: the summary 'a' needs a label 'quantile' from 0 to 1"),
        (
            "# TYPE a summary\na{quantile=\"2\"} 1\n# EOF\n",
            "line 2, column 1: the summary 'a' needs a label 'quantile' from 0 to 1"
        ),
        ("# TYPE a summary\na_count 1.5\n# EOF\n", "line 2, column 1: 'a_count' must be a whole number of 0 or more"),
        (
            "# TYPE a histogram\na_bucket 1\n# EOF\n",
            "line 2, column 1: the bucket 'a_bucket' needs a label 'le': a number or +Inf"
        ),
        (
            "# TYPE a histogram\na_bucket{le=\"Inf\"} 1\n# EOF\n",
            "line 2, column 1: the bucket 'a_bucket' needs a label 'le': a number or +Inf"
        ),
        (
            "# TYPE a histogram\na_bucket{le=\"1\"} 1\n# EOF\n",
            "line 2, column 1: the histogram 'a' has no bucket with le=\"+Inf\""
        ),
        (
            "# TYPE a histogram\na_bucket{le=\"2\"} 1\na_bucket{le=\"1\"} 1\n# EOF\n",
            "line 3, column 1: the buckets 'a_bucket' are not in order of 'le'"
        ),
        (
            "# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\n# EOF\n",
            "line 3, column 1: the bucket 'a_bucket' is smaller than the one before"
        ),
        (
            "# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_count 1\n# EOF\n",
            "line 3, column 1: the histogram 'a' has only one of count and sum"
        ),
        (
            "# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_count 2\na_sum 1\n# EOF\n",
            "line 4, column 1: the count of the histogram 'a' differs from its bucket with le=\"+Inf\""
        ),
        (
            "# TYPE a gaugehistogram\na_bucket{le=\"+Inf\"} -1\n# EOF\n",
            "line 2, column 1: the bucket 'a_bucket' must be a whole number of 0 or more"
        ),
        (
            "# TYPE a gaugehistogram\na_bucket{le=\"+Inf\"} 1\na_gcount 0.5\n# EOF\n",
            "line 3, column 1: 'a_gcount' must be a whole number of 0 or more"
        ),
        ("# TYPE a gauge\na 1 # {} 1\n# EOF\n", "line 2, column 1: 'a' may not have an exemplar"),
        (
            "# TYPE a counter\na_total 1 # {b=\"" + String(repeating: "ü", count: 128) + "\"} 1\n# EOF\n",
            "line 2, column 13: the labels of an exemplar have 129 characters; at most 128 are allowed"
        ),
        ("# TYPE a counter\na_total 1 #{} 1\n# EOF\n", "line 2, column 12: expected one blank, found '{'"),
        ("# TYPE a counter\na_total 1 # {} x\n# EOF\n", "line 2, column 16: expected a number, found 'x'"),
        (
            "# TYPE a counter\na_total 1 # {} 1 Inf\n# EOF\n",
            "line 2, column 18: expected a time in seconds, found 'Inf'"
        ),
        (
            "# TYPE a counter\na_total 1 # b 1\n# EOF\n",
            "line 2, column 13: expected '{' and the labels of the exemplar, found 'b'"
        ),
        ("# UNIT a seconds\n# EOF\n", "line 1, column 1: the name 'a' must end in '_' and its unit 'seconds'"),
        (
            "# TYPE a_ratio info\n# UNIT a_ratio ratio\n# EOF\n",
            "line 1, column 1: the info 'a_ratio' may not have a unit"
        ),
        ("# UNIT a_s s\n# UNIT a_s s\n# EOF\n", "line 2, column 1: a second UNIT line for 'a_s'"),
        (
            "# TYPE a counter\na_total 1\n# TYPE a counter\n# EOF\n",
            "line 3, column 1: two families 'a' could have samples named 'a_total'"
        ),
        (
            "# TYPE a_total gauge\n# TYPE a counter\n# EOF\n",
            "line 2, column 1: the families 'a_total' and 'a' could have samples named 'a_total'"
        ),
        (
            "# TYPE a gauge\na 1\n# TYPE b gauge\nb 1\na{c=\"d\"} 1\n# EOF\n",
            "line 5, column 1: the samples of the family 'a' are not together; here is one of them again"
        ),
        (
            "# TYPE a gauge\na{b=\"1\"} 1 1\na{b=\"2\"} 1 1\na{b=\"1\"} 1 2\n# EOF\n",
            "line 4, column 1: the samples of one metric of 'a' are not together"
        ),
        ("a 1 5\na 2 5\n# EOF\n", "line 2, column 1: the series 'a' is already in line 1"),
        ("a 1 5\na 2 4\n# EOF\n", "line 2, column 1: the series 'a' is already in line 1"),
        ("a 1 5\na 2\n# EOF\n", "line 2, column 1: the series 'a' is already in line 1"),
        (
            "# TYPE a summary\na_count 1 5\na_sum 1 4\n# EOF\n",
            "line 3, column 1: the points of one metric of 'a' are not in order of time"
        ),
        ("# HELP a\n# EOF\n", "line 1, column 9: expected one blank, found the end of the line"),
        ("# BLAH a\n# EOF\n", "line 1, column 3: expected HELP, TYPE, UNIT or EOF, found 'BLAH'"),
    ]
}
