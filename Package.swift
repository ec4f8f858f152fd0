// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target: Swift 6 mode, warnings are errors, imports are internal unless said otherwise.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let httpServer: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"),
]

/// A target under `Sources/`; what it may import is exactly what it names here (`TidyTests` holds the same table).
func target(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

let package = Package(
    name: "sluice",
    products: [
        .executable(name: "sluice", targets: ["sluice"]),
        // For `Tests/Fuzz`, which is a package of its own.
        .library(name: "SluiceFuzzed", targets: ["SluiceCore", "SluiceDocuments", "SluiceClients"]),
    ],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    ],
    targets: [
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .target(
            name: "Migrations",
            path: "migrations",
            resources: [
                .embedInCode("0001_rollouts.sql"), .embedInCode("0002_ready_at.sql"),
                .embedInCode("0003_approvals.sql"), .embedInCode("0004_node_requests.sql"),
                .embedInCode("0005_outbox.sql"), .embedInCode("0006_scrapes.sql"),
                .embedInCode("0007_node_pressure.sql"), .embedInCode("0008_startup.sql"),
                .embedInCode("0009_gate_retries.sql"), .embedInCode("0010_config_objects.sql"),
                .embedInCode("0011_previous_template.sql"),
            ],
            swiftSettings: settings
        ),
        target("SluiceCore"),
        target("SluiceDocuments", ["SluiceCore", yams]),
        target("SluiceClients", ["SluiceCore", "SluiceDocuments", "CCurl"]),
        target("SluiceStore", ["SluiceCore", "SluiceDocuments", "Migrations", grdb]),
        target(
            "SluiceRunner", ["SluiceCore", "SluiceDocuments", "SluiceClients", "SluiceStore", "SluiceRendering"]),
        target("SluiceRendering", ["SluiceCore"]),
        target("SluiceCluster", ["SluiceCore", "SluiceDocuments"]),
        .target(
            name: "CSimulatedDisk", path: "Sources/CSimulatedDisk", linkerSettings: [.linkedLibrary("sqlite3")]
        ),
        target(
            "SluiceSimulator",
            [
                "SluiceCore", "SluiceDocuments", "SluiceClients", "SluiceStore", "SluiceRunner", "SluiceCluster",
                "SluiceRendering", "CSimulatedDisk",
            ]
        ),
        target("SluiceClusterServer", ["SluiceCore", "SluiceCluster"] + httpServer),
        target("SluiceRehearsal", ["SluiceCore", "SluiceDocuments", "SluiceCluster"]),
        .executableTarget(
            name: "sluice",
            dependencies: [
                "SluiceCore", "SluiceDocuments", "SluiceClients", "SluiceStore", "SluiceRunner", "SluiceRendering",
                "SluiceCluster", "SluiceClusterServer", "SluiceRehearsal", argumentParser,
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "SluiceBench",
            dependencies: ["SluiceCore", "SluiceDocuments", "SluiceCluster", "SluiceClients"],
            path: "Tests/Bench",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "SluiceCampaign",
            dependencies: ["SluiceSimulator"],
            path: "Tests/Campaign",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "SluiceJudge",
            dependencies: ["SluiceCore", "SluiceDocuments", "SluiceCluster", "SluiceRehearsal"],
            path: "Tests/Judge",
            swiftSettings: settings
        ),
        tests("SluiceCoreTests", ["SluiceCore", "SluiceDocuments"]),
        tests("SluiceDocumentsTests", ["SluiceCore", "SluiceDocuments"]),
        tests("SluiceClientsTests", ["SluiceCore", "SluiceDocuments", "SluiceClients"]),
        tests("SluiceStoreTests", ["SluiceCore", "SluiceStore", "Migrations", grdb]),
        tests("SluiceRenderingTests", ["SluiceCore", "SluiceDocuments", "SluiceRendering"]),
        tests("SluiceClusterTests", ["SluiceCore", "SluiceDocuments", "SluiceCluster", "SluiceClusterServer"]),
        tests(
            "SluiceRunnerTests",
            ["SluiceCore", "SluiceDocuments", "SluiceClients", "SluiceStore", "SluiceRunner", "SluiceCluster"]
        ),
        tests(
            "SluiceSimulatorTests",
            // `SluiceCampaign` is not imported: it is built so that it can be run.
            [
                "SluiceCore", "SluiceDocuments", "SluiceClients", "SluiceStore", "SluiceRunner", "SluiceCluster",
                "SluiceRehearsal", "SluiceSimulator", "SluiceCampaign",
            ]),
        tests(
            "SluiceRehearsalTests",
            ["SluiceCore", "SluiceDocuments", "SluiceClients", "SluiceCluster", "SluiceRehearsal"]
        ),
        tests("TidyTests", []),
        tests(
            "EndToEndTests",
            // `sluice` is not imported: it is built so that it can be run.
            ["SluiceCore", "SluiceDocuments", "SluiceClients", "sluice"]
        ),
        .target(
            name: "AuditJudge",
            // It reads JSON with the project's reader, and shares nothing else with what it judges.
            dependencies: ["SluiceCore", "SluiceDocuments"],
            path: "Tests/AuditJudge",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "RealKills",
            dependencies: ["SluiceCore", "SluiceClients", "AuditJudge"],
            path: "Tests/RealKills",
            exclude: ["run.sh"],
            swiftSettings: settings
        ),
        tests("AuditJudgeTests", ["AuditJudge"]),
    ]
)
