/// What asking a metrics server once has brought.
public enum MetricReading: Sendable, Equatable {
    /// The values of the answer's samples, at least one.
    case samples([Double])
    /// The server answered, and there was nothing.
    case noData
    /// The server could not be asked or did not understand; the reason in one sentence.
    case failed(String)
}
