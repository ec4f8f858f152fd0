/// What asking a metrics server, or a webhook, once has brought.
public enum MetricReading: Sendable, Equatable {
    /// The values of the answer's samples, at least one.
    case samples([Double])
    /// The series over the time that was asked for, at least one.
    case series([MetricSeries])
    /// Whoever judges by itself says yes or no; in one sentence.
    case answer(isYes: Bool, String)
    /// The server answered, and there was nothing.
    case noData
    /// The server could not be asked or did not understand; the reason in one sentence.
    case failed(String)
}

/// One series over a time.
public struct MetricSeries: Sendable, Equatable {
    /// Its labels.
    public var labels: [String: String]
    /// Its points in the order of time.
    public var points: [Point]

    /// One value.
    public struct Point: Sendable, Equatable {
        /// When.
        public var time: Timestamp
        /// The value; may be NaN.
        public var value: Double

        /// One value.
        public init(time: Timestamp, value: Double) {
            self.time = time
            self.value = value
        }
    }

    /// One series over a time.
    public init(labels: [String: String], points: [Point]) {
        self.labels = labels
        self.points = points
    }
}
