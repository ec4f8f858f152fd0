import Foundation
import Testing

/// The deliberate breakages of the engine can still be carried out: a change that moves what a patch breaks is noticed here
/// and not months later.
@Suite struct BreakageTests {
    private static let folder = "Tests/Breakages"
    /// Where the engine is; a breakage elsewhere would prove nothing about the judges.
    private static let engine: Set<String> = ["SluiceClients", "SluiceCore", "SluiceRunner", "SluiceStore"]

    private func patches() throws -> [SourceFile] {
        try TidyTests.files.get().filter { $0.path.hasPrefix(Self.folder) && $0.path.hasSuffix(".patch") }
    }

    @Test func everyBreakageApplies() throws {
        #expect(try patches().count >= 15)
        let process = Process()
        process.executableURL = Repository.root.appending(path: "Scripts/breakages.sh")
        process.arguments = ["--check"]
        let output = Pipe()
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(text)")
    }

    @Test func everyBreakageIsOfTheEngineAndNamesAJudge() throws {
        let judges = try TidyTests.files.get().filter { $0.path.hasPrefix("Sources/SluiceSimulator/Judges/") }
        for patch in try patches() {
            let lines = patch.lines
            let judge = lines.first { $0.hasPrefix("# judge: ") }?.dropFirst(9) ?? ""
            #expect(judges.contains { $0.lines.contains("    let name = \"\(judge)\"") }, "\(patch.path): \(judge)")
            #expect(lines.first?.hasPrefix("# ") == true, "\(patch.path) does not say what it breaks")
            for line in lines where line.hasPrefix("+++ ") {
                let target = line.split(separator: "/").dropFirst(2).first.map(String.init) ?? ""
                #expect(Self.engine.contains(target), "\(patch.path) breaks \(line)")
            }
        }
    }
}
