import SluiceCore

/// `docs/contract.md`: every word, number and field that scripts may rely on, made from the code that writes them.
public enum ContractDocument {
    /// The whole document as Markdown.
    public static var markdown: String {
        [
            introduction, exitCodes, words("Phases", "`phase`: where a rollout stands.", Phase.self),
            words("Node statuses", "Where one node of a rollout stands.", NodeStatus.self),
            words("Events", "`event`: what a line of the journal reports.", JournalEvent.self),
            words("Reasons", "`reason`: why something stopped, failed or was put off.", Reason.self),
            words("Holds", "`holds[].kind`: what keeps pods from being deleted at the moment.", HoldKind.self),
            words("Preflight checks", "`preflight[].check`: what `plan` looks at.", PreflightCheck.self),
            words("Preflight outcomes", "`preflight[].outcome`: what came of a check.", PreflightOutcome.self),
            words("Notifications", "`event` of a notification, and `on` in a plan.", NotificationEvent.self),
            planFields, statusFields, eventFields, historyFields, versionFields, rehearsalFields, notificationFields,
        ].joined(separator: "\n")
    }

    private static let introduction = """
        # The contract

        Scripts may rely on these words, numbers and fields. A word never changes its meaning; new words and new fields
        may be added, so ignore what you do not know. This file is made from the code, and a test keeps both equal.

        - JSON and YAML (`-o json`, `-o yaml`) hold the same fields, in the order given here. A field is always
          present; where there is nothing to say it is null.
        - Times are RFC 3339 in UTC. Durations are whole seconds.
        - Texts for people (`-o text`, `-o wide`) are no contract.
        - Problems of a plan file come one a line as `FILE:LINE:COLUMN: PATH: MESSAGE`; line and column count from 1.

        """

    private static var exitCodes: String {
        section("Exit codes", "What the program's exit status says.", header: ["Code", "Meaning"])
            + ExitCode.allCases.map { row([String($0.rawValue), $0.meaning]) }.joined()
    }

    private static func words<Word: ContractWord>(_ title: String, _ about: String, _: Word.Type) -> String {
        section(title, about, header: ["Word", "Meaning"])
            + Word.allCases.map { row(["`\($0.rawValue)`", $0.meaning]) }.joined()
    }

    private static var planFields: String {
        fieldSection("Fields of `plan -o json`", "One object.")
            + rows(of: PlanField.self) + rows(of: ImageField.self, "images[].")
            + rows(of: WindowField.self, "windows[].") + rows(of: FreezeField.self, "freeze[].")
            + rows(of: PlanWaveField.self, "waves[].")
            + rows(of: ExcludedField.self, "excluded[].") + rows(of: DeferredField.self, "deferred[].")
            + rows(of: PlacementField.self, "placementChanges[].") + rows(of: EstimateField.self, "estimate.")
            + rows(of: ExpectedLeakField.self, "expectedLeak.")
            + rows(of: PreflightField.self, "preflight[].")
    }

    private static var statusFields: String {
        fieldSection("Fields of `status -o json`", "One object.")
            + rows(of: StatusField.self) + rows(of: HoldField.self, "holds[].")
            + rows(of: NodeCountField.self, "nodes.")
            + rows(of: StatusWaveField.self, "waves[].") + rows(of: StatusGateField.self, "waves[].gates[].")
            + rows(of: UntoldField.self, "untold[].")
    }

    private static var eventFields: String {
        fieldSection("Fields of an event", "`run -o json` and `resume -o json` print one object a line.")
            + rows(of: EventField.self)
    }

    private static var historyFields: String {
        fieldSection("Fields of `history -o json`", "A list of rollouts, one object each.")
            + rows(of: HistoryField.self) + rows(of: ImageField.self, "images[].")
            + "\n`history ROLLOUT -o json` prints one object:\n\n" + row(["Field", "Meaning"]) + row(["---", "---"])
            + rows(of: JournalField.self)
    }

    private static var versionFields: String {
        fieldSection(
            "Fields of `report versions -o json`", "One object; with `-A` a list of them, one for each DaemonSet.")
            + rows(of: VersionField.self) + rows(of: RevisionField.self, "revisions[].")
            + rows(of: ImageField.self, "revisions[].images[].") + rows(of: VersionNodeField.self, "nodes[].")
            + rows(of: ImageField.self, "nodes[].images[].") + rows(of: NotEligibleField.self, "notEligible[].")
            + rows(of: VersionTotalField.self, "totals.")
    }

    private static var rehearsalFields: String {
        fieldSection("Fields of `rehearse -o json`", "One object.")
            + rows(of: RehearsalField.self) + rows(of: GoodField.self, "good.")
            + ["good.seconds.", "good.peakBlind.", "good.leaks.", "good.stale.", "bad[].reached.", "bad[].seconds."]
            .map { rows(of: DistributionField.self, $0) }.joined()
            + rows(of: RehearsalZoneField.self, "good.zones[].") + rows(of: EndingField.self, "good.endings[].")
            + rows(of: BadField.self, "bad[].") + rows(of: EndingField.self, "bad[].endings[].")
            + rows(of: RehearsalGateField.self, "gates[].") + rows(of: AssumptionField.self, "assumptions.")
    }

    private static var notificationFields: String {
        fieldSection(
            "Fields of a notification",
            "One object, the body of a POST to a destination of format `sluice` (`docs/notifications.md`).")
            + rows(of: NotificationField.self) + rows(of: NodeCountField.self, "nodes.")
    }

    private static func fieldSection(_ title: String, _ about: String) -> String {
        section(title, about, header: ["Field", "Meaning"])
    }

    private static func section(_ title: String, _ about: String, header: [String]) -> String {
        "## \(title)\n\n\(about)\n\n" + row(header) + row(header.map { _ in "---" })
    }

    private static func rows<Field: DocumentField>(of _: Field.Type, _ prefix: String = "") -> String {
        Field.allCases.map { row(["`\(prefix)\($0.rawValue)`", $0.meaning]) }.joined()
    }

    private static func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |\n" }
}
