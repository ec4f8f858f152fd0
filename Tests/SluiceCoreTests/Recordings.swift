import Foundation
import SluiceCore
import SluiceDocuments

/// The exchanges that were recorded from a real API server.
enum Recordings {
    /// Reads one recording as a value.
    static func json(_ name: String) throws -> JSONValue {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let data = try Data(contentsOf: folder.appending(path: "Recordings/\(name).json"))
        return try JSONReader.read(Array(data))
    }
}
