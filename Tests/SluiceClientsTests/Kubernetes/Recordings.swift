import Foundation
import SluiceCore
import SluiceDocuments

/// The exchanges that were recorded from a real API server.
enum Recordings {
    private static var folder: URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Recordings")
    }

    /// The names of all recordings, sorted.
    static func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()
    }

    static func json(_ name: String) throws -> JSONValue {
        try JSONReader.read(Array(Data(contentsOf: folder.appending(path: "\(name).json"))))
    }

    /// The body of a recorded answer, exactly; nil where it is not text.
    static func body(_ name: String) throws -> String? {
        try json(name).at("response", "body")?.string
    }

    /// Status, headers and body of a recorded answer.
    static func answer(_ name: String) throws -> (status: Int, headers: [(String, String)], body: String) {
        let response = try json(name)["response"] ?? .null
        let headers = (response["headers"]?.strings ?? [:]).map { ($0.key.lowercased(), $0.value) }.sorted { $0 < $1 }
        return (Int(response["status"]?.integer ?? 0), headers, response["body"]?.string ?? "")
    }
}
