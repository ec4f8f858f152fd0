import Testing

@testable import SluiceClients

@Suite("Expositions are read as they are meant")
struct ExpositionTests {
    private func read(_ text: String, _ contentType: String? = nil) throws -> Exposition {
        try Exposition.read(Array(text.utf8), contentType: contentType)
    }

    private func openMetrics(_ text: String) throws -> [Exposition.MetricFamily] {
        try read(text + "# EOF\n", "application/openmetrics-text; version=1.0.0; charset=utf-8").families
    }

    private func sample(_ text: String) throws -> Exposition.Sample {
        let samples = try read(text).families.flatMap(\.samples)
        try #require(samples.count == 1)
        return samples[0]
    }

    @Test(
        "Values",
        arguments: [
            ("1", 1), ("+1", 1), ("-0.5", -0.5), (".5", 0.5), ("1.", 1), ("0042", 42), ("1e3", 1_000), ("1E+03", 1_000),
            ("2.5e-7", 2.5e-7), ("1e-999", 0), ("9007199254740993", 9_007_199_254_740_992), ("0.1", 0.1),
            ("1.7976931348623157e308", .greatestFiniteMagnitude), ("5e-324", .leastNonzeroMagnitude),
            ("+Inf", .infinity),
            ("inf", .infinity), ("-INFINITY", -.infinity),
        ] as [(String, Double)])
    func values(text: String, value: Double) throws {
        #expect(try sample("a \(text)\n").value == value)
        #expect(try openMetrics("a \(text)\n")[0].samples[0].value == value)
    }

    @Test("NaN in any case", arguments: ["NaN", "nan", "NAN"])
    func notANumber(text: String) throws { #expect(try sample("a \(text)\n").value.isNaN) }

    @Test("Times are milliseconds in one format and seconds in the other")
    func timestamps() throws {
        #expect(try sample("a 1 1395066363000\n").timestamp == 1_395_066_363_000)
        #expect(try sample("a +Inf -3982045 \n").timestamp == -3_982_045)
        let family = try openMetrics("a 1 1520879607.789\na 2 1520879608\na 3 1.6e9\n")[0]
        #expect(family.samples.map(\.timestamp) == [1_520_879_607_789, 1_520_879_608_000, 1_600_000_000_000])
    }

    @Test("Blanks, tabs, blank lines, comments, CR LF and a comma too many are allowed in the text format")
    func freedoms() throws {
        let text =
            " \t\r\n#\n# a comment: é\n\ta { b = \"c\" ,\td=\"e\" , } \t 1 \t 2 \r\n#HELP a  words \t\n# HELP x\n"
        let expected: [Exposition.MetricFamily] = [
            .init(
                "a", help: "words",
                samples: [.init("a", labels: [.init("b", "c"), .init("d", "e")], value: 1, timestamp: 2)]),
            .init("x"),
        ]
        #expect(try read(text).families == expected)
        #expect(try sample("a{b=\"c\"}1\n") == sample("a {b=\"c\",}\t1\n"))
    }

    @Test("Escapes")
    func escapes() throws {
        #expect(try sample(#"a{b="\\n\n\"\t{,}=# "} 1"# + "\n").labels == [.init("b", "\\n\n\"\\t{,}=# ")])
        #expect(try read(#"# HELP a \\n\n\"\t"# + "\n").families[0].help == "\\n\n\\\"\\t")
        #expect(try openMetrics(#"# HELP a \\n\n\"\t"# + "\n")[0].help == "\\n\n\"\\t")
    }

    @Test("Labels are sorted, empty ones left out, and one letter in two spellings is two letters")
    func labels() throws {
        let one = try sample("a{é=\"\"} 1\n".replacing("é", with: "\"é\""))
        #expect(one.labels.isEmpty)
        #expect(try sample("a{b=\"1\",Z=\"2\",a=\"3\",_=\"\"} 1\n").labels.map(\.name) == ["Z", "a", "b"])
        #expect(try read("a{b=\"\u{E9}\"} 1\na{b=\"e\u{301}\"} 1\n").families[0].samples.count == 2)
    }

    @Test("Names in quotes may be anything")
    func quotedNames() throws {
        let text =
            "# TYPE \"my.name\" counter\n{\"my.name\",\"b c\"=\"d\"} 1\n{b=\"d\" , \"my.name\",} 2\n{\"my\\nname\"} 3\n"
        let families = try read(text).families
        #expect(families.map(\.name) == ["my.name", "my\nname"])
        #expect(families[0].type == .counter)
        #expect(families[0].samples[0] == .init("my.name", labels: [.init("b c", "d")], value: 1))
        let family = try openMetrics("# TYPE \"my.name\" counter\n{\"my.name_total\"} 1\n")[0]
        #expect(family.name == "my.name" && family.samples[0].name == "my.name_total")
    }

    @Test("Samples belong to the family whose type has their suffix")
    func suffixes() throws {
        let text = """
            # TYPE a summary
            # TYPE b histogram
            # TYPE c gauge
            # TYPE d counter
            # TYPE b_sum gauge
            a_sum 1
            b_bucket{le="+Inf"} 1
            b_sum 2
            c_sum 3
            d_total 4
            a_count 5
            a{quantile="0"} 6
            d_created 7
            b_created 8

            """
        let names = try read(text).families.map { ($0.name, $0.samples.map(\.value)) }
        let expected: [(String, [Double])] = [
            ("a", [1, 5, 6]), ("b", [1, 8]), ("c", []), ("d", [4, 7]), ("b_sum", [2]), ("c_sum", [3]),
        ]
        #expect("\(names)" == "\(expected)")
    }

    @Test("The header decides on the format")
    func contentTypes() throws {
        for type in [nil, "", "text/plain", "text/plain; version=0.0.4; charset=utf-8", "text/plain;version=1.0.0"] {
            #expect(throws: Never.self) { try read("a 1\n", type) }
        }
        for type in ["application/openmetrics-text", "Application/OpenMetrics-Text;version=\"0.0.1\";charset=utf-8"] {
            #expect(throws: ExpositionError(.cut, line: 2, column: 1)) { try read("a 1\n", type) }
        }
        #expect(try read("# EOF", "application/openmetrics-text").families.isEmpty)
    }

    @Test("OpenMetrics' types, units and exemplars")
    func openMetricsTypes() throws {
        let families = try openMetrics(ExpositionSamples.openMetrics)
        #expect(
            families.map(\.type) == [
                .gauge, .counter, .info, .stateset, .histogram, .gaugehistogram, .summary, .unknown,
            ])
        #expect(families[1].unit == "seconds" && families[1].help == "CPU time \"used\"")
        #expect(families[1].samples.map(\.hasExemplar) == [true, false])
        #expect(families[4].samples.map(\.hasExemplar) == [true, true, false, false, false])
        let again = try openMetrics("# TYPE a gauge\na 1\n# TYPE a counter\na_total 2\n")
        #expect(again.map(\.type) == [.gauge, .counter], "the Go client has such a pair in every program")
    }

