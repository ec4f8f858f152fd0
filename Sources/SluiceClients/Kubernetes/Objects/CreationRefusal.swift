import SluiceCore

/// Reads why the DaemonSet controller cannot create pods, from a list of its FailedCreate events.
public enum CreationRefusal {
    /// How old the latest event may be, by the server's clock, in milliseconds; an older one tells of a trouble that is
    /// over. The controller tries again with growing waits, at first many times a second.
    static let freshness: Milliseconds = 60_000

    /// The message of the latest event, without the controller's words around it; nil when there is none, or none that
    /// is fresh.
    public static func latest(in response: APIResponse) -> String? {
        let events = (response.json?["items"]?.array ?? []).compactMap { event -> (time: Timestamp, message: String)? in
            guard let message = event["message"]?.string, !message.isEmpty else { return nil }
            let times = [event.at("series", "lastObservedTime"), event["lastTimestamp"], event["eventTime"]]
            let time = times.lazy.compactMap { $0?.string.flatMap { Timestamp(rfc3339: $0) } }.first
            return time.map { ($0, message) }
        }
        guard let last = events.max(by: { $0.time < $1.time }) else { return nil }
        let age = response.serverTime.map { $0.millisecondsSince1970 - last.time.millisecondsSince1970 } ?? 0
        guard age <= freshness else { return nil }
        // The recorder of events gathers those that differ only in the pod's name under a prefix of its own.
        let prefix = "Error creating: "
        let words = last.message.firstRange(of: prefix).map { last.message[$0.upperBound...] } ?? last.message[...]
        return APIStatus.oneLine(String(words))
    }
}
