import Foundation
import SluiceClients
import SluiceCore

/// Files that a person names on the command line.
enum InputFile {
    /// The most bytes that are read of stdin.
    static let stdinLimit = 16 << 20

    /// The bytes of a file; `-` is stdin.
    ///
    /// - Throws: ``CommandFailure`` that names the file.
    static func read(_ path: String) throws -> [UInt8] {
        if path == "-" {
            return Array(try FileHandle.standardInput.read(upToCount: stdinLimit) ?? Data())
        }
        let outside = try SystemOutside()
        do throws(FileError) {
            return try outside.readFile(path)
        } catch {
            throw CommandFailure(.usage, "cannot read \(error)")
        }
    }
}
