import Foundation
import SluiceCore
import Testing

@testable import SluiceClients

@Suite struct SystemOutsideCommandTests {
    let outside: SystemOutside

    init() throws { outside = try SystemOutside() }

    private func shell(_ script: String, timeout: Milliseconds = 60_000) -> Command {
        Command(program: "sh", arguments: ["-c", script], timeout: timeout)
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test func whatAProgramLeavesBehind() throws {
        let output = try outside.run(shell("echo out; echo err >&2; cat; exit 3")).get()
        #expect(output.status == 3)
        #expect(text(output.output) == "out\n")
        #expect(text(output.diagnostics) == "err\n")
        #expect(try outside.run(shell("kill -9 $$")).get().status == 137)
    }

    @Test func environmentAndFolder() throws {
        let command = Command(
            program: "/bin/sh", arguments: ["-c", "echo $A $HOME; pwd"],
            environment: [("A", "first"), ("A", "second"), ("HOME", "/x")], folder: "/usr")
        #expect(text(try outside.run(command).get().output) == "second /x\n/usr\n")
    }

    @Test func onlyThreeDescriptorsAreInherited() throws {
        let server = try LoopbackServer { peer in while peer.request() != nil { peer.answer("ok") } }
        _ = try outside.fetch(HTTPRequest(method: .get, url: server.url))
        // The fourth is the folder that ls itself reads.
        let output = try outside.run(Command(program: "ls", arguments: ["/proc/self/fd"])).get()
        #expect(text(output.output) == "0\n1\n2\n3\n")
    }

    @Test func ourSignalSettingsAreNotInherited() throws {
        let script = "grep -E 'Sig(Ign|Blk)' /proc/self/status | cut -f 2"
        let lines = text(try outside.run(shell(script)).get().output).split(separator: "\n")
        #expect(lines.count == 2)
        for line in lines {
            // Without the real-time signals, of which the C library keeps two for itself.
            let classic = try #require(UInt64(line, radix: 16)) & 0x7FFF_FFFF
            #expect(classic == 0)
        }
    }

    @Test func missingPrograms() throws {
        for program in ["no-such-program-here", "/no/such/program"] {
            guard case .failure(let error) = try outside.run(Command(program: program)) else {
                Issue.record("it ran")
                continue
            }
            #expect(error.kind == .commandNotFound)
            #expect(error.message.contains(program))
        }
    }

    @Test(arguments: [
        Command(program: "/"), Command(program: ""), Command(program: "sh", folder: "/no/such/folder"),
        Command(program: "sh", arguments: ["\0"]),
    ])
    func whatCannotBeRun(command: Command) throws {
        guard case .failure(let error) = try outside.run(command) else {
            Issue.record("it ran")
            return
        }
        #expect(error.kind == .command)
    }

    @Test func outputIsBounded() throws {
        let output = try outside.run(shell("head -c 1048576 /dev/zero; head -c 100000 /dev/zero >&2")).get()
        #expect(output.status == 0)
        #expect(output.output.count == 1 << 20)
        #expect(output.diagnostics.count == 64 << 10)
    }

    @Test(.timeLimit(.minutes(1)), arguments: ["head -c 1048577 /dev/zero", "exec yes", "yes & exec sleep 300"])
    func whatIsPrintedWithoutEndEndsTheProgram(script: String) throws {
        guard case .failure(let error) = try outside.run(shell(script)) else {
            Issue.record("it was not stopped")
            return
        }
        #expect(error == TransportError(.bodyTooLarge, "'sh' printed more than 1 MiB and was stopped"))
    }

    @Test func diagnosticsAreRepeatedAsTheyCome() throws {
        let ends = try Descriptor.pipe().get()
        defer {
            close(ends.reading)
            close(ends.writing)
        }
        outside.diagnosticsCopy = ends.writing
        let id = outside.start(.command(shell("echo 'log in' >&2; exec sleep 300")))
        // The program goes on; what it said is there.
        var said: [UInt8] = []
        while said.isEmpty {
            #expect(outside.poll(until: outside.now.monotonic + 20).isEmpty)
            if case .bytes(let bytes) = Descriptor.read(ends.reading, atMost: 64) { said = bytes }
        }
        #expect(text(said) == "log in\n")
        outside.cancel(id)
    }

    @Test func whatALateProgramSaidIsTold() throws {
        let script = "printf '\\033[1mopen the\\nbrowser\\033[0m' >&2; exec sleep 300"
        guard case .failure(let error) = try outside.run(shell(script, timeout: 300)) else {
            Issue.record("it was not killed")
            return
        }
        #expect(error.kind == .timeout)
        #expect(
            error.message.hasSuffix("ran for longer than 300 ms and was killed; it says: open the browser"), "\(error)")
    }

    @Test func aLateProgramIsKilled() throws {
        guard case .failure(let error) = try outside.run(shell("sleep 300", timeout: 100)) else {
            Issue.record("it was not killed")
            return
        }
        #expect(error == TransportError(.timeout, "'sh' ran for longer than 100 ms and was killed"))
    }

    @Test(.timeLimit(.minutes(1))) func cancellingKillsGrandchildren() throws {
        let fifo = FileManager.default.temporaryDirectory.appendingPathComponent("sluice-\(UUID().uuidString)").path
        try #require(mkfifo(fifo, 0o600) == 0)
        defer { unlink(fifo) }
        let id = outside.start(.command(shell("(echo x; exec sleep 300) > '\(fifo)' & wait")))
        // Opening waits until the grandchild has opened the other end; its death is the end of the file.
        let descriptor = open(fifo, O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 16)
        #expect(read(descriptor, &bytes, bytes.count) == 2)
        outside.cancel(id)
        #expect(read(descriptor, &bytes, bytes.count) == 0)
        #expect(outside.poll(until: outside.now.monotonic + 20).isEmpty)
    }

    @Test func aGrandchildThatHoldsThePipesIsNotWaitedFor() throws {
        let output = try outside.run(shell("sleep 300 & echo $!")).get()
        #expect(output.status == 0)
        let sleeper = try #require(pid_t(text(output.output).dropLast()))
        #expect(kill(sleeper, SIGKILL) == 0)
    }
}
