import SluiceCore

/// What a Lease must obey.
enum LeaseRules {
    static func check(_ lease: JSONValue) throws(Failure) {
        for field in ["acquireTime", "renewTime"] {
            guard let text = lease.at("spec", field)?.string else { continue }
            guard Timestamp(rfc3339: text) != nil else {
                throw refusal(text, "cannot parse \"\(text)\" as \"2006\"")
            }
            let fraction = text.split(separator: ".", maxSplits: 1).dropFirst().first?.prefix { $0.isNumber }
            guard fraction?.utf8.count == 6 else {
                throw refusal(text, "cannot parse \"\(text.dropFirst(19))\" as \".000000\"")
            }
        }
    }

    private static func refusal(_ text: String, _ why: String) -> Failure {
        .badRequest(
            "Lease in version \"v1\" cannot be handled as a Lease: parsing time \"\(text)\" as "
                + "\"2006-01-02T15:04:05.000000Z07:00\": \(why)")
    }
}
