import ArgumentParser
import Foundation
import SluiceClients
import SluiceCore
import SluiceRendering
import SluiceRunner

/// The plan file, and what a person has agreed to.
struct PlanFlags: ParsableArguments {
    @Option(name: [.customShort("f"), .customLong("filename")], help: "The plan file; - for stdin.")
    var file: String

    @OptionGroup var consent: ConsentFlags

    /// The largest plan file, in bytes.
    static let sizeLimit = 1 << 20

    /// Reads the plan file.
    func load() throws -> WrittenPlan {
        let text = try bytes()
        return WrittenPlan(plan: try PlanLoader.load(text, file: name), text: text, file: name)
    }

    private var name: String { file == "-" ? "stdin" : file }

    private func bytes() throws -> [UInt8] {
        let bytes = try InputFile.read(file)
        guard bytes.count <= Self.sizeLimit else {
            throw CommandFailure(
                .invalidPlan, "\(name):1:1: a plan of more than \(Self.sizeLimit >> 20) MiB is not read")
        }
        return bytes
    }
}

/// What a person has agreed to.
struct ConsentFlags: ParsableArguments {
    @Flag(help: "Allow a batch or a budget that is the whole fleet.")
    var allowWholeFleet = false

    @Flag(help: "Accept that nodes gain or lose their pod at once, because the new template places differently.")
    var acceptPlacementChange = false

    @Flag(help: "Go on although the preflight was refused, for instance by a webhook that knows the controller only.")
    var ignorePreflight = false

    var value: Consent {
        Consent(
            allowWholeFleet: allowWholeFleet, acceptPlacementChange: acceptPlacementChange,
            ignorePreflight: ignorePreflight)
    }
}

/// What was agreed to; nothing, where nobody was asked.
struct Consent {
    var allowWholeFleet = false
    var acceptPlacementChange = false
    var ignorePreflight = false
}

/// A plan with the bytes that it was read from.
struct WrittenPlan {
    var plan: RolloutPlan
    var text: [UInt8]
    /// The file's name, for messages.
    var file: String
}

/// A plan that fits the cluster, with what it was made from.
struct PreparedPlan {
    var plan: RolloutPlan
    var text: [UInt8]
    var facts: FleetFacts
    var waves: WavePlan
    /// What the cluster says to the rollout before anything is touched.
    var preflight: [PreflightFinding]

    var document: PlanDocument {
        PlanDocument(
            plan: waves, namespace: facts.daemonSet.namespace, daemonSet: facts.daemonSet.name, preflight: preflight)
    }

    /// Ends the command when the cluster has refused one of these checks, unless that is to be ignored.
    func refuse(_ checks: Set<PreflightCheck>, _ consent: Consent) throws {
        let refused = preflight.filter { $0.outcome == .refused && checks.contains($0.check) }
        guard !consent.ignorePreflight, !refused.isEmpty else { return }
        throw CommandFailure(
            .failed,
            lines: refused.map { "preflight: \($0.message ?? $0.subject)" }
                + ["nothing was changed; --ignore-preflight goes on nevertheless"])
    }

    /// Reads the cluster, and plans.
    ///
    /// - Parameter kept: a revision that counts as remembered by the cluster; nil for none.
    init(
        _ written: WrittenPlan, _ consent: Consent, client: KubernetesClient, namespaceFlag: String?,
        kept: KeptRevision? = nil
    ) throws {
        (plan, text) = (written.plan, written.text)
        if let asked = namespaceFlag, let written = plan.namespace, asked != written {
            throw CommandFailure(.usage, "the plan is for namespace \(written), but --namespace says \(asked)")
        }
        let namespace = plan.namespace ?? client.access.namespace
        guard
            let found = try ClusterReader.facts(client, namespace: namespace, daemonSet: plan.daemonSet)
        else {
            throw CommandFailure(
                .failed,
                "there is no DaemonSet \(plan.daemonSet) in namespace \(namespace); `kubectl get ds -A` "
                    + "lists those that there are")
        }
        facts = kept.map { found.remembering($0.hash, $0.template) } ?? found
        let options = PlanningOptions(
            allowWholeFleet: consent.allowWholeFleet, acceptPlacementChange: consent.acceptPlacementChange)
        do throws(PlanningFailure) {
            waves = try WavePlanner.plan(plan, planText: text, facts: facts, options: options)
        } catch {
            throw CommandFailure(.invalidPlan, lines: error.errors.map { "\(written.file): \($0)" })
        }
        let questions = Preflight(
            plan: plan, waves: waves, facts: facts, leaseName: LeaseKeeper.leaseName(daemonSet: plan.daemonSet))
        let readings = try ConfigReader.readings(
            of: questions.configReferences, namespace: namespace, client: client)
        waves.warnings += questions.warnings(readings)
        preflight =
            try PreflightReader.findings(questions, client: client) + questions.findings(readings)
            + PreflightReader.secrets(of: plan, outside: client.outside, environment: { environment($0) })
    }
}
