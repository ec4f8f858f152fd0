import SluiceCore
import SluiceDocuments

extension Cluster {
    /// The object in a request's body: JSON, YAML, or one of the few that are read in protobuf.
    static func object(_ request: ClusterRequest, kind: String) throws(Failure) -> JSONValue {
        let value: JSONValue
        switch (request.headers["content-type"] ?? "application/json").prefix(while: { $0 != ";" }) {
        case "application/json": value = try json(request.body, kind: kind)
        case "application/yaml": value = try yaml(request.body, kind: kind)
        case "application/vnd.kubernetes.protobuf":
            guard let object = ProtobufBody.read(request.body) else { throw .unknownFormat }
            value = object
        default: throw .unknownFormat
        }
        guard value["kind"]?.string == nil || value["kind"]?.string == kind else {
            let found = value["kind"]?.string ?? ""
            let version = value["apiVersion"]?.string ?? ""
            throw .badRequest(
                "\(found) in version \"\(version)\" cannot be handled as a \(kind): converting (\(version).\(found)) "
                    + "to (core.\(kind)): unknown conversion")
        }
        return value
    }

    /// The options of a delete; nothing when there are none.
    static func deleteOptions(_ request: ClusterRequest) throws(Failure) -> JSONValue {
        if request.body.isEmpty { return [:] }
        if let options = ProtobufBody.read(request.body) { return options }
        return try json(request.body, kind: "DeleteOptions")
    }

    static func yaml(_ body: [UInt8], kind: String) throws(Failure) -> JSONValue {
        do throws(DocumentError) {
            return try YAMLReader.read(body).json
        } catch {
            throw .badRequest("the object provided is unrecognized (must be of type \(kind)): \(error)")
        }
    }

    static func json(_ body: [UInt8], kind: String) throws(Failure) -> JSONValue {
        let problem: String
        do throws(JSONError) {
            let value = try JSONReader.read(body)
            if value.object != nil || value.array != nil { return value }
            problem = "cannot unmarshal a plain value"
        } catch {
            problem = error.offset >= body.count ? "unexpected end of JSON input" : error.message
        }
        let start = String(decoding: body.prefix(30), as: UTF8.self)
        let shown = body.isEmpty ? "<empty>" : start + (body.count > 30 ? " ..." : "")
        throw .badRequest(
            "the object provided is unrecognized (must be of type \(kind)): couldn't get version/kind; json parse "
                + "error: \(problem) (\(shown))")
    }
}
