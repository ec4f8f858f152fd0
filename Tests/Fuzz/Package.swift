// swift-tools-version: 6.2
import PackageDescription

// A package of its own: it is built with a sanitizer and with libFuzzer, by `Scripts/fuzz.sh`, and by nothing else.
let package = Package(
    name: "fuzz",
    dependencies: [.package(name: "sluice", path: "../..")],
    targets: [
        .systemLibrary(name: "CLibFuzzer"),
        .executableTarget(
            name: "SluiceFuzz",
            dependencies: ["CLibFuzzer", .product(name: "SluiceFuzzed", package: "sluice")],
            swiftSettings: [
                .swiftLanguageMode(.v6),
                .treatAllWarnings(as: .error),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("MemberImportVisibility"),
            ]
        ),
    ]
)
