import SluiceCore
import SluiceSimulator
import Testing

@testable import SluiceStore

/// The store on a disk that fails, and two stores on one disk.
struct DiskFaultTests {
    let disk = SimulatedDisk()

    private func problem(_ action: () throws(StoreError) -> Void) -> StoreError? {
        do {
            try action()
            return nil
        } catch {
            return error
        }
    }

    @Test("A full disk holds the driver, and a later commit goes through")
    func full() throws {
        let store = try disk.open()
        var work = Workload()
        for _ in 0..<3 { try work.step(store) }
        disk.isFull = true
        for _ in 0..<3 {
            let error = problem { () throws(StoreError) in try work.step(store, padding: 20_000) }
            #expect(error == .full(path: SimulatedDisk.path))
            #expect(try Workload.turn(store) == work.returned)
        }
        disk.heal()
        try work.step(store, padding: 20_000)
        disk.cutPower { 0 }
        #expect(try Workload.turn(disk.open()) == work.returned)
    }

    @Test(
        "A commit during which the disk fails is undone and transient, and the next one goes through",
        arguments: [SimulatedDisk.Operation.write, .sync, .read], SimulatedDisk.Failure.allCases)
    func failures(_ operation: SimulatedDisk.Operation, _ failure: SimulatedDisk.Failure) throws {
        for isWarm in [false, true] {
            var count: UInt64 = 0
            var failed = 0
            while true {
                let disk = SimulatedDisk()
                var work = Workload()
                var store = try disk.open()
                for _ in 0..<3 { try work.step(store) }
                if !isWarm {
                    disk.kill()
                    store = try disk.open()
                }
                disk.fail(operation, with: failure, after: count)
                let error = problem { () throws(StoreError) in try work.step(store) }
                guard let error else { break }
                #expect(error.isTransient, "\(error)")
                #expect(try Workload.turn(store) == work.returned)
                try work.step(store)
                disk.cutPower { 0 }
                #expect(try Workload.turn(disk.open()) == work.returned)
                count += 1
                failed += 1
            }
            #expect(failed > 0 || operation == .read)
        }
    }

    @Test("Opening on a failing disk is an error, and works afterwards", arguments: SimulatedDisk.Operation.allCases)
    func opening(_ operation: SimulatedDisk.Operation) throws {
        var count: UInt64 = 0
        while true {
            let disk = SimulatedDisk()
            disk.fail(operation, with: .inputOutput, after: count)
            let error = problem { () throws(StoreError) in _ = try disk.open() }
            disk.heal()
            #expect(try Workload.turn(disk.open()) == nil)
            guard let error else { break }
            if operation != .open { #expect(error.isTransient, "\(error)") }
            count += 1
        }
        #expect(count > 0 || operation == .truncate || operation == .delete)
    }

    @Test("Two stores of one database exclude each other and see each other's commits")
    func sharing() throws {
        let first = try disk.open()
        let second = try disk.open()
        var work = Workload()
        for _ in 0..<3 { try work.step(first) }
        #expect(try Workload.turn(second) == 2)
        let version = try second.dataVersion()
        try work.step(first)
        #expect(try second.dataVersion() != version)
        try first.writing { _ in
            let error = problem { () throws(StoreError) in
                _ = try second.ask(.pause(reason: ""), of: Workload.id, by: "me", at: Timestamp(0))
            }
            let turn = try Workload.turn(second)
            #expect(error == .busy(path: SimulatedDisk.path))
            #expect(turn == 3)
        }
        _ = try second.ask(.pause(reason: ""), of: Workload.id, by: "me", at: Timestamp(0))
        #expect(try first.pendingRequests(of: Workload.id).count == 1)
        try second.close()
        try work.step(first)
        #expect(try Workload.turn(first) == 4)
    }

    @Test("A store from before the crash can neither read nor write nor harm by closing")
    func deadStore() throws {
        var dead = try disk.open()
        var work = Workload()
        for _ in 0..<3 { try work.step(dead) }
        disk.kill()
        let heir = try disk.open()
        #expect(try Workload.turn(heir) == 2)
        let before = [disk.contents(of: SimulatedDisk.path), disk.contents(of: SimulatedDisk.path + "-wal")]
        for _ in 0..<2 {
            var lost = work
            let error = problem { () throws(StoreError) in try lost.step(dead) }
            #expect(error?.isTransient == true)
        }
        #expect(throws: (any Error).self) { try Workload.turn(dead) }
        dead = heir
        #expect(before == [disk.contents(of: SimulatedDisk.path), disk.contents(of: SimulatedDisk.path + "-wal")])
        try work.step(heir)
        #expect(try Workload.turn(disk.open()) == 3)
    }

    @Test("Without a database a reader finds none, and two disks hold two")
    func absent() throws {
        #expect(try disk.openReadOnly() == nil)
        let other = SimulatedDisk()
        let stores = [try disk.open(), try other.open()]
        var work = Workload()
        try work.step(stores[0])
        #expect(try Workload.turn(stores[0]) == 0)
        #expect(try Workload.turn(stores[1]) == nil)
    }

    @Test("A copy has the files, and neither the changes nor the crashes of the other")
    func copied() throws {
        let store = try disk.open()
        var work = Workload()
        for _ in 0..<3 { try work.step(store) }
        let copy = SimulatedDisk(copying: disk)
        try work.step(store)
        disk.kill()
        copy.cutPower { 0 }
        #expect(try Workload.turn(copy.open()) == 2)
        #expect(try Workload.turn(disk.open()) == 3)
    }

    @Test("The same calls give the same operations and the same database")
    func deterministic() throws {
        func bytes() throws -> [[UInt8]?] {
            let disk = SimulatedDisk()
            var random = SplitMix(seed: 5)
            var work = Workload()
            for _ in 0..<5 {
                let store = try disk.open()
                try work.resume(store)
                for _ in 0..<4 { try work.step(store) }
                disk.cutPower { random.next() }
            }
            try disk.open().close()
            #expect(disk.syncs > 20)
            return [disk.contents(of: SimulatedDisk.path), Array("\(disk.operations) \(disk.bytesWritten)".utf8)]
        }
        #expect(try bytes() == bytes())
    }
}
