import Foundation
import SluiceCore
import Testing

/// `SLUICE_UPDATE_DOCS=1 swift test --filter ReplayTests` writes the generated part of `docs/embedded-cluster.md` anew.
@Suite("Recordings are answered field by field as a real API server did")
struct ReplayTests {
    @Test("Served", arguments: Chapter.all)
    func served(chapter: Chapter) throws {
        for (recording, differences) in try chapter.play() where !differences.isEmpty {
            Issue.record("\(recording):\n\(differences.prefix(12).joined(separator: "\n"))")
        }
    }

    @Test("Every recording is either replayed or named with the reason why not, and never both")
    func complete() throws {
        let served = Chapter.all.flatMap(\.recordings)
        let others = Array(NotServed.reasons.keys) + NotServed.comparedElsewhere.keys
        let folder = Recording.folder.path(percentEncoded: false)
        let files = try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasSuffix(".json") && $0 != "INDEX.json" }.map { String($0.dropLast(5)) }
        #expect(Set(served + others) == Set(files))
        #expect(Set(served).isDisjoint(with: others))
        #expect(Set(try Recording.names()).subtracting(files).isEmpty)
    }

    @Test("What is named as not served is indeed answered otherwise")
    func notServed() throws {
        let stage = try Stage()
        for name in NotServed.reasons.keys.sorted() {
            var copy = stage
            let recording = try Recording(name)
            let answer = try copy.answer(to: recording)
            #expect(!Comparison.differences(answer, recording).isEmpty, "\(name) is answered as recorded")
        }
    }

    @Test("docs/embedded-cluster.md names what is not served")
    func documentation() throws {
        let begin = "<!-- The list is generated from the replayed recordings; a test compares it. -->\n"
        let file = Recording.folder.appending(path: "../../docs/embedded-cluster.md").standardizedFileURL
        let text = try String(contentsOf: file, encoding: .utf8)
        let introduction = try #require(text.range(of: begin)).upperBound
        let generated = NotServed.markdown(served: Set(Chapter.all.flatMap(\.recordings)).count)
        if ProcessInfo.processInfo.environment["SLUICE_UPDATE_DOCS"] == "1" {
            try Data((text[..<introduction] + generated).utf8).write(to: file)
        }
        let now = try String(contentsOf: file, encoding: .utf8)
        #expect(now.hasSuffix(begin + generated))
    }
}
