import Testing

/// The architecture and the house's habits, held against every file of the repository.
@Suite struct TidyTests {
    static let files = Result { try Repository.files() }

    private func expectNone(_ rule: (SourceFile) -> [Finding]) throws {
        for finding in try Self.files.get().flatMap(rule) {
            Issue.record(Comment(rawValue: finding.description))
        }
    }

    @Test func thereIsSomethingToLookAt() throws {
        let paths = try Self.files.get().map(\.path)
        #expect(paths.contains("Package.swift") && paths.contains("Sources/SluiceCore/Rollout/Vocabulary.swift"))
        for target in Arrows.table.keys {
            #expect(try Self.files.get().contains { $0.isProduct && $0.target == target }, "\(target) has no file")
        }
    }

    @Test func importsFollowTheArrows() throws { try expectNone(Arrows.findings) }

    @Test func thePackageFollowsTheArrows() throws {
        for finding in PackageRule.findings(in: try Repository.file("Package.swift")) {
            Issue.record(Comment(rawValue: finding.description))
        }
    }

    @Test func noBannedWords() throws {
        try expectNone { file in BannedWord.all.flatMap { $0.findings(in: file) } }
    }

    @Test func nothingIsTooLong() throws { try expectNone(FormRules.lengths) }
    @Test func functionsFitOnAScreen() throws { try expectNone(FormRules.functionLengths) }
    @Test func nothingIsLeftOver() throws { try expectNone(FormRules.leftovers) }
    @Test func noPlacesOfWork() throws { try expectNone(FormRules.placesOfWork) }
    @Test func promisesAreProved() throws { try expectNone(FormRules.uncheckedPromises) }
    @Test func keysAreSorted() throws { try expectNone(FormRules.unsortedKeys) }
}
