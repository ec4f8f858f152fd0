import ArgumentParser
import Foundation
import SluiceCore
import SluiceRehearsal
import SluiceRendering

/// `sluice rehearse`: what a plan would do to the fleet, tried many times in virtual time. Changes nothing.
struct RehearseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rehearse",
        abstract: "Try a plan many times in virtual time: how long, how many nodes blind, how far a bad version gets.",
        discussion: """
            Reads the fleet as it stands, or a snapshot, and changes nothing. The runs use the same engine as `run` on \
            a model of the cluster; what is modelled and assumed stands at the end of the result.

            Exit codes: 0 a good version completed in every run, 2 it did not, 1 the cluster could not be read, \
            64 wrong use or a bad snapshot, 65 the plan is invalid or does not fit the fleet.
            """)

    @OptionGroup var planFlags: PlanFlags

    @Option(help: "How many runs, of a good version and of each bad one; 0 for none.")
    var seeds = 100

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Try only this kind of bad version, such as crash-loop or oom-killed=600; may be repeated.",
            valueName: "kind[=seconds]"))
    var bad: [String] = []

    @Option(
        help: ArgumentHelp(
            "Rehearse on a snapshot instead of the live fleet: a saved one, or what kubectl prints as a List.",
            valueName: "file"))
    var snapshot: String?

    @Option(help: ArgumentHelp("Save the fleet as a snapshot, without what may be secret.", valueName: "file"))
    var saveSnapshot: String?

    @Option(help: ArgumentHelp("How many percent of the nodes churn a day.", valueName: "percent"))
    var churn = RehearsalReport.Assumptions.churnPercentPerDay

    @Option(
        help: ArgumentHelp("From a pod's creation to Ready; measured on the fleet as a rule.", valueName: "seconds"))
    var start: Int64?

    @Option(help: ArgumentHelp("From a pod's delete to its end; 5 as a rule.", valueName: "seconds"))
    var stop: Int64?

    @OptionGroup var clusterFlags: ClusterFlags
    @OptionGroup var output: OutputFlags

    func validate() throws {
        guard (0...RehearsalLimits.seeds).contains(seeds) else {
            throw ValidationError("--seeds takes a number from 0 to \(RehearsalLimits.seeds)")
        }
        guard churn >= 0, churn <= RehearsalLimits.churnPercent else {
            throw ValidationError("--churn takes a number of percent from 0 to \(Int(RehearsalLimits.churnPercent))")
        }
        for (name, value) in [("start", start), ("stop", stop)] {
            if let value, !(0...RehearsalLimits.podSeconds).contains(value) {
                throw ValidationError("--\(name) takes whole seconds from 0 to \(RehearsalLimits.podSeconds)")
            }
        }
        _ = try badVersions()
    }

    private func badVersions() throws -> [BadVersion] {
        guard !bad.isEmpty else { return BadVersion.usual }
        return try bad.map { text in
            do throws(BadVersionError) {
                return try BadVersion(parsing: text)
            } catch {
                throw ValidationError("--bad \(error)")
            }
        }
    }

    func run() throws {
        try reportingFailures {
            let written = try planFlags.load()
            let (plan, text) = (written.plan, written.text)
            let fleet = try RehearsalFleet(plan, snapshot: snapshot, clusterFlags)
            if let saveSnapshot { try RehearsalFleet.save(fleet.snapshot, to: saveSnapshot) }
            guard seeds > 0 else { return }
            let rehearsal = try prepare(plan, text, fleet.snapshot)
            let report = RehearsalCrew(rehearsal: rehearsal, runs: seeds).report(bad: try badVersions())
            Terminal.write(RehearsalDocument(report).rendered(output.format, output.style))
            guard let good = report.good, good.completed < good.runs else { return }
            throw CommandFailure(
                .halted,
                "a good version completed in \(good.completed) of \(good.runs) runs; the plan does not fit this fleet")
        }
    }

    private func prepare(_ plan: RolloutPlan, _ text: [UInt8], _ snapshot: FleetSnapshot) throws -> Rehearsal {
        let options = PlanningOptions(
            allowWholeFleet: planFlags.consent.allowWholeFleet,
            acceptPlacementChange: planFlags.consent.acceptPlacementChange)
        do throws(PlanningFailure) {
            return try Rehearsal(
                plan: plan, planText: text, facts: snapshot.facts, at: snapshot.takenAt, options: options
            ) { pace in
                RehearsalReport.Assumptions(
                    startSeconds: start ?? pace.startSeconds,
                    startBasis: start == nil ? pace.startBasis : "as asked for",
                    stopSeconds: stop ?? pace.stopSeconds, churnPercentPerDay: churn)
            }
        } catch {
            throw CommandFailure(.invalidPlan, lines: error.errors.map { "\(planFlags.file): \($0)" })
        }
    }
}
