import Testing

/// Each rule, on samples that break it and samples that do not.
@Suite struct RuleTests {
    private static func file(_ path: String, _ text: String) -> SourceFile { SourceFile(path: path, text: text) }

    private static func banned(_ path: String, _ text: String) -> [String] {
        let file = file(path, text)
        return BannedWord.all.flatMap { $0.findings(in: file) }.map { "\($0.line) \($0.message.prefix { $0 != ":" })" }
    }

    @Test func theLexerTellsCodeFromTextAndComments() {
        let file = Self.file(
            "Sources/SluiceCore/A.swift",
            ##"""
            let a = "x // \(print("in")) y" // print(
            /* try! /* nested */ try! */ let b = #"raw \(no) " "#
            let c = """
                fatalError( \"""
                """; let d = '"'
            """##)
        #expect(Words.contains("print(", in: file.code[0]), "code in an interpolation is code")
        #expect(!file.code[0].contains("//") && !file.code[0].contains("\"") && !file.code[0].contains(" y"))
        #expect(file.literals[0].contains("x // ") && file.literals[0].contains(" y"))
        #expect(!file.code[1].contains("try!") && file.code[1].contains("let b ="))
        #expect(file.literals[1].contains(#"raw \(no) " "#))
        #expect(!file.code[3].contains("fatalError") && file.code[4].contains("let d"))
        #expect(file.lines.count == file.code.count && file.lines.count == file.literals.count)
    }

    @Test(arguments: [
        ("Sources/SluiceCore/A.swift", "import Foundation", false),
        ("Sources/SluiceCore/Statistics/A.swift", "import Glibc", true),
        ("Sources/SluiceCore/Statistics/A.swift", "import Foundation", false),
        ("Sources/SluiceDocuments/A.swift", "internal import Yams", true),
        ("Sources/SluiceRunner/A.swift", "public import struct Yams.Node", false),
        ("Sources/SluiceRunner/A.swift", "import GRDB", false),
        ("Sources/SluiceStore/A.swift", "import GRDB", true),
        ("Sources/SluiceClusterServer/A.swift", "@preconcurrency import NIOCore", true),
        ("Sources/sluice/A.swift", "import NIOCore", false),
        ("Sources/SluiceRendering/A.swift", "// import Foundation\nlet a = \"import Foundation\"", true),
        ("Sources/SluiceRendering/A.swift", "public import SluiceClients", false),
        ("Sources/Stranger/A.swift", "", false),
        ("Tests/SluiceStoreTests/A.swift", "import GRDB", true),
        ("Tests/SluiceRunnerTests/A.swift", "import GRDB", false),
        ("Tests/Bench/main.swift", "import Foundation", true),
    ])
    func arrows(path: String, text: String, isFine: Bool) {
        #expect(Arrows.findings(in: Self.file(path, text)).isEmpty == isFine)
    }

    @Test func aBreachIsNamedWithItsPlace() {
        let findings = Arrows.findings(in: Self.file("Sources/SluiceRendering/A.swift", "\nimport GRDB"))
        #expect(
            findings.map(\.description) == [
                "Sources/SluiceRendering/A.swift:2: SluiceRendering may not import GRDB, only SluiceCore"
            ])
    }

    @Test(arguments: [
        "Date()", "UUID()", "[1].shuffled()", "[1].randomElement()", "a.hashValue", "getenv(\"HOME\")", "Date.now",
        "ProcessInfo.processInfo", "Int.random(in: 0...1)", "try? f()", "try! f()", "a as! B", "fatalError(\"\")",
        "Thread.sleep(forTimeInterval: 1)", "print(1)", "sql(\"SELECT 1\")", "sql(\"PRAGMA x\")",
    ])
    func eachBannedWordIsFound(code: String) {
        #expect(Self.banned("Sources/SluiceRunner/A.swift", "\nlet a = \(code)").count == 1)
        #expect(Self.banned("Sources/SluiceRunner/A.swift", "// \(code)").isEmpty, "comments are free")
    }

    @Test func bannedWordsKnowTheirPlaces() {
        #expect(Self.banned("Sources/SluiceClients/Outside/SystemOutside+Clock.swift", "getenv(x); try? f()").isEmpty)
        #expect(Self.banned("Sources/SluiceClients/Outside/Peer.swift", "ProcessInfo.x; try? f()") == ["1 `try?`"])
        #expect(Self.banned("Sources/SluiceClusterServer/A.swift", "clock_gettime(c, &t)").isEmpty)
        #expect(Self.banned("Sources/SluiceCluster/A.swift", "clock_gettime(c, &t)") == ["1 `clock_gettime`"])
        #expect(Self.banned("Sources/SluiceClusterServer/A.swift", "UUID()") == ["1 `UUID()`"])
        #expect(Self.banned("Sources/SluiceClients/Kubernetes/A.swift", "getenv(x)") == ["1 `getenv`"])
        #expect(Self.banned("Sources/sluice/A.swift", "print(Date())").isEmpty)
        #expect(Self.banned("Sources/sluice/A.swift", "try? f()") == ["1 `try?`"])
        #expect(Self.banned("Sources/SluiceStore/A.swift", "sql(\"SELECT 1\")").isEmpty)
        #expect(Self.banned("Sources/SluiceRunner/A.swift", "let SELECT = 1; reprint(1); myDate()").isEmpty)
        #expect(Self.banned("Tests/A/B.swift", "print(try! f())") == ["1 `try!`"])
    }

    @Test func theClusterMayNotUseWhatItJudges() {
        for word in ["Eligibility", "Readiness", "UnavailabilityBudget", "BudgetLedger"] {
            let text = "let a = \(word).decide()"
            #expect(Self.banned("Sources/SluiceCluster/A.swift", text) == ["1 `\(word)`"])
            #expect(Self.banned("Sources/SluiceRunner/A.swift", text).isEmpty)
            #expect(Self.banned("Sources/SluiceCluster/A.swift", "let a = Cluster\(word)Table()").isEmpty)
        }
    }

    @Test func lengths() {
        let wide = String(repeating: "x", count: FormRules.maximumColumns)
        let long = String(repeating: "x\n", count: FormRules.maximumFileLines)
        let comment = "let a = 1 // " + String(repeating: "x", count: FormRules.maximumColumnsInAll - 13)
        #expect(FormRules.lengths(Self.file("a.swift", wide + "\n" + wide + "x")).map(\.line) == [2])
        #expect(FormRules.lengths(Self.file("a.swift", comment + "\n" + comment + "x")).map(\.line) == [2])
        #expect(FormRules.lengths(Self.file("a.md", wide + "x")).isEmpty)
        #expect(FormRules.lengths(Self.file("a.swift", long)).isEmpty)
        #expect(FormRules.lengths(Self.file("a.swift", long + "x\n")).map(\.line) == [FormRules.maximumFileLines + 1])
    }

    @Test func functionLengths() {
        func findings(_ lines: Int) -> [Finding] {
            let body = String(repeating: "    f(\"{\")\n", count: lines - 2)
            let text = "protocol P { func g()\n}\nfunc f(\n    a: Int) {\n" + body + "}\nlet a = 1\n"
            return FormRules.functionLengths(Self.file("Sources/SluiceCore/a.swift", text))
        }
        #expect(findings(FormRules.maximumFunctionLines - 1).isEmpty)
        #expect(findings(FormRules.maximumFunctionLines).map(\.line) == [3])
    }

    @Test func leftoversAndPlacesOfWork() {
        let note = "// TO" + "DO: later"
        #expect(FormRules.leftovers(Self.file("a.swift", "\n" + note)).map(\.line) == [2])
        #expect(FormRules.leftovers(Self.file("a.swift", "let TO" + "DOs = 1")).isEmpty)
        for place in ["/wor" + "k/x", "../sha" + "red/domain.md", "see .libr" + "ary/search"] {
            #expect(FormRules.placesOfWork(Self.file("docs/a.md", place)).count == 1)
        }
        #expect(FormRules.placesOfWork(Self.file("docs/a.md", "shared work in a library, Self.libr" + "ary")).isEmpty)
    }

    @Test func promisesNeedAProof() {
        let promise = "final class A: @unchecked Sendable {}"
        #expect(FormRules.uncheckedPromises(Self.file("a.swift", "let a = 1\n" + promise)).map(\.line) == [2])
        #expect(FormRules.uncheckedPromises(Self.file("a.swift", "// Immutable.\n" + promise)).isEmpty)
        #expect(FormRules.uncheckedPromises(Self.file("a.swift", "nonisolated(unsafe) var a = 1")).count == 1)
    }

    @Test func keysAreSorted() {
        let path = "Sources/SluiceClients/A.swift"
        #expect(FormRules.unsortedKeys(Self.file(path, "let e = JSONEncoder()")).count == 1)
        #expect(
            FormRules.unsortedKeys(Self.file(path, "let e = JSONEncoder()\ne.outputFormatting = [.sortedKeys]")).isEmpty
        )
    }

    @Test func thePackageIsComparedWithTheTable() {
        let table = [
            "A": Arrows.Row(dependencies: []), "B": Arrows.Row(dependencies: ["A", "Yams", "NIOCore"]),
            "c": Arrows.Row(dependencies: ["A"]),
        ]
        func findings(_ b: String, _ c: String, extra: String = "") -> [String] {
            let text = """
                let yams = Target.Dependency.product(name: "Yams", package: "Yams")
                let server: [Target.Dependency] = [
                    .product(name: "NIOCore", package: "swift-nio"),
                ]
                let package = Package(
                    targets: [
                        target("A"),
                        target("B", \(b)),
                        .executableTarget(
                            name: "c",
                            dependencies: [\(c)],
                            swiftSettings: settings
                        ),\(extra)
                        tests("BTests", ["A", "B"]),
                    ]
                )
                """
            return PackageRule.findings(in: Self.file("Package.swift", text), table: table)
                .map { "\($0.line) \($0.message.prefix(2))" }
        }
        #expect(findings("[\"A\", yams] + server", "\"A\"").isEmpty)
        #expect(findings("[\"A\"] + server", "\"A\"") == ["8 B "])
        #expect(findings("[\"A\", yams] + server", "\"A\", \"B\"") == ["9 c "])
        #expect(findings("[\"A\", yams] + server", "\"A\"", extra: "\n        target(\"D\"),") == ["14 D "])
    }
}
