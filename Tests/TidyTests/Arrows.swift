/// Which target may import what. The table is the architecture: change it for a reason that can be stated.
enum Arrows {
    /// What one target may import.
    struct Row {
        /// Targets and products, the same as its dependencies in `Package.swift`.
        var dependencies: [String]
        /// Modules of the toolchain and the system.
        var system: [String] = []
    }

    static let table: [String: Row] = [
        "Migrations": Row(dependencies: []),
        "SluiceCore": Row(dependencies: []),
        "SluiceDocuments": Row(dependencies: ["SluiceCore", "Yams"]),
        "SluiceClients": Row(
            dependencies: ["SluiceCore", "SluiceDocuments", "CCurl"], system: ["Foundation", "Glibc"]),
        "SluiceStore": Row(
            dependencies: ["SluiceCore", "SluiceDocuments", "Migrations", "GRDB"],
            system: ["Foundation", "Glibc", "Synchronization"]),
        "SluiceRunner": Row(
            dependencies: ["SluiceCore", "SluiceDocuments", "SluiceClients", "SluiceStore", "SluiceRendering"],
            system: ["Foundation"]),
        "SluiceRendering": Row(dependencies: ["SluiceCore"]),
        "CSimulatedDisk": Row(dependencies: []),
        "SluiceSimulator": Row(
            dependencies: [
                "SluiceCore", "SluiceDocuments", "SluiceClients", "SluiceStore", "SluiceRunner", "SluiceCluster",
                "SluiceRendering", "CSimulatedDisk",
            ], system: ["Foundation", "Glibc"]),
        "SluiceCluster": Row(
            dependencies: ["SluiceCore", "SluiceDocuments"], system: ["Glibc", "Synchronization"]),
        "SluiceClusterServer": Row(
            dependencies: ["SluiceCore", "SluiceCluster", "NIOCore", "NIOPosix", "NIOHTTP1"],
            system: ["Foundation", "Glibc"]),
        "SluiceRehearsal": Row(dependencies: ["SluiceCore", "SluiceDocuments", "SluiceCluster"]),
        "sluice": Row(
            dependencies: [
                "SluiceCore", "SluiceDocuments", "SluiceClients", "SluiceStore", "SluiceRunner", "SluiceRendering",
                "SluiceCluster", "SluiceClusterServer", "SluiceRehearsal", "ArgumentParser",
            ], system: ["Dispatch", "Foundation", "Glibc"]),
    ]

    /// `SluiceCore/Statistics` alone may use the C library, for `log`, `exp` and `lgamma`.
    private static let statisticsFolder = "Sources/SluiceCore/Statistics/"

    /// Libraries that one target hides from all others, tests included.
    private static let owners: [(prefix: String, targets: [String])] = [
        ("Yams", ["SluiceDocuments", "SluiceDocumentsTests"]), ("GRDB", ["SluiceStore", "SluiceStoreTests"]),
        ("NIO", ["SluiceClusterServer", "SluiceClusterTests"]), ("ArgumentParser", ["sluice"]),
        ("CCurl", ["SluiceClients", "SluiceClientsTests"]), ("CSimulatedDisk", ["SluiceSimulator"]),
    ]

    /// Imports that the table does not allow.
    static func findings(in file: SourceFile) -> [Finding] { tableFindings(in: file) + ownerFindings(in: file) }

    private static func ownerFindings(in file: SourceFile) -> [Finding] {
        guard file.isSwift, !file.isProduct, let target = file.target else { return [] }
        return imports(of: file).compactMap { line, module in
            guard let owner = owners.first(where: { module.hasPrefix($0.prefix) }), !owner.targets.contains(target)
            else { return nil }
            return Finding(file, line: line, "\(module) is imported in \(owner.targets.joined(separator: ", ")) alone")
        }
    }

    private static func tableFindings(in file: SourceFile) -> [Finding] {
        guard file.isProduct, file.isSwift, let target = file.target else { return [] }
        guard let row = table[target] else {
            return [Finding(file, line: 1, "the target \(target) is not in the table of arrows")]
        }
        let extra = file.path.hasPrefix(statisticsFolder) ? ["Glibc", "Musl", "Darwin"] : []
        let allowed = row.dependencies + row.system + extra
        return imports(of: file).filter { !allowed.contains($0.module) }.map { line, module in
            let list = allowed.isEmpty ? "nothing" : allowed.joined(separator: ", ")
            return Finding(file, line: line, "\(target) may not import \(module), only \(list)")
        }
    }

    private static func imports(of file: SourceFile) -> [(line: Int, module: String)] {
        file.code.enumerated().compactMap { index, line in
            let words = line.split { $0 == " " || $0 == ";" }.map(String.init)
            guard let place = words.firstIndex(of: "import"), place + 1 < words.count else { return nil }
            let kinds = ["struct", "class", "enum", "protocol", "typealias", "func", "let", "var"]
            let path = kinds.contains(words[place + 1]) ? words[min(place + 2, words.count - 1)] : words[place + 1]
            return (index + 1, String(path.prefix { $0 != "." }))
        }
    }
}
