/// What is looked at of the configuration that the new template reads.
extension Preflight {
    /// Whether each object can be seen, so that a change of it can be noticed. What is not there is no finding but a warning.
    ///
    /// - Parameter readings: what was found of each of ``configReferences``, in their order.
    public func findings(_ readings: [ConfigReading]) -> [PreflightFinding] {
        zip(configReferences, readings).compactMap { reference, reading in
            let subject = reference.object.text
            switch reading {
            case .present: return PreflightFinding(.configuration, subject, .passed)
            case .missing: return nil
            case .failed(let why): return PreflightFinding(.configuration, subject, .notChecked, why)
            case .unreadable(let why):
                guard haltsOnConfigChange else {
                    return PreflightFinding(
                        .configuration, subject, .notChecked,
                        "nobody would notice when it changes during the rollout: \(why); grant `get` on it "
                            + "(docs/rbac/configuration.yaml), or say `onConfigChanged: ignore`")
                }
                return PreflightFinding(
                    .configuration, subject, .refused,
                    "the plan says `onConfigChanged: halt`, but \(subject) cannot be looked at: \(why); grant `get` on "
                        + "it (docs/rbac/configuration.yaml), or say `onConfigChanged: warn`")
            }
        }
    }

    /// What is not there although pods need it, in one sentence; empty when nothing is missing.
    public func warnings(_ readings: [ConfigReading]) -> [String] {
        let missing = zip(configReferences, readings).filter { $1 == .missing && !$0.isOptional }.map(\.0.object.path)
        guard !missing.isEmpty else { return [] }
        return [
            "the new template reads \(PlanText.list(missing)), which \(missing.count == 1 ? "is" : "are") not in namespace "
                + "\(namespace): pods do not start (ContainerCreating or CreateContainerConfigError) before "
                + "\(missing.count == 1 ? "it is" : "they are") made"
        ]
    }
}
