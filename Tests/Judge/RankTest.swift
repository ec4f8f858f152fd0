import Foundation

/// What plans are judged beside: the rank sum test of Mann and Whitney as canary analysis by Kayenta uses it, on the pooled
/// samples of the canary and of all others, at a confidence of 98 %.
struct RankTest {
    private let z: Double

    init(_ few: [Double], against others: [Double]) {
        let all = (few.map { ($0, true) } + others.map { ($0, false) }).sorted { $0.0 < $1.0 }
        var rankSum = 0.0
        var index = 0
        while index < all.count {
            var end = index
            while end < all.count, all[end].0 == all[index].0 { end += 1 }
            let rank = Double(index + 1 + end) / 2
            for place in index..<end where all[place].1 { rankSum += rank }
            index = end
        }
        let (m, n) = (Double(few.count), Double(others.count))
        let mean = m * (m + n + 1) / 2
        let deviation = (m * n * (m + n + 1) / 12).squareRoot()
        z = deviation > 0 ? (rankSum - mean) / deviation : 0
    }

    /// Whether the canary is another one, in a direction that is bad.
    func objects(toLower lower: Bool, toHigher higher: Bool) -> Bool {
        let limit = 2.326
        return lower && z < -limit || higher && z > limit
    }
}

/// Kubernetes' own RollingUpdate on the same fleet: how many nodes get the bad version before nothing moves any more.
enum RollingUpdate {
    /// What never becomes available holds one of the places of maxUnavailable for ever.
    private static let blocking = ["never-ready", "crash-loop", "image-pull-backoff", "create-error"]

    /// - Parameters:
    ///   - bad: for each node in the order of the update, whether the version is bad there.
    ///   - behaviour: what its pods do.
    static func reached(_ bad: [Bool], behaviour: String) -> Int {
        guard blocking.contains(where: behaviour.hasPrefix) else { return bad.count { $0 } }
        let most = max(1, bad.count / 10)
        var stuck = 0
        for isBad in bad where isBad {
            stuck += 1
            if stuck == most { break }
        }
        return stuck
    }
}
