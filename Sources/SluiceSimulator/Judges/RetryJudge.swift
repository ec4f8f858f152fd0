import SluiceClients
import SluiceCluster
import SluiceCore

/// What is asked again is asked again within its budget: not at once, and not without end, whatever the server says.
final class RetryJudge: Judge {
    let name = "retries"

    /// How often the same may be asked for within a second and within a minute by one process for one piece of work.
    private struct Limit {
        var second: Int
        var minute: Int
    }

    /// One thing that is asked for, as far as trying it again is concerned. A drive, the planning of its way back and the
    /// drive of that each have a client with a budget of its own.
    private struct Subject: Hashable {
        var process: Int
        var rollout: String?
        var what: String
    }

    private var sent: [Subject: [Milliseconds]] = [:]

    func requestLeaves(
        _ request: HTTPRequest, _ purpose: Wire.Purpose, by process: SimulatedProcess, in world: World
    ) {
        guard let (what, limit) = Self.subject(of: request, purpose, world.scenario.kinds) else { return }
        let subject = Subject(process: process.number, rollout: process.rollout, what: what)
        var times = sent[subject] ?? []
        times.append(world.time)
        let old = times.firstIndex { $0 > world.time - 60_000 } ?? 0
        times.removeFirst(old)
        sent[subject] = times
        let lately = times.count { $0 > world.time - 1_000 }
        world.tally.peak("\(Self.word(purpose)) in a second", lately)
        world.tally.peak("\(Self.word(purpose)) in a minute", times.count)
        guard lately > limit.second || times.count > limit.minute else { return }
        // Once for each excess, not for each request after it.
        sent[subject] = []
        world.violated(
            name,
            "\(what) was asked for \(lately) times in a second and \(times.count) times in a minute (allowed "
                + "\(limit.second) and \(limit.minute))")
    }

    /// What a request asks for and how often it may; nil for what is no try of anything.
    ///
    /// The waits after failures double from half a second to thirty, so that a page and a watch are tried some ten times
    /// within the worst minute; a server that says when it wants to be asked again is believed, and may say every second.
    private static func subject(
        of request: HTTPRequest, _ purpose: Wire.Purpose, _ kinds: [FaultKind]
    ) -> (String, Limit)? {
        let target = request.url.dropFirst(Wire.server.count)
        let path = target.prefix { $0 != "?" }
        switch purpose {
        // Again after a second, or at once with a new credential.
        case .deletePod(let pod, let uid): return ("the delete of \(pod), uid \(uid),", Limit(second: 2, minute: 62))
        case .patchDaemonSet: return ("the patch of the DaemonSet", Limit(second: 3, minute: 62))
        case .readLease: return ("a look at the Lease", Limit(second: 8, minute: 60))
        case .writeLease: return ("the write of the Lease", Limit(second: 15, minute: 80))
        case .list(let kind):
            let token = target.firstRange(of: "continue=").map { target[$0.upperBound...].prefix { $0 != "&" } }
            let isThrottled = kinds.contains(.throttled)
            // A list whose pages expire is begun anew at once, three times, and each of its requests may be tried again.
            let restarts = kinds.contains(.pagesExpire)
            let minute =
                token == nil ? (isThrottled ? 62 : restarts ? 40 : 25) : restarts ? 40 : isThrottled ? 12 : 10
            return (
                "a list of the \(kind)" + (token.map { ", page \($0)," } ?? ""),
                Limit(second: restarts ? 12 : 6, minute: minute)
            )
        case .watch(let kind):
            return ("a watch of the \(kind)", Limit(second: 10, minute: kinds.contains(.throttled) ? 62 : 25))
        // The revisions are asked for every second until the new one is there; twenty tries more are in the budget that
        // all reads share, and its successes earn some.
        case .read: return ("\(path)", Limit(second: 12, minute: 120))
        // Five tries, each again at once with a new credential.
        case .message(let key): return ("the message \(key)", Limit(second: 2, minute: 10))
        case .question, .change: return nil
        }
    }

    private static func word(_ purpose: Wire.Purpose) -> String {
        switch purpose {
        case .deletePod: "deletes of one pod"
        case .patchDaemonSet: "patches"
        case .readLease: "looks at the Lease"
        case .writeLease: "writes of the Lease"
        case .list: "lists of a page"
        case .watch: "watches of a kind"
        case .read: "reads of one object"
        case .message: "tries of a message"
        case .question, .change: "others"
        }
    }
}
