import SluiceClients
import SluiceCore
import SluiceDocuments
import Testing

@Suite("Nodes and pods are read straight from the bytes")
struct ObjectScannerTests {
    private let interner = StringInterner()

    /// Every JSON text in the recordings that is a node, a pod, a list of them or a line of a watch of them.
    private static func texts() throws -> [(kind: String, json: JSONValue, text: String)] {
        var result: [(kind: String, json: JSONValue, text: String)] = []
        for name in try Recordings.names() where name != "INDEX" {
            guard let body = try Recordings.body(name) else { continue }
            let isStream = try Recordings.json(name).at("response", "line_seconds") != nil
            for text in isStream ? body.split(separator: "\n").map(String.init) : [body] {
                guard let json = try? JSONReader.read(text) else { continue }
                let kind = json["kind"]?.string ?? json.at("object", "kind")?.string ?? ""
                result.append((isStream ? "\(kind)Line" : kind, json, text))
            }
        }
        return result
    }

    @Test("Every recorded node and pod is read as a plain decoder reads it")
    func agreesWithReference() throws {
        var objects = 0
        for (kind, json, text) in try Self.texts() {
            let bytes = Array(text.utf8)
            switch kind {
            case "Pod": #expect(try Pod.decode(bytes, interner: interner) == Pod(json: json))
            case "Node": #expect(try Node.decode(bytes, interner: interner) == Node(json: json))
            case "PodList":
                let page = try Pod.decodePage(bytes, interner: interner)
                #expect(page.items == (json["items"]?.array ?? []).compactMap(Pod.init(json:)))
                expectMetadata(page, json)
            case "NodeList":
                let page = try Node.decodePage(bytes, interner: interner)
                #expect(page.items == (json["items"]?.array ?? []).compactMap(Node.init(json:)))
                expectMetadata(page, json)
            case "PodLine": try expectLine(bytes, json)
            default: continue
            }
            objects += 1
        }
        #expect(objects >= 60, "only \(objects) texts of nodes and pods were found in the recordings")
    }

    @Test("The pressures of a node are those conditions that are True")
    func pressures() throws {
        let text = try #require(try Recordings.body("node-get")).replacing(
            #""type":"DiskPressure","status":"False""#, with: #""type":"DiskPressure","status":"True""#)
        let node = try Node.decode(Array(text.utf8), interner: interner)
        #expect(node.pressures.map(\.kind) == [.disk])
        #expect(node.pressures.first?.since != nil)
        #expect(Node(json: try JSONReader.read(text)) == node)
        #expect(Node(json: node.json) == node)
    }

    private func expectMetadata<Object>(_ page: ObjectPage<Object>, _ json: JSONValue) {
        #expect(page.resourceVersion == json.at("metadata", "resourceVersion")?.string)
        #expect(page.continueToken == json.at("metadata", "continue")?.string)
        #expect(page.remainingItemCount == json.at("metadata", "remainingItemCount")?.integer)
    }

    private func expectLine(_ bytes: [UInt8], _ json: JSONValue) throws {
        let object = json["object"] ?? .null
        let version = object.at("metadata", "resourceVersion")?.string
        switch try Pod.decodeLine(bytes, interner: interner) {
        case .changed(let pod, let found):
            #expect(["ADDED", "MODIFIED"].contains(json["type"]?.string))
            #expect(pod == Pod(json: object))
            #expect(found == version)
        case .gone(let pod, let found):
            #expect(json["type"] == "DELETED")
            #expect(pod == Pod(json: object))
            #expect(found == version)
        case .bookmark(let found):
            #expect(json["type"] == "BOOKMARK")
            #expect(found == version)
        case .failed: Issue.record("an event was read as a failure: \(json["type"] ?? .null)")
        }
    }

    @Test("A pod that is cut off anywhere is an error", arguments: ["pod-crash-loop", "pod-unschedulable"])
    func truncatedPod(name: String) throws {
        let bytes = Array(try #require(try Recordings.body(name)).utf8)
        let end = try #require(bytes.lastIndex(of: UInt8(ascii: "}")))
        for count in 0...end {
            // The place is within the text, also where the cut is behind a backslash.
            #expect {
                try Pod.decode(Array(bytes.prefix(count)), interner: interner)
            } throws: {
                ($0 as? ScanError).map { $0.offset <= count } ?? false
            }
        }
        #expect(throws: ScanError.self) { try Pod.decode(bytes + Array("{".utf8), interner: interner) }
    }

