import SluiceCluster
import SluiceCore
import Testing

/// Recordings that follow one another on one cluster, with what happened between them.
struct Chapter: Sendable, CustomTestStringConvertible {
    /// One step of a chapter.
    enum Step: Sendable {
        /// Sends the recorded request and compares the answer.
        case replay(String)
        /// As ``replay(_:)`` for a watch: what the steps do happens while it is open.
        case watch(String, [Step])
        /// Lets time pass, in seconds.
        case wait(Double)
        /// Something that was not recorded.
        case act(String, @Sendable (inout Stage) throws -> Void)
    }

    var name: String
    var options = Stage.options
    var steps: [Step]
    var testDescription: String { name }

    /// The recordings that the chapter replays.
    var recordings: [String] { steps.flatMap(Self.recordings) }

    private static func recordings(of step: Step) -> [String] {
        switch step {
        case .replay(let name): [name]
        case .watch(let name, let steps): [name] + steps.flatMap(recordings)
        case .wait, .act: []
        }
    }

    /// Plays the chapter; gives what differed, by recording.
    func play() throws -> [(recording: String, differences: [String])] {
        var stage = try Stage(options)
        return try Self.play(steps, &stage)
    }

    private static func play(
        _ steps: [Step], _ stage: inout Stage
    ) throws -> [(recording: String, differences: [String])] {
        var found: [(recording: String, differences: [String])] = []
        for step in steps {
            switch step {
            case .replay(let name):
                let recording = try Recording(name)
                found.append((name, Comparison.differences(try stage.answer(to: recording), recording)))
            case .watch(let name, let steps):
                let recording = try Recording(name)
                let watch = try stage.open(recording)
                found += try play(steps, &stage)
                found.append((name, Comparison.differences(try stage.close(watch, recording), recording)))
            case .wait(let seconds): stage.cluster.wait(seconds)
            case .act(_, let action): try action(&stage)
            }
        }
        return found
    }
}

extension Chapter.Step: ExpressibleByStringLiteral {
    /// Replays a recording.
    init(stringLiteral name: String) { self = .replay(name) }
}
