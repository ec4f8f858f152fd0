public import SluiceClients
public import SluiceCore

/// Asks the cluster what a rollout needs, before anything is touched. Blocks until everything is answered.
public enum PreflightReader {
    /// The findings in a fixed order: rights, the new pod, the patch.
    ///
    /// A dry run is left out where the right for it is missing: its refusal would only repeat that.
    ///
    /// - Throws: `APIError` of kind `interrupted`; every other failure is a finding.
    public static func findings(
        _ preflight: Preflight, client: KubernetesClient
    ) throws(APIError) -> [PreflightFinding] {
        let rights = preflight.rights + [preflight.podRight]
        let answers = try client.perform(rights.map(APIRequest.reviewAccess)).map(\.accessAnswer)
        var findings = zip(preflight.rights, answers).map { preflight.judge(right: $0, $1) }
        let missing = refused(rights, answers)

        if let pod = preflight.pod {
            let request = APIRequest.tryPod(pod.json, namespace: preflight.namespace)
            let outcome = try attempt(request, needing: preflight.podRight, missing, client)
            findings.append(preflight.judge(pod: pod, outcome.answer))
        }
        if let patch = preflight.patch {
            let request = APIRequest.patch(
                patch, namespace: preflight.namespace, name: preflight.daemonSet, isDryRun: true)
            let outcome = try attempt(request, needing: preflight.rights.first { $0.verb == "patch" }, missing, client)
            let stored = outcome.response?.json.flatMap(DaemonSet.init(json:))
            let pod = findings.first { $0.check == .podCreation }
            findings.append(preflight.judgePatch(outcome.answer, stored: stored, pod: pod))
        }
        return findings
    }

    /// Whether the secrets and certificates that a plan names can be read on this machine. None is shown or kept.
    ///
    /// - Parameter environment: looks up an environment variable.
    public static func secrets(
        of plan: RolloutPlan, outside: any Outside, environment: @escaping (String) -> String?
    ) -> [PreflightFinding] {
        plan.secrets.map { secret in
            let subject = "\(secret.name) for \(secret.user)"
            let problem = SecretProblem.of(secret, outside: outside, environment: environment)
            return PreflightFinding(
                .secret, subject, problem == nil ? .passed : .refused, problem.map { "\(secret.user): \($0)" })
        }
    }

    /// Those of some rights that the API server says we lack, in their order. What cannot be asked counts as granted.
    ///
    /// - Throws: `APIError` of kind `interrupted`.
    public static func missing(_ rights: [AccessRight], client: KubernetesClient) throws(APIError) -> [AccessRight] {
        refused(rights, try client.perform(rights.map(APIRequest.reviewAccess)).map(\.accessAnswer))
    }

    private static func refused(_ rights: [AccessRight], _ answers: [Preflight.Answer]) -> [AccessRight] {
        zip(rights, answers).filter { if case .refused = $1 { true } else { false } }.map(\.0)
    }

    private static func attempt(
        _ request: APIRequest, needing right: AccessRight?, _ missing: [AccessRight], _ client: KubernetesClient
    ) throws(APIError) -> (answer: Preflight.Answer, response: APIResponse?) {
        if let right, missing.contains(right) {
            return (.unknown(right.missingSentence), nil)
        }
        let result = try client.perform([request])[0]
        if case .success(let response) = result { return (result.dryRunAnswer, response) }
        return (result.dryRunAnswer, nil)
    }
}