    @Test("A list and a line that are cut off anywhere are errors")
    func truncatedListAndLine() throws {
        let pod = try #require(try Recordings.body("pod-normal"))
        let node = try #require(try Recordings.body("node-get"))
        let list = Array(#"{"kind":"NodeList","items":[\#(node)],"metadata":{"resourceVersion":"7"}}"#.utf8)
        for count in 0..<list.count {
            #expect(throws: ScanError.self) { try Node.decodePage(Array(list.prefix(count)), interner: interner) }
        }
        let line = Array(#"{"object":\#(pod),"type":"MODIFIED"}"#.utf8)
        for count in 0..<line.count {
            #expect(throws: ScanError.self) { try Pod.decodeLine(Array(line.prefix(count)), interner: interner) }
        }
        #expect(throws: Never.self) { try Pod.decodeLine(line, interner: interner) }
    }

    @Test("Any one byte replaced never crashes, and what is read is read alike or refused")
    func damagedPod() throws {
        let bytes = Array(try #require(try Recordings.body("pod-oom-killed")).utf8)
        for index in bytes.indices {
            for damage in [UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "}"), 0, 0xFF] {
                var damaged = bytes
                damaged[index] = damage
                _ = try? Pod.decode(damaged, interner: interner)
            }
        }
    }

    @Test(
        "Escapes and characters beyond ASCII arrive as they are meant",
        arguments: [
            (#"a\"b\\c\/d"#, "a\"b\\c/d"), (#"\b\f\n\r\t"#, "\u{8}\u{C}\n\r\t"), (#"\u00fc\u65e5"#, "ü日"),
            (#"\ud83d\ude00!"#, "😀!"), (#"\ud83dx"#, "\u{FFFD}x"), (#"\ude00"#, "\u{FFFD}"), ("ü日😀", "ü日😀"),
        ])
    func escapes(raw: String, meant: String) throws {
        let text = #"{"metadata":{"name":"n","uid":"u","labels":{"\#(raw)":"\#(raw)"}}}"#
        let node = try Node.decode(Array(text.utf8), interner: interner)
        #expect(node.labels == [meant: meant])
        #expect(try JSONReader.read(text).at("metadata", "labels")?.strings == node.labels)
    }

    @Test(
        "What is no object, or no object of this kind, is an error",
        arguments: [
            "", "null", "[]", "{}", #"{"metadata":{"name":"n"}}"#, #"{"metadata":{"name":1,"uid":"u"}}"#,
            #"{"metadata":{"name":"n","uid":"u","labels":[]}}"#,
            #"{"metadata":{"name":"n","uid":"u"},"spec":{"taints":{}}}"#,
            #"{"metadata":{"name":"n\q","uid":"u"}}"#, #"{"metadata":{"name":"n\u12","uid":"u"}}"#,
            #"{"metadata":{"name":"n","uid":"u"}} x"#, "{\"metadata\":{\"name\":\"n\nm\",\"uid\":\"u\"}}",
        ])
    func refused(text: String) {
        #expect(throws: ScanError.self) { try Node.decode(Array(text.utf8), interner: interner) }
    }

    @Test("Twenty thousand open brackets in a skipped field are an error, not a crash")
    func deepNesting() {
        let text = #"{"metadata":{"managedFields":"# + String(repeating: "[", count: 20_000)
        #expect(throws: ScanError.self) { try Node.decode(Array(text.utf8), interner: interner) }
    }

    @Test("Every recorded DaemonSet and revision is read, alone, listed and streamed")
    func daemonSetsAndRevisions() throws {
        var objects = 0
        for (kind, json, text) in try Self.texts() {
            let bytes = Array(text.utf8)
            switch kind {
            case "DaemonSet": #expect(try DaemonSet.decode(bytes, interner: interner) == DaemonSet(json: json))
            case "DaemonSetList":
                let page = try DaemonSet.decodePage(bytes, interner: interner)
                #expect(page.items == (json["items"]?.array ?? []).compactMap(DaemonSet.init(json:)))
            case "ControllerRevisionList":
                let page = try ControllerRevision.decodePage(bytes, interner: interner)
                #expect(page.items.count == json["items"]?.array?.count)
            case "DaemonSetLine":
                guard case .changed = try DaemonSet.decodeLine(bytes, interner: interner) else {
                    Issue.record("not a change: \(text.prefix(60))")
                    continue
                }
            case "StatusLine":
                guard case .failed(let status) = try DaemonSet.decodeLine(bytes, interner: interner),
                    case .failed(let same) = try Pod.decodeLine(bytes, interner: interner)
                else {
                    Issue.record("not a failure: \(text.prefix(60))")
                    continue
                }
                #expect(status.code == 410)
                #expect(status == same)
            default: continue
            }
            objects += 1
        }
        #expect(objects >= 15, "only \(objects) were found")
    }
}
