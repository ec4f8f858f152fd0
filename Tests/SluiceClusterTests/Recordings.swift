import Foundation
import SluiceCluster
import SluiceCore
import SluiceDocuments

/// An exchange that was recorded from a real API server.
struct Recording {
    var name: String
    var method: String
    var target: String
    var headers: [String: String]
    var body: String
    var status: Int
    var contentType: String
    /// The headers of the response; names in lower case.
    var responseHeaders: [String: String]
    /// The body of the response, or the lines of the stream.
    var response: String

    /// Where the recordings are.
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Recordings")

    /// Reads one recording as a value.
    static func json(_ name: String) throws -> JSONValue {
        let data = try Data(contentsOf: folder.appending(path: "\(name).json"))
        return try JSONReader.read(Array(data))
    }

    init(_ name: String) throws {
        let json = try Self.json(name)
        self.name = name
        method = json.at("request", "method")?.string ?? ""
        target = json.at("request", "path")?.string ?? ""
        body = json.at("request", "body")?.string ?? ""
        headers = Self.lowercased(json.at("request", "headers"))
        status = Int(json.at("response", "status")?.integer ?? 0)
        contentType = json.at("response", "headers", "Content-Type")?.string ?? ""
        responseHeaders = Self.lowercased(json.at("response", "headers"))
        response = json.at("response", "body")?.string ?? ""
    }

    private static func lowercased(_ headers: JSONValue?) -> [String: String] {
        Dictionary((headers?.strings ?? [:]).map { ($0.key.lowercased(), $0.value) }, uniquingKeysWith: { $1 })
    }

    /// The names of all recordings, as the index lists them.
    static func names() throws -> [String] {
        try json("INDEX").array?.compactMap { $0["name"]?.string } ?? []
    }

    /// The events of a recorded stream.
    func events() throws -> [JSONValue] {
        try response.split(separator: "\n").map { try JSONReader.read(String($0)) }
    }
}
