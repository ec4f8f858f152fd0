import Foundation

/// The files of the repository that these rules look at.
enum Repository {
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Folders that belong to tools.
    private static let skipped: Set<String> = [".build", ".git", ".swiftpm", "node_modules"]
    /// Files beyond this size are data, in bytes.
    private static let maximumBytes = 1_048_576

    /// Every text file that git knows or would take, sorted by path.
    static func files() throws -> [SourceFile] {
        try paths().compactMap { path in
            let url = root.appending(path: path)
            let data = try Data(contentsOf: url)
            guard data.count <= maximumBytes, let text = String(data: data, encoding: .utf8) else { return nil }
            return SourceFile(path: path, text: text)
        }
    }

    static func file(_ path: String) throws -> SourceFile {
        let text = String(decoding: try Data(contentsOf: root.appending(path: path)), as: UTF8.self)
        return SourceFile(path: path, text: text)
    }

    /// Asks git, and walks the folders where there is none, as in a source archive.
    private static func paths() throws -> [String] {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["git", "-C", root.path, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0, !data.isEmpty else { return walked() }
        return data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            .filter(isFile).sorted()
    }

    /// Git also names files that were deleted just now, and folders that are links or repositories of their own.
    private static func isFile(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        let path = root.appending(path: path).path
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && !isDirectory.boolValue
    }

    private static func walked() -> [String] {
        let walk = FileManager.default.enumerator(at: root, includingPropertiesForKeys: [.isRegularFileKey])
        var paths: [String] = []
        while let url = walk?.nextObject() as? URL {
            if skipped.contains(url.lastPathComponent) {
                walk?.skipDescendants()
            } else if !url.hasDirectoryPath {
                paths.append(String(url.path.dropFirst(root.path.count + 1)))
            }
        }
        return paths.sorted()
    }
}
