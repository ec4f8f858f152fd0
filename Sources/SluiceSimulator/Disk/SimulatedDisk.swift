import Foundation

final class SimulatedDisk {
    let path: String
    init() {
        path = "/dev/shm/sluicesim/\(UUID().uuidString)/state.db"
    }
    func mount() {}
    func kill() {}
    func cutPower(random: () -> UInt64) {}
    var isFull = false
    func failNext(_ n: Int) {}
    func heal() {}
}
