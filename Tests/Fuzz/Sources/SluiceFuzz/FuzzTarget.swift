import Foundation
import SluiceCore
import SluiceDocuments

@testable import SluiceClients

/// What is fed with bytes. A target passes when it neither traps nor says that two readers disagree.
enum FuzzTarget: String, CaseIterable {
    /// A plan file: YAML to a document to a plan or its problems.
    case plan
    /// A kubeconfig, with every file that it names.
    case kubeconfig
    /// A watch, in pieces and uncut.
    case watch
    /// Nodes and pods by the scanner and by a plain decoder.
    case list
    /// JSON by our reader and by Foundation's.
    case json
    /// What a credential plugin prints.
    case credential
    /// Status, headers and body of an answer, as each client reads them.
    case http
    /// What a pod says of itself at /metrics, in both formats.
    case exposition

    /// Tries one input.
    func run(_ bytes: [UInt8]) {
        switch self {
        case .plan: Self.plan(bytes)
        case .kubeconfig: Self.kubeconfig(bytes)
        case .watch: WatchTarget.run(bytes)
        case .list: ListTarget.run(bytes)
        case .json: JSONTarget.run(bytes)
        case .credential: Self.credential(bytes)
        case .http: HTTPTarget.run(bytes)
        case .exposition: ExpositionTarget.run(bytes)
        }
    }

    private static func plan(_ bytes: [UInt8]) {
        do throws(DocumentError) {
            switch PlanReader.read(try YAMLReader.read(bytes)) {
            case .success(let plan): demand(!plan.waves.isEmpty, "a plan without waves")
            case .failure(let problems): demand(!"\(problems)".isEmpty, "a refusal without words")
            }
        } catch {
            demand(!error.message.isEmpty && error.position.line > 0, "a refusal without words or place")
        }
    }

    private static func kubeconfig(_ bytes: [UInt8]) {
        do throws(AccessError) {
            let access = try ClusterAccess.load(
                AccessOptions(kubeconfig: "/kubeconfig"), environment: { _ in nil }, outside: FileOutside(bytes))
            demand(!"\(access)".isEmpty)
        } catch {
            demand(!"\(error)".isEmpty, "a refusal without words")
        }
    }

    private static let plugins = CredentialPlugin.Version.allCases.map { version in
        CredentialPlugin(
            command: "plugin", arguments: [], environment: [], version: version, installHint: "",
            clusterInfo: nil, timeout: 1_000)
    }

    /// The first byte chooses the version, the exit status and what is diagnostics.
    private static func credential(_ bytes: [UInt8]) {
        let choice = bytes.first ?? 0
        let output = CommandOutput(
            status: choice & 2 == 0 ? 0 : 1, output: Array(bytes.dropFirst()),
            diagnostics: choice & 4 == 0 ? [] : Array(bytes.reversed()))
        let plugin = plugins[Int(choice & 1) % plugins.count]
        switch ExecCredential.read(.success(output), of: plugin) {
        case .success(let given): demand(given.token != nil || given.certificate != nil, "no credential")
        case .failure(let failure): demand(!failure.text.isEmpty, "a refusal without words")
        }
    }
}

/// Every file holds the same bytes, and there is nothing else.
final class FileOutside: Outside {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var now: Moment { Moment(monotonic: 0, wall: Timestamp(1_795_000_000_000)) }
    func random() -> UInt64 { 4 }
    func readFile(_ path: String) throws(FileError) -> [UInt8] { bytes }
    func start(_ order: Order) -> OrderID { OrderID(1) }
    func cancel(_ id: OrderID) {}
    func poll(until deadline: Milliseconds?) -> [Arrival] { [] }
}

/// Ends the process, which libFuzzer takes for a finding, with words that an optimised build keeps.
func demand(_ holds: Bool, _ message: @autoclosure () -> String = "it says nothing") {
    guard !holds else { return }
    FileHandle.standardError.write(Data("Disagreement: \(message())\n".utf8))
    abort()
}
