import SluiceCore

/// A message for an incoming webhook of Slack.
extension NotificationDocument {
    /// The longest text, in characters. (Slack: "text" of chat.postMessage is cut beyond 40,000, and best below 4,000.)
    private static let textLimit = 3_000

    var slackMessage: OrderedJSON {
        var lines = ["\(mark) *\(Self.escaped(headline))*"]
        if !explanation.isEmpty { lines.append(Self.escaped(explanation)) }
        lines.append(Self.escaped(counts))
        if let step = status.next.first {
            lines.append("`\(Self.escaped(step.command))`: \(Self.escaped(step.purpose))")
        }
        return .object([OrderedJSON.Member("text", .string(lines.joined(separator: "\n")))])
    }

    private var mark: String {
        switch notification.event {
        case .started, .resumed: ":arrow_forward:"
        case .wavePassed, .completed: ":white_check_mark:"
        case .approvalNeeded: ":raised_hand:"
        case .halted: ":octagonal_sign:"
        case .rolledBack: ":leftwards_arrow_with_hook:"
        case .aborted: ":x:"
        }
    }

    /// A text that Slack shows as it is. (Slack, "Formatting text for app surfaces": `&`, `<` and `>` are escaped.)
    ///
    /// What is cut is cut before it is escaped, or half an escape would be left.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.prefix(textLimit) {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            default: result.append(character)
            }
        }
        return result + (text.count > textLimit ? "…" : "")
    }
}
