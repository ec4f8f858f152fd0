import Foundation
import SluiceClients
import SluiceCore

/// Files that a person names on the command line.
enum InputFile {
    /// The most bytes that are read of stdin.
    static let stdinLimit = 16 << 20

    /// The bytes of a file; `-` is stdin.
    ///
    /// - Parameter limit: the most bytes; nil for those of a usual file.
    /// - Throws: ``CommandFailure`` that names the file.
    static func read(_ path: String, atMost limit: Int? = nil) throws -> [UInt8] {
        if path == "-" {
            return Array(try FileHandle.standardInput.read(upToCount: limit ?? stdinLimit) ?? Data())
        }
        let outside = try SystemOutside()
        do throws(FileError) {
            guard let limit else { return try outside.readFile(path) }
            return try outside.readFile(path, atMost: limit)
        } catch {
            throw CommandFailure(.usage, "cannot read \(error)")
        }
    }
}
