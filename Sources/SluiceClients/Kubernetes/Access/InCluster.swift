import SluiceCore

/// The service account of the pod we run in.
enum InCluster {
    static let folder = "/var/run/secrets/kubernetes.io/serviceaccount"

    /// The access of the pod; nil when we run in none.
    static func access(
        _ options: AccessOptions, _ environment: (String) -> String?, _ outside: any Outside
    ) throws(AccessError) -> ClusterAccess? {
        guard let host = environment("KUBERNETES_SERVICE_HOST"), !host.isEmpty,
            let port = environment("KUBERNETES_SERVICE_PORT"), !port.isEmpty
        else { return nil }
        guard UInt16(port) != nil else {
            throw .inCluster("KUBERNETES_SERVICE_PORT is \"\(port)\", which is no port")
        }
        let token = "\(folder)/token"
        guard !(try text(token, outside)).isEmpty else { throw .inCluster("\(token) is empty") }
        let place = AccessPlace(file: "\(folder)/ca.crt", field: "the certificate authority")
        let own = try PEM.checked(Array(try text("\(folder)/ca.crt", outside).utf8), .certificate, place)
        var namespace = options.namespace
        if namespace == nil { namespace = try text("\(folder)/namespace", outside).trimmed }
        let name = host.contains(":") ? "[\(host)]" : host
        let reader = AccessReader(outside: outside, options: options, cluster: nil)
        let server = try options.server == nil ? "https://\(name):\(port)" : reader.server()
        var security = try reader.security()
        security.authorities = security.authorities ?? own
        let flags = try CredentialReader(reader: reader, server: server, user: nil).read(&security)
        let credential = flags.credential == .none ? .tokenFile(path: token) : flags.credential
        var origin = reader.origin
        if options.server == nil {
            origin.server = AccessPlace(file: nil, field: "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT")
        }
        if !origin.hasAuthorities { (origin.authorities, origin.hasAuthorities) = (place, true) }
        origin.credential = flags.place ?? AccessPlace(file: token, field: "the pod's service account")
        if !ServerURL.isEncrypted(server), !ServerURL.isLoopback(server), let place = origin.credential {
            throw .plainHTTP(place, server: server)
        }
        return ClusterAccess(
            server: server, namespace: namespace.flatMap { $0.isEmpty ? nil : $0 } ?? "default", security: security,
            credential: credential, impersonation: try options.impersonation(), requestTimeout: try options.timeout(),
            origin: origin)
    }

    private static func text(_ path: String, _ outside: any Outside) throws(AccessError) -> String {
        do {
            return String(decoding: try outside.readFile(path), as: UTF8.self)
        } catch {
            throw .inCluster("cannot read \(error)")
        }
    }
}
