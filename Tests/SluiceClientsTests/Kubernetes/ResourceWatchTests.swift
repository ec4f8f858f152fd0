import SluiceClients
import SluiceCore
import Testing

@Suite("A watch lists, follows, and finds back")
struct ResourceWatchTests {
    /// A watch of nodes with the events it told, as words.
    private final class Story {
        let stage = Stage()
        private(set) var told: [String] = []
        private var watch: ResourceWatch<Node>?

        init() {
            watch = ResourceWatch.nodes(stage.client) { [weak self] in self?.note($0) }
            watch?.start()
        }

        private func note(_ event: WatchEvent<Node>) {
            switch event {
            case .listed(let nodes, let time):
                told.append("listed \(nodes.map(\.name).joined(separator: " "))" + (time == nil ? "" : " at a time"))
            case .changed(let node): told.append("changed \(node.name)")
            case .gone(let node): told.append("gone \(node.name)")
            case .lost: told.append("lost")
            case .regained: told.append("regained")
            case .refused(let error): told.append("refused \(error.code ?? 0)")
            }
        }

        /// What was told since the last look.
        func news() -> [String] {
            defer { told = [] }
            return told
        }

        /// Whether the first page of a list is asked for.
        var isListingAnew: Bool { stage.asked.hasPrefix("GET /api/v1/nodes?limit=") && !stage.asked.contains("&") }

        func relist() { watch?.relist() }
        func serverAnswered() { watch?.serverAnswered() }
        func stop() { watch?.stop() }

        /// Lists one node at version 10 and opens the stream.
        func opened() -> OrderID {
            stage.answer(200, list(["a"], version: 10))
            _ = news()
            return stage.open()
        }
    }

    private static let watchQuery = "watch=1&allowWatchBookmarks=true&timeoutSeconds=240"

    private static func node(_ name: String, version: Int = 1) -> String {
        #"{"kind":"Node","metadata":{"name":"\#(name)","uid":"u-\#(name)","resourceVersion":"\#(version)"}}"#
    }

