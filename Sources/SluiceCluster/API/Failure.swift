import SluiceCore

/// A request that the API server refuses, with the Status that says why.
struct Failure: Error, Sendable {
    var code: Int
    var reason: String?
    var message: String
    /// `details`; nil leaves the member out.
    var details: JSONValue?
    var headers: [(name: String, value: String)] = []
    /// Whether the message alone is sent, as plain text.
    var isPlain = false
    /// `metadata.continue`, for a list that expired.
    var continueToken: String?

    init(_ code: Int, _ reason: String?, _ message: String, details: JSONValue? = nil) {
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
    }

    /// The Status object.
    var status: JSONValue {
        var status: JSONValue = [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure", "message": .string(message),
            "code": .integer(Int64(code)),
        ]
        if let continueToken { status["metadata"] = ["continue": .string(continueToken)] }
        if let reason { status["reason"] = .string(reason) }
        if let details { status["details"] = details }
        return status
    }

    var answer: ClusterAnswer {
        guard !isPlain else {
            return ClusterAnswer(status: code, contentType: "text/plain; charset=utf-8", body: message + "\n")
        }
        return ClusterAnswer(status: code, headers: headers, body: status.serialized + "\n")
    }
}

extension Failure {
    static func badRequest(_ message: String) -> Failure { Failure(400, "BadRequest", message) }

    static func notFound(_ kind: ResourceKind, _ name: String) -> Failure {
        Failure(404, "NotFound", "\(kind.qualified) \"\(name)\" not found", details: kind.details(name))
    }

    static func forbidden(_ kind: ResourceKind, _ name: String, _ why: String) -> Failure {
        Failure(403, "Forbidden", "\(kind.qualified) \"\(name)\" is forbidden: \(why)", details: kind.details(name))
    }

    static var pageNotFound: Failure {
        var failure = Failure(404, nil, "404 page not found")
        failure.isPlain = true
        return failure
    }

    static var unknownPath: Failure {
        Failure(404, "NotFound", "the server could not find the requested resource", details: [:])
    }

    static var methodNotAllowed: Failure {
        Failure(
            405, "MethodNotAllowed", "the server does not allow this method on the requested resource", details: [:])
    }

    static func alreadyExists(_ kind: ResourceKind, _ name: String) -> Failure {
        Failure(409, "AlreadyExists", "\(kind.qualified) \"\(name)\" already exists", details: kind.details(name))
    }

    static func modified(_ kind: ResourceKind, _ name: String) -> Failure {
        let advice = "the object has been modified; please apply your changes to the latest version and try again"
        return conflict(kind.qualified, name, advice, details: kind.details(name))
    }

    static func wrongUID(_ kind: ResourceKind, _ name: String, asked: String, actual: String) -> Failure {
        let message =
            "the UID in the precondition (\(asked)) does not match the UID in record (\(actual)). "
            + "The object might have been deleted and then recreated"
        return conflict(kind.kind, name, message, details: ["name": .string(name), "kind": .string(kind.kind)])
    }

    static func wrongVersion(_ kind: ResourceKind, _ name: String, asked: String, actual: String) -> Failure {
        let message =
            "the ResourceVersion in the precondition (\(asked)) does not match the ResourceVersion in record "
            + "(\(actual)). The object might have been modified"
        return conflict(kind.kind, name, message, details: ["name": .string(name), "kind": .string(kind.kind)])
    }

    private static func conflict(
        _ subject: String, _ name: String, _ message: String, details: JSONValue
    ) -> Failure {
        Failure(
            409, "Conflict", "Operation cannot be fulfilled on \(subject) \"\(name)\": \(message)", details: details)
    }

    /// A field that breaks a rule.
    struct Cause {
        var field: String
        var reason: String
        var message: String

        static func invalid(_ field: String, _ value: JSONValue, _ rule: String) -> Cause {
            Cause(field: field, reason: "FieldValueInvalid", message: "Invalid value: \(value.serialized): \(rule)")
        }

        static func required(_ field: String) -> Cause {
            Cause(field: field, reason: "FieldValueRequired", message: "Required value")
        }
    }

    static func invalid(_ kind: ResourceKind, _ name: String, _ causes: [Cause]) -> Failure {
        let listed = causes.map { "\($0.field): \($0.message)" }.reduce(into: [String]()) {
            if !$0.contains($1) { $0.append($1) }
        }
        let text = listed.count == 1 ? listed[0] : "[\(listed.joined(separator: ", "))]"
        let subject = kind.group.isEmpty ? kind.kind : "\(kind.kind).\(kind.group)"
        var details = kind.details(name)
        details["kind"] = .string(kind.kind)
        details["causes"] = .array(
            causes.map {
                ["reason": .string($0.reason), "message": .string($0.message), "field": .string($0.field)]
            })
        return Failure(422, "Invalid", "\(subject) \"\(name)\" is invalid: \(text)", details: details)
    }

    static var unknownFormat: Failure {
        Failure(
            415, "UnsupportedMediaType",
            "the body of the request was in an unknown format - accepted media types include: application/json, "
                + "application/yaml, application/vnd.kubernetes.protobuf")
    }

    static var notAcceptable: Failure {
        Failure(
            406, "NotAcceptable",
            "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, "
                + "application/vnd.kubernetes.protobuf, application/json;stream=watch, "
                + "application/vnd.kubernetes.protobuf;stream=watch", details: [:])
    }

    static var unsupportedPatch: Failure {
        Failure(415, "UnsupportedMediaType", "415: Unsupported Media Type", details: [:])
    }

    static var unprocessablePatch: Failure {
        Failure(422, "Invalid", "the server rejected our request due to an error in our request", details: [:])
    }
}
