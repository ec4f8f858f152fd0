import Testing

@testable import SluiceClients

@Suite("Expositions, printed and cut at random")
struct ExpositionPropertyTests {
    private static func contentType(_ format: Exposition.Format) -> String? {
        format == .openMetrics ? "application/openmetrics-text; version=1.0.0" : nil
    }

    @Test("What is printed is read as it was", arguments: Exposition.Format.allCases, 0..<150)
    func roundTrip(format: Exposition.Format, seed: UInt64) throws {
        var printer = ExpositionPrinter(format, seed: seed)
        let exposition = printer.exposition()
        let text = printer.print(exposition)
        let read = try Exposition.read(Array(text.utf8), contentType: Self.contentType(format))
        // As text, in which NaN is NaN and -0 is not 0.
        #expect("\(read)" == "\(exposition)", "\(text)")
        for sample in exposition.families.flatMap(\.samples) {
            let labels = Dictionary(uniqueKeysWithValues: sample.labels.map { ($0.name, $0.value) })
            #expect(!read.values(of: sample.name, where: labels).isEmpty)
        }
    }

    @Test("A text that is cut anywhere is cut, or in the text format has fewer lines", arguments: 0..<6)
    func cutText(seed: UInt64) throws {
        var printer = ExpositionPrinter(.text, seed: seed)
        let bytes = Array(printer.print(printer.exposition(maximumFamilies: 4)).utf8)
        let whole = try Exposition.read(bytes, contentType: nil).families.flatMap(\.samples).map { "\($0)" }
        for count in 0..<bytes.count {
            do throws(ExpositionError) {
                let read = try Exposition.read(Array(bytes.prefix(count)), contentType: nil)
                #expect(bytes[count - 1] == UInt8(ascii: "\n"))
                let samples = read.families.flatMap(\.samples).map { "\($0)" }
                #expect(samples.allSatisfy(whole.contains) && samples.count <= whole.count)
            } catch {
                let isBlank = bytes.prefix(count).allSatisfy(ExpositionCursor.isSeparator)
                #expect(error.reason == (isBlank ? .empty : .cut), "\(error) at \(count)")
            }
        }
    }

    @Test("OpenMetrics that is cut anywhere is cut", arguments: 0..<6)
    func cutOpenMetrics(seed: UInt64) throws {
        var printer = ExpositionPrinter(.openMetrics, seed: seed)
        let bytes = Array(printer.print(printer.exposition(maximumFamilies: 4)).utf8)
        let isComplete = bytes.count - (bytes.last == UInt8(ascii: "\n") ? 1 : 0)
        for count in 1..<isComplete {
            do throws(ExpositionError) {
                _ = try Exposition.read(Array(bytes.prefix(count)), contentType: Self.contentType(.openMetrics))
                Issue.record("a text that is cut at \(count) was read")
            } catch {
                #expect(error.reason == .cut, "\(error) at \(count)")
            }
        }
    }

    @Test("Any one byte replaced never crashes, and every error has a place in the text")
    func damaged() {
        let texts = [
            (ExpositionSamples.openMetrics + "# EOF\n", Exposition.Format.openMetrics),
            (ExpositionSamples.nodeExporter, .text),
        ]
        for (text, format) in texts {
            let bytes = Array(text.utf8)
            let lines = bytes.count { $0 == UInt8(ascii: "\n") } + 2
            for index in bytes.indices {
                var damaged = bytes
                damaged[index] = Array("\"\\{}\n #,=e\u{0}é".utf8 + [0xFF])[index % 14]
                do throws(ExpositionError) {
                    _ = try Exposition.read(damaged, contentType: Self.contentType(format))
                } catch {
                    #expect((1...lines).contains(error.line) && (1...bytes.count).contains(error.column))
                }
            }
        }
    }
}
