import CLibFuzzer
import Foundation

// SluiceFuzz targets                 names the targets
// SluiceFuzz seed TARGET FOLDER      writes the target's first inputs, made from the recordings and the plans
// SluiceFuzz fuzz TARGET ARGUMENT... runs libFuzzer with its own arguments

/// The target of this process. Written once, before libFuzzer calls back on the same thread.
nonisolated(unsafe) var chosen = FuzzTarget.plan

func stop(_ message: String) -> Never {
    FileHandle.standardError.write(Data((message + "\n").utf8))
    exit(64)
}

let words = CommandLine.arguments
switch words.dropFirst().first {
case "targets": print(FuzzTarget.allCases.map(\.rawValue).joined(separator: "\n"))
case "seed" where words.count == 4:
    guard let target = FuzzTarget(rawValue: words[2]) else { stop("there is no target \(words[2])") }
    print(try Seeds.write(target, to: URL(filePath: words[3])))
case "fuzz" where words.count >= 3:
    guard let target = FuzzTarget(rawValue: words[2]) else { stop("there is no target \(words[2])") }
    chosen = target
    var arguments = ([words[0]] + words[3...]).map { strdup($0) } + [nil]
    var count = Int32(arguments.count - 1)
    arguments.withUnsafeMutableBufferPointer { buffer in
        var pointer = buffer.baseAddress
        let code = LLVMFuzzerRunDriver(&count, &pointer) { data, size in
            chosen.run(Array(UnsafeBufferPointer(start: data, count: size)))
            return 0
        }
        exit(code)
    }
default: stop("usage: SluiceFuzz targets | seed TARGET FOLDER | fuzz TARGET [libFuzzer's arguments]")
}