    private static func list(_ names: [String], version: Int, token: String? = nil) -> String {
        let items = names.map { node($0) }.joined(separator: ",")
        let more = token.map { #","continue":"\#($0)""# } ?? ""
        return #"{"kind":"NodeList","metadata":{"resourceVersion":"\#(version)"\#(more)},"items":[\#(items)]}"#
    }

    private static func line(_ type: String, _ name: String, _ version: Int) -> String {
        #"{"type":"\#(type)","object":\#(node(name, version: version))}"# + "\n"
    }

    private static let expired =
        #"{"type":"ERROR","object":{"kind":"Status","status":"Failure","message":"too old","code":410}}"# + "\n"

    @Test("Pages become one list, and the watch goes on from its version")
    func pages() {
        let story = Story()
        #expect(story.stage.asked == "GET /api/v1/nodes?limit=50")
        story.stage.answer(
            200, Self.list(["a", "b"], version: 10, token: "t/1"), headers: [("date", "Mon, 23 Nov 2026 21:20:15 GMT")])
        #expect(story.news() == [])
        #expect(story.stage.asked == "GET /api/v1/nodes?limit=200&continue=t%2F1")
        story.stage.answer(200, Self.list(["c"], version: 10))
        #expect(story.news() == ["listed a b c at a time"])
        #expect(story.stage.asked == "GET /api/v1/nodes?\(Self.watchQuery)&resourceVersion=10")
        let request = story.stage.outside.requests.last
        #expect(request?.streams == true)
        #expect(request?.timeout == nil)
        #expect(request?.idleTimeout == 90_000)
    }

    @Test("Events arrive however the bytes are torn; a bookmark only moves the version")
    func tornLines() {
        let story = Story()
        let stream = story.opened()
        let text =
            Self.line("ADDED", "ü-b", 11) + Self.line("BOOKMARK", "x", 15) + Self.line("MODIFIED", "a", 16)
            + Self.line("DELETED", "a", 17)
        for byte in text.utf8 { _ = story.stage.client.receive(.bytes(stream, [byte])) }
        #expect(story.news() == ["changed ü-b", "changed a", "gone a"])
        story.stage.bytes(stream, String(Self.line("BOOKMARK", "x", 20).dropLast(3)))
        story.stage.end(stream)
        #expect(story.stage.asked.hasSuffix("&resourceVersion=17"), "a torn line must not count")
    }

    @Test("A stream that ends is opened again from the last version, without a list and without a word")
    func reconnects() {
        let story = Story()
        var stream = story.opened()
        for version in 11...13 {
            story.stage.bytes(stream, Self.line("BOOKMARK", "x", version))
            story.stage.pass(60_000)
            story.stage.end(stream, version == 13 ? .broken : nil)
            #expect(story.stage.asked == "GET /api/v1/nodes?\(Self.watchQuery)&resourceVersion=\(version)")
            stream = story.stage.open()
        }
        #expect(story.news() == [])
    }

    @Test("The loss is told when the stream cannot be opened again, and its end without a list")
    func lostAndRegained() {
        let story = Story()
        let stream = story.opened()
        story.stage.pass(60_000)
        story.stage.end(stream, .broken)
        #expect(story.news() == [])
        story.stage.breakOff(.connect)
        #expect(story.news() == ["lost"])
        #expect(story.stage.outside.requests.isEmpty)
        story.stage.passToWake()
        story.stage.breakOff(.connect)
        #expect(story.news() == [], "a loss is told once")
        story.stage.passToWake()
        #expect(story.stage.asked.hasSuffix("&resourceVersion=10"))
        _ = story.stage.open()
        #expect(story.news() == ["regained"])
    }

    @Test("Waits grow to thirty seconds and begin anew after two quiet minutes")
    func backoff() {
        let story = Story()
        let stream = story.opened()
        story.stage.pass(60_000)
        story.stage.end(stream, .broken)
        var waits: [Milliseconds] = []
        for _ in 0..<9 {
            story.stage.breakOff(.connect)
            waits.append((story.stage.client.nextWake ?? 0) - story.stage.outside.now.monotonic)
            story.stage.passToWake()
        }
        #expect(waits == [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
        let again = story.stage.open()
        story.stage.pass(120_000)
        story.stage.end(again, .broken)
        story.stage.breakOff(.connect)
        #expect(story.stage.client.nextWake == story.stage.outside.now.monotonic + 500)
    }

    @Test("Who waits for a lost server tries at once when it was seen elsewhere; a pause that it asked for stays")
    func serverSeen() {
        let story = Story()
        let stream = story.opened()
        story.stage.end(stream, .broken)
        story.stage.breakOff(.connect)
        let begun = story.stage.outside.now.monotonic
        #expect(story.stage.client.nextWake == begun + 500)
        story.serverAnswered()
        #expect(story.stage.client.nextWake == begun)
        story.stage.passToWake()
        story.stage.answer(429, "{}", headers: [("retry-after", "20")])
        story.serverAnswered()
        #expect(story.stage.client.nextWake == begun + 20_000)
    }

    @Test("410 lists again, as an ERROR line, as a status of the watch and on a page")
    func expiredVersions() {
        let story = Story()
        let stream = story.opened()
        story.stage.bytes(stream, Self.expired + Self.line("ADDED", "never", 99))
        #expect(story.stage.outside.cancelled == [stream])
        #expect(story.isListingAnew)
        story.stage.answer(200, Self.list(["a", "b"], version: 20))
        #expect(story.news() == ["listed a b"])
        story.stage.answer(410, #"{"kind":"Status","status":"Failure","code":410,"reason":"Expired"}"#)
        #expect(story.news() == ["lost"], "the second 410 in a row is waited out")
        story.stage.passToWake()
        #expect(story.isListingAnew)
        story.stage.answer(200, Self.list(["a"], version: 30, token: "t"))
        story.stage.answer(410, #"{"kind":"Status","status":"Failure","code":410,"reason":"Expired"}"#)
        story.stage.passToWake()
        #expect(story.isListingAnew, "an expired token starts the list anew")
        story.stage.answer(200, Self.list(["z"], version: 40))
        #expect(story.news() == ["lost", "listed z"], "another reason is told, too")
    }

    @Test("An ERROR line other than 410 is waited out and gone on from; three in a row list again")
    func errorLines() {
        let story = Story()
        var stream = story.opened()
        let error = #"{"type":"ERROR","object":{"kind":"Status","message":"etcd is gone","code":500}}"# + "\n"
        for attempt in 1...3 {
            story.stage.bytes(stream, error)
            story.stage.passToWake()
            if attempt < 3 {
                #expect(story.stage.asked.hasSuffix("&resourceVersion=10"))
                stream = story.stage.open()
            }
        }
        #expect(story.isListingAnew)
        #expect(story.news() == ["lost", "regained", "lost", "regained", "lost"])
    }

    @Test(
        "What cannot be understood leads to a new list",
        arguments: [
            "{\n", "not json\n", #"{"type":"ADDED","object":{}}"# + "\n", #"{"type":"NEW","object":{}}"# + "\n",
        ])
    func garbage(text: String) {
        let story = Story()
        let stream = story.opened()
        story.stage.bytes(stream, text)
        #expect(story.isListingAnew)
        #expect(story.stage.outside.cancelled == [stream])
    }

    @Test("A line without an end is given up at its limit")
    func endlessLine() {
        let story = Story()
        let stream = story.opened()
        let piece = [UInt8](repeating: UInt8(ascii: " "), count: 1 << 20)
        for _ in 0..<8 { _ = story.stage.client.receive(.bytes(stream, piece)) }
        #expect(story.stage.outside.cancelled.isEmpty)
        _ = story.stage.client.receive(.bytes(stream, piece))
        #expect(story.stage.outside.cancelled == [stream])
    }

    @Test("A server that does not end a watch counts as gone, one that does not begin it as lost")
    func silence() {
        let story = Story()
        let stream = story.opened()
        story.stage.pass(269_999)
        #expect(story.stage.outside.cancelled.isEmpty)
        story.stage.pass(1)
        #expect(story.stage.outside.cancelled == [stream])
        #expect(story.stage.asked.hasSuffix("&resourceVersion=10"))
        #expect(story.news() == [])
        story.stage.pass(15_000)
        #expect(story.news() == ["lost"], "the second one did not even begin to answer")
    }

    @Test("A watch that ends as soon as it begins is not asked for in a hot loop")
    func endsAtOnce() {
        let story = Story()
        let stream = story.opened()
        story.stage.end(stream)
        #expect(story.stage.outside.requests.isEmpty)
        #expect(story.stage.client.nextWake == story.stage.outside.now.monotonic + 500)
    }

    @Test("A missing right is told once, with its name, until it is granted")
    func forbidden() throws {
        let story = Story()
        let (status, headers, body) = try Recordings.answer("forbidden-watch")
        for _ in 0..<2 {
            story.stage.answer(status, body, headers: headers)
            story.stage.passToWake()
        }
        #expect(story.news() == ["refused 403"])
        story.stage.answer(200, Self.list([], version: 1))
        #expect(story.news() == ["listed "])
    }

    @Test("A server that asks for a pause gets it, up to a minute", arguments: [("20", 20_000), ("3600", 60_000)])
    func retryAfter(asked: String, waited: Milliseconds) {
        let story = Story()
        story.stage.answer(429, "later", headers: [("retry-after", asked)])
        #expect(story.stage.client.nextWake == story.stage.outside.now.monotonic + waited)
    }

    @Test("A collection that does not exist has nothing in it")
    func notFound() {
        let story = Story()
        story.stage.answer(404, #"{"kind":"Status","status":"Failure","code":404}"#)
        #expect(story.news() == ["listed "])
        story.stage.passToWake()
        #expect(story.isListingAnew)
    }

    @Test("Pages stay near four megabytes: light objects come by the hundred, heavy ones by the dozen")
    func pagesByWeight() {
        let story = Story()
        for (count, weight, limit) in [(50, 100, 200), (200, 100, 500), (500, 25_000, 167), (167, 25_000, 167)] {
            let names = (0..<count).map { "n\($0)" }
            let padding = String(repeating: " ", count: count * weight)
            story.stage.answer(200, Self.list(names, version: 10, token: "t") + padding)
            let asked = Int(story.stage.asked.split(separator: "=")[1].prefix { $0 != "&" }) ?? 0
            #expect((limit - 2...limit).contains(asked), "\(asked), not \(limit)")
        }
        story.stage.answer(200, Self.list(["a"], version: 10, token: "t") + String(repeating: " ", count: 9 << 20))
        #expect(story.stage.asked == "GET /api/v1/nodes?limit=1&continue=t", "never none")
    }

    @Test("A page that is too large is asked for again with fewer objects, the others are not")
    func hugePage() {
        let story = Story()
        story.stage.answer(200, Self.list(["a"], version: 10, token: "t"))
        story.stage.breakOff(.bodyTooLarge)
        #expect(story.stage.asked == "GET /api/v1/nodes?limit=100&continue=t")
        story.stage.answer(200, Self.list(["b"], version: 10))
        #expect(story.news() == ["listed a b"])
    }

    @Test("A page that fails is asked for again; after five failures the list begins anew")
    func failingPages() {
        let story = Story()
        story.stage.answer(200, Self.list(["a"], version: 10, token: "t"))
        for _ in 0..<2 {
            story.stage.answer(429, "Too many requests", headers: [("retry-after", "1")])
            #expect(story.stage.client.nextWake == story.stage.outside.now.monotonic + 1_000, "waits do not grow")
            story.stage.passToWake()
            #expect(story.stage.asked == "GET /api/v1/nodes?limit=200&continue=t")
        }
        story.stage.breakOff()
        #expect(story.news() == ["lost", "lost"], "another reason is told, too")
        story.stage.passToWake()
        story.stage.answer(200, Self.list(["b"], version: 10, token: "u"))
        for _ in 0..<5 {
            #expect(story.stage.asked.hasSuffix("continue=u"))
            story.stage.answer(503, "")
            story.stage.passToWake()
        }
        #expect(story.isListingAnew)
        story.stage.answer(200, Self.list(["c"], version: 20))
        #expect(story.news() == ["lost", "listed c"])
    }

    @Test("A new list on demand replaces the stream; a stopped watch asks for nothing")
    func relistAndStop() {
        let story = Story()
        let stream = story.opened()
        story.relist()
        #expect(story.stage.outside.cancelled == [stream])
        #expect(story.isListingAnew)
        story.relist()
        #expect(story.stage.outside.cancelled.count == 2, "a list that began before is not fresh")
        story.stop()
        #expect(story.stage.outside.requests.isEmpty)
        #expect(story.stage.client.nextWake == nil)
    }
}
