import Foundation
import SluiceCore
import Testing

@testable import SluiceClients

@Suite("A path may lead anywhere; reading it ends all the same")
struct SystemOutsideFileTests {
    private let folder: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "sluice-files-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    private func read(_ name: String, wait: Milliseconds = 100) throws -> Result<[UInt8], FileError> {
        let outside = try SystemOutside(fileWait: wait)
        do throws(FileError) {
            return .success(try outside.readFile("\(folder)/\(name)"))
        } catch {
            return .failure(error)
        }
    }

    private func message(_ name: String) throws -> String? {
        if case .failure(let error) = try read(name) { error.message } else { nil }
    }

    @Test("A loop of links, a folder, a file in place of a folder")
    func dead() throws {
        defer { clean() }
        symlink("loop", "\(folder)/loop")
        #expect(try message("loop") == "Too many levels of symbolic links")
        #expect(try message("") == "Is a directory")
        try Data().write(to: URL(filePath: "\(folder)/file"))
        #expect(try message("file/x") == "Not a directory")
    }

    @Test("A pipe without a writer is given up, one with a writer is read to its end")
    func pipes() throws {
        defer { clean() }
        let path = "\(folder)/pipe"
        try #require(mkfifo(path, 0o600) == 0)
        #expect(try message("pipe") == "nothing came out of it within 100 ms; is it a pipe?")
        let thread = Thread {
            guard let file = fopen(path, "w") else { return }
            for _ in 0..<50_000 { fputs("0123456789", file) }
            fclose(file)
        }
        thread.start()
        #expect(try read("pipe", wait: 60_000).get().count == 500_000)
    }

    @Test("A writer that falls silent is given up")
    func silentWriter() throws {
        defer { clean() }
        let path = "\(folder)/pipe"
        try #require(mkfifo(path, 0o600) == 0)
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        defer { close(descriptor) }
        try #require(write(descriptor, "kind", 4) == 4)
        #expect(try message("pipe") == "nothing came out of it within 100 ms; is it a pipe?")
    }

    private func clean() {
        do {
            try FileManager.default.removeItem(atPath: folder)
        } catch {
            Issue.record("\(folder) is left over: \(error)")
        }
    }
}
