/// Writes an audit log by hand: each line as an API server would write it, with what the judge reads of it.
struct AuditLogText {
    private(set) var text = ""
    private var requests = 0

    static let user = "driver"
    static let oldImage = "collector:1"
    static let newImage = "collector:2"

    var bytes: [UInt8] { Array(text.utf8) }

    /// Two lines: that the server received a request, and its answer. Without a code it died before it answered.
    ///
    /// - Parameter meanwhile: what is written between the two.
    mutating func request(
        _ verb: String, _ resource: String, _ name: String, by user: String = "kubelets", code: Int? = 200,
        answer: String = "null", parameters: String = "", meanwhile: (inout AuditLogText) -> Void = { _ in }
    ) {
        requests += 1
        let request = requests
        let parts = resource.split(separator: "/")
        let subresource = parts.count > 1 ? #","subresource":"\#(parts[1])""# : ""
        func line(_ stage: String, _ rest: String) -> String {
            #"{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"\#(request)","stage":"\#(stage)","#
                + #""verb":"\#(verb)","requestURI":"/x\#(parameters)","user":{"username":"\#(user)"},"#
                + #""objectRef":{"resource":"\#(parts[0])"\#(subresource),"name":"\#(name)"}\#(rest)}"# + "\n"
        }
        text += line("RequestReceived", "")
        meanwhile(&self)
        guard let code else { return }
        text += line("ResponseComplete", #","responseStatus":{"code":\#(code)},"responseObject":\#(answer)"#)
    }

    /// Cuts the last line off in its middle, as a kill does.
    mutating func tear() { text = String(text.dropLast(20)) }

    mutating func template(_ image: String, at revision: Int) {
        let object =
            #"{"kind":"DaemonSet","metadata":{"resourceVersion":"\#(revision)"},"#
            + #""spec":{"template":{"spec":{"containers":[{"image":"\#(image)"}]}}}}"#
        request("patch", "daemonsets", "collector", by: Self.user, answer: object)
    }

    static func pod(_ node: Int, _ generation: Int, at revision: Int, ready: Bool, going: Bool = false) -> String {
        let name = name(node, generation)
        let deletion = going ? #","deletionTimestamp":"2026-01-01T00:00:00Z""# : ""
        return #"{"kind":"Pod","metadata":{"name":"\#(name)","uid":"uid-\#(name)","resourceVersion":"\#(revision)""#
            + deletion + #"},"spec":{"nodeName":"node-\#(node)","containers":[{"image":"collector:\#(generation)"}]},"#
            + #""status":{"conditions":[{"type":"Ready","status":"\#(ready ? "True" : "False")"}]}}"#
    }

    static func name(_ node: Int, _ generation: Int) -> String { "pod-\(node)-\(generation)" }

    /// A kubelet reports its pod Ready.
    mutating func ready(
        _ node: Int, _ generation: Int, at revision: Int, going: Bool = false,
        meanwhile: (inout AuditLogText) -> Void = { _ in }
    ) {
        let pod = Self.pod(node, generation, at: revision, ready: true, going: going)
        request("patch", "pods/status", Self.name(node, generation), answer: pod, meanwhile: meanwhile)
    }

    /// A kubelet reports its pod ended.
    mutating func ended(_ node: Int, _ generation: Int, at revision: Int) {
        let pod = Self.pod(node, generation, at: revision, ready: false, going: true)
        request("patch", "pods/status", Self.name(node, generation), answer: pod)
    }

    /// The judged user deletes a pod.
    mutating func delete(
        _ node: Int, _ generation: Int = 1, at revision: Int, code: Int? = 200,
        meanwhile: (inout AuditLogText) -> Void = { _ in }
    ) {
        let pod = Self.pod(node, generation, at: revision, ready: true, going: true)
        request(
            "delete", "pods", Self.name(node, generation), by: Self.user, code: code,
            answer: code == 200 ? pod : "null", meanwhile: meanwhile)
    }

    /// Three nodes with a Ready pod of the old image, at revisions 1 to 3.
    static func quiet() -> AuditLogText {
        var log = AuditLogText()
        log.template(oldImage, at: 0)
        for node in 1...3 { log.ready(node, 1, at: node) }
        return log
    }

    /// The same, and the new image at revision 10.
    static func begun() -> AuditLogText {
        var log = quiet()
        log.template(newImage, at: 10)
        return log
    }
}
