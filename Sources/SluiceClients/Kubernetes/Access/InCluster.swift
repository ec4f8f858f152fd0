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
        let name = host.contains(":") ? "[\(host)]" : host
        let place = AccessPlace(file: "\(folder)/ca.crt", field: "the certificate authority")
        let authorities = try PEM.checked(Array(try text("\(folder)/ca.crt", outside).utf8), .certificate, place)
        var namespace = options.namespace
        if namespace == nil { namespace = try text("\(folder)/namespace", outside).trimmed }
        return ClusterAccess(
            server: options.server ?? "https://\(name):\(port)",
            namespace: namespace.flatMap { $0.isEmpty ? nil : $0 } ?? "default",
            security: TransportSecurity(authorities: authorities), credential: .tokenFile(path: token),
            impersonation: try options.impersonation(), requestTimeout: try options.timeout())
    }

    private static func text(_ path: String, _ outside: any Outside) throws(AccessError) -> String {
        do {
            return String(decoding: try outside.readFile(path), as: UTF8.self)
        } catch {
            throw .inCluster("cannot read \(error)")
        }
    }
}
