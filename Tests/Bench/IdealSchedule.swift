import Foundation
import SluiceCluster
import SluiceCore
import SluiceDocuments

/// The best schedule in the plan's order, in seconds: as soon as a node is available again, the next delete of the plan's
/// order leaves, without any delay of network, process or disk. Batches and waves follow each other; soaks count nothing.
///
/// - Parameters:
///   - file: what `sluice plan -o json` printed.
///   - options: the cluster's, whose delays are replayed.
///   - budget: the most nodes without an available pod at once.
func idealSeconds(_ file: URL, _ options: ClusterOptions, budget: Int) throws -> Double {
    let json = try JSONReader.read(Array(try Data(contentsOf: file)))
    var end: Milliseconds = 0
    for wave in json["waves"]?.array ?? [] {
        for batch in wave["batches"]?.array ?? [] {
            var slots = Array(repeating: end, count: max(1, budget))
            for node in (batch.array ?? []).compactMap(\.string) {
                let free = slots.indices.min { slots[$0] < slots[$1] } ?? 0
                slots[free] += options.replacementTime(node: node, attempt: 0)
            }
            end = slots.max() ?? end
        }
    }
    guard end > 0 else { throw BenchFailure(description: "\(file.path) has no waves") }
    return Double(end) / 1_000
}

/// `ideal PLAN.json NODES SEED BUDGET`: what ``idealSeconds(_:_:budget:)`` says of a cluster with default delays.
func runIdealSchedule(_ arguments: [String]) throws {
    guard arguments.count == 4, let nodes = Int(arguments[1]), let seed = UInt64(arguments[2]),
        let budget = Int(arguments[3])
    else { throw BenchFailure(description: "ideal takes PLAN.json NODES SEED BUDGET") }
    let options = ClusterOptions(nodes: nodes, seed: seed)
    print("\(rounded(try idealSeconds(URL(filePath: arguments[0]), options, budget: budget), 3)) s")
}