    @Test("What collectors say of themselves")
    func collectors() throws {
        let node = try read(ExpositionSamples.nodeExporter)
        #expect(node.families.count == 6)
        #expect(node.values(of: "node_cpu_seconds_total", where: ["mode": "idle"]).reduce(0, +) == 362_826.62)
        #expect(node.values(of: "node_scrape_collector_success") == [1, 0])
        #expect(node.values(of: "go_gc_duration_seconds_count") == [7_476])
        let fluentBit = try read(ExpositionSamples.fluentBit)
        #expect(fluentBit.values(of: "fluentbit_output_retries_failed_total", where: ["name": "es.0"]) == [3])
        #expect(fluentBit.families[0].samples[0].timestamp == 1_524_676_748_483)
        let filebeat = try read(ExpositionSamples.filebeat)
        #expect(filebeat.values(of: "filebeat_libbeat_output_events", where: ["type": "dropped"]) == [0])
        let collector = try read(ExpositionSamples.otelCollector, "text/plain; version=0.0.4; escaping=underscores")
        #expect(collector.values(of: "otelcol_exporter_send_failed_log_records_total") == [12, 0])
        #expect(collector.values(of: "otelcol_processor_batch_batch_send_size_bucket", where: ["le": "+Inf"]) == [40])
    }

    @Test("A query finds series by name and labels, and the last point of each")
    func query() throws {
        let exposition = try read("a{b=\"1\",c=\"x\"} 1\na{b=\"2\",c=\"x\"} 2\na 3\na_b 4\n")
        #expect(exposition.values(of: "a") == [1, 2, 3])
        #expect(exposition.values(of: "a", where: ["c": "x"]) == [1, 2])
        #expect(exposition.values(of: "a", where: ["c": "x", "b": "2"]) == [2])
        #expect(exposition.values(of: "a", where: ["b": ""]) == [3])
        #expect(exposition.values(of: "a", where: ["b": "3"]).isEmpty && exposition.values(of: "b").isEmpty)
        let points = Exposition(families: try openMetrics("a{b=\"1\"} 1 1\na{b=\"1\"} 2 2\na{b=\"2\"} 3 1\n"))
        #expect(points.values(of: "a") == [2, 3])
    }
}
