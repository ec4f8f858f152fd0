/// A Kubernetes label selector: all of its requirements must hold. One without requirements matches everything.
/// (kubernetes.io, "Labels and Selectors")
public struct LabelSelector: Sendable, Hashable {
    /// One expression of a selector.
    public struct Requirement: Sendable, Hashable {
        /// How the label's value is compared.
        public enum Operator: String, Sendable, Hashable, CaseIterable {
            case `in` = "In"
            case notIn = "NotIn"
            case exists = "Exists"
            case doesNotExist = "DoesNotExist"
        }

        /// The label's key.
        public var key: String
        /// The comparison.
        public var `operator`: Operator
        /// The values of `In` and `NotIn`; empty for the other two.
        public var values: [String]

        /// One expression of a selector.
        public init(key: String, operator: Operator, values: [String] = []) {
            self.key = key
            self.operator = `operator`
            self.values = values
        }

        /// Whether labels satisfy the expression. `NotIn` and `DoesNotExist` hold when the label is absent.
        public func matches(_ labels: [String: String]) -> Bool {
            let value = labels[key]
            return switch `operator` {
            case .in: value.map(values.contains) ?? false
            case .notIn: value.map { !values.contains($0) } ?? true
            case .exists: value != nil
            case .doesNotExist: value == nil
            }
        }
    }

    /// Labels that must be present with exactly these values.
    public var matchLabels: [String: String]
    /// Further expressions.
    public var matchExpressions: [Requirement]

    /// A selector.
    public init(matchLabels: [String: String] = [:], matchExpressions: [Requirement] = []) {
        self.matchLabels = matchLabels
        self.matchExpressions = matchExpressions
    }

    /// Whether labels satisfy every requirement.
    public func matches(_ labels: [String: String]) -> Bool {
        for (key, value) in matchLabels where labels[key] != value { return false }
        return matchExpressions.allSatisfy { $0.matches(labels) }
    }

    /// The selector in the syntax of the API's `labelSelector` parameter and of kubectl's `-l`, keys sorted.
    public var queryText: String {
        let equalities = matchLabels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let expressions = matchExpressions.map { requirement in
            switch requirement.operator {
            case .in: "\(requirement.key) in (\(requirement.values.joined(separator: ",")))"
            case .notIn: "\(requirement.key) notin (\(requirement.values.joined(separator: ",")))"
            case .exists: requirement.key
            case .doesNotExist: "!\(requirement.key)"
            }
        }
        return (equalities + expressions).joined(separator: ",")
    }
}
