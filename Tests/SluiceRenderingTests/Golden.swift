import Foundation
import Testing

/// Texts kept under `Tests/Golden/`. With `SLUICE_UPDATE_GOLDEN=1` they are written instead of compared; look at the
/// difference before committing it.
enum Golden {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static var isUpdating: Bool { ProcessInfo.processInfo.environment["SLUICE_UPDATE_GOLDEN"] == "1" }

    /// Compares a text with a file of the repository.
    static func expect(
        _ text: String, equalsFile path: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let url = root.appending(path: path)
        if isUpdating {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
            return
        }
        let kept = String(decoding: try Data(contentsOf: url), as: UTF8.self)
        #expect(text == kept, "\(path) differs; SLUICE_UPDATE_GOLDEN=1 writes it anew", sourceLocation: sourceLocation)
    }

    /// Demands that no line is wider than `width` columns, commands that are to be copied excepted.
    static func expectFits(
        _ text: String, width: Int, except: (Substring) -> Bool = { _ in false },
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for line in text.split(separator: "\n") where line.count > width && !except(line) {
            Issue.record("wider than \(width) columns: \(line)", sourceLocation: sourceLocation)
        }
    }
}
