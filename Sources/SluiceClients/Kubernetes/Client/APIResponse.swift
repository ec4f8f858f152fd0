public import SluiceCore
import SluiceDocuments

/// A successful answer of the API server.
public struct APIResponse: Sendable {
    /// The status code, 200 to 299.
    public var status: Int
    /// The headers; names in lower case.
    public var headers: [(name: String, value: String)]
    /// The body.
    public var body: [UInt8]

    /// A successful answer.
    public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

    /// The server's clock when it answered, from the `Date` header; nil when it has none.
    public var serverTime: Timestamp? { header("date").flatMap(HTTPDate.parse) }

    /// What the server warns of (`Warning` headers of code 299), in its words.
    public var warnings: [String] {
        headers.filter { $0.name == "warning" }.compactMap { Self.warningText($0.value) }
    }

    /// The text of `299 - "text"`, with its escapes undone; nil for anything else.
    static func warningText(_ value: String) -> String? {
        guard value.hasPrefix("299 "), let open = value.firstIndex(of: "\""),
            let close = value.lastIndex(of: "\""), open < close
        else { return nil }
        var text = ""
        var isEscaped = false
        for character in value[value.index(after: open)..<close] {
            if character == "\\", !isEscaped {
                isEscaped = true
            } else {
                text.append(character)
                isEscaped = false
            }
        }
        return text
    }
}

/// The date of HTTP headers (RFC 9110, IMF-fixdate): `Mon, 23 Nov 2026 21:20:15 GMT`.
enum HTTPDate {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Reads a date; nil for anything that is none.
    static func parse(_ text: String) -> Timestamp? {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[0].utf8.count == 4, parts[5] == "GMT",
            let month = months.firstIndex(of: String(parts[2])),
            parts[1].utf8.count == 2, parts[3].utf8.count == 4
        else { return nil }
        let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        return Timestamp(rfc3339: "\(parts[3])-\(number)-\(parts[1])T\(parts[4])Z")
    }
}

extension APIResponse {
    /// The body as JSON; nil when it is none.
    public var json: JSONValue? {
        do {
            return try JSONReader.read(body)
        } catch {
            return nil
        }
    }
}
