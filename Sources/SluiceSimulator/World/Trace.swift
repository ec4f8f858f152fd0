import SluiceCore

/// What happened, a line an event, for people who look into a failing seed.
public final class Trace {
    private let isOn: Bool
    /// The lines so far.
    public private(set) var lines: [String] = []

    /// A trace that keeps lines, or one that keeps nothing and costs nothing.
    public init(isOn: Bool) { self.isOn = isOn }

    func say(_ time: Milliseconds, _ who: @autoclosure () -> String, _ text: @autoclosure () -> String) {
        guard isOn else { return }
        let stamp = String(time / 1_000) + "." + String(String(1_000 + time % 1_000).dropFirst())
        lines.append(String(repeating: " ", count: max(0, 11 - stamp.count)) + stamp + "  \(who())  \(text())")
    }
}
