import Foundation
import SluiceSimulator

/// Any number of seeds over worker processes, with tallies on disk so that it goes on where it stopped.
final class Campaign: @unchecked Sendable {
    // Every member below is touched only while `lock` is held, or before the threads start.
    private let lock = NSLock()
    private var progress: Progress
    private var next: UInt64
    private let end: UInt64
    private let stateFile: String?
    private let workers: Int
    private let startedAt = Date()
    private let seedsBefore: Int
    private var shownAt = Date()

    /// What is known so far, as the state file keeps it.
    struct Progress: Codable {
        var first: UInt64
        /// Seeds below this one are done; later ones may be.
        var done: UInt64
        var finishedAhead: [UInt64] = []
        var tally = Tally()
        var failures: [FailedSeed] = []
        var seconds: Double = 0
    }

    /// Seeds that one worker process carries out before it is replaced.
    private static let chunk: UInt64 = 100

    init(first: UInt64, count: UInt64, stateFile: String?, workers: Int) {
        var progress = Progress(first: first, done: first)
        if let stateFile, let data = FileManager.default.contents(atPath: stateFile),
            let stored = Self.read(data), stored.first == first
        {
            progress = stored
        }
        self.progress = progress
        next = progress.done
        end = first + count
        self.stateFile = stateFile
        self.workers = workers
        seedsBefore = progress.tally.seeds
    }

    private static func read(_ data: Data) -> Progress? {
        do {
            return try JSONDecoder().decode(Progress.self, from: data)
        } catch {
            FileHandle.standardError.write(Data("the state file cannot be read and is begun anew: \(error)\n".utf8))
            return nil
        }
    }

    /// Runs everything; the exit code: 0, or 1 when a rule was broken or a floor was missed.
    func run() -> Int32 {
        let group = DispatchGroup()
        for _ in 0..<workers {
            group.enter()
            Thread.detachNewThread { [self] in
                while let chunk = take() { carryOut(chunk) }
                group.leave()
            }
        }
        group.wait()
        return Summary(progress.tally, failures: progress.failures, seconds: progress.seconds).show()
    }

    private func take() -> Range<UInt64>? {
        lock.withLock {
            while progress.finishedAhead.contains(next) { next += min(Self.chunk, end - next) }
            guard next < end else { return nil }
            let chunk = next..<min(next + Self.chunk, end)
            next = chunk.upperBound
            return chunk
        }
    }

    private func carryOut(_ chunk: Range<UInt64>) {
        var rest = chunk
        while !rest.isEmpty {
            let report = WorkerProcess.run(rest)
            lock.withLock {
                progress.tally.add(report.tally)
                progress.failures += report.failures
                for failure in report.failures { print(failure.text) }
            }
            guard let trapped = report.trappedAt else { break }
            rest = (trapped + 1)..<chunk.upperBound
        }
        finished(chunk)
    }

    private func finished(_ chunk: Range<UInt64>) {
        lock.withLock {
            progress.finishedAhead.append(chunk.lowerBound)
            while let index = progress.finishedAhead.firstIndex(of: progress.done) {
                progress.finishedAhead.remove(at: index)
                progress.done = min(progress.done + Self.chunk, end)
            }
            progress.seconds += Date().timeIntervalSince(shownAt)
            shownAt = Date()
            save()
            show()
        }
    }

    private func save() {
        guard let stateFile else { return }
        do {
            try JSONEncoder().encode(progress).write(to: URL(filePath: stateFile), options: .atomic)
        } catch {
            FileHandle.standardError.write(Data("the state cannot be kept in \(stateFile): \(error)\n".utf8))
        }
    }

    private func show() {
        let elapsed = Date().timeIntervalSince(startedAt)
        let done = progress.tally.seeds
        let rate = Double(done - seedsBefore) / max(elapsed, 0.001)
        let left = Double(end - progress.first) - Double(done)
        let line = String(
            format: "%d of %d seeds, %.0f a second, %.0f s left, %d violated", done, Int(end - progress.first), rate,
            left / max(rate, 0.001), progress.failures.count)
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }
}

/// A worker as its parent sees it.
enum WorkerProcess {
    struct Report {
        var tally = Tally()
        var failures: [FailedSeed] = []
        /// The seed at which the process ended before its time; nil when it did not.
        var trappedAt: UInt64?
    }

    /// A worker makes a thread for each driver, of which one runs at a time. An arena for each, and memory given back
    /// after each seed, cost more than they save (see mallopt(3)).
    private static let oneArena = [
        "MALLOC_ARENA_MAX": "1", "MALLOC_TRIM_THRESHOLD_": "1000000000", "MALLOC_TOP_PAD_": "67108864",
    ]

    static func run(_ seeds: Range<UInt64>) -> Report {
        let process = Process()
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["worker", String(seeds.lowerBound), String(seeds.count)]
        process.environment = ProcessInfo.processInfo.environment.merging(oneArena) { $1 }
        let pipe = Pipe()
        process.standardOutput = pipe
        var report = Report()
        var current = seeds.lowerBound
        do {
            try process.run()
        } catch {
            FileHandle.standardError.write(Data("no worker could be started: \(error)\n".utf8))
            exit(1)
        }
        var hasEnded = false
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        for line in String(decoding: output, as: UTF8.self).split(separator: "\n") {
            switch Worker.Line(String(line)) {
            case .seed(let seed): current = seed
            case .failed(let failed): report.failures.append(failed)
            case .tally(let tally):
                report.tally = tally
                hasEnded = true
            case nil: break
            }
        }
        process.waitUntilExit()
        guard !hasEnded else { return report }
        report.trappedAt = current
        report.failures.append(
            FailedSeed(
                seed: current, ending: "the process ended with status \(process.terminationStatus)",
                violations: [Violation(judge: "trap", time: 0, message: "the process did not survive this seed")]))
        return report
    }
}
