import SluiceCore

/// A client certificate in files that somebody else renews while we run.
///
/// Whoever renews it writes one file after the other, so a pair that has just changed may not belong together: it is
/// used once two looks have shown the same, or at once when the server has refused the one in use.
final class RenewedCertificate {
    typealias Pair = (certificate: [UInt8], key: [UInt8])

    private let files: ClusterAccess.CertificateFiles
    private let outside: any Outside
    private var used: Pair
    private var seen: Pair
    private var nextLook: Milliseconds
    private var isRefused = false

    /// - Parameter security: holds what was read last.
    init(files: ClusterAccess.CertificateFiles, security: TransportSecurity, outside: any Outside) {
        self.files = files
        self.outside = outside
        used = (security.certificate ?? [], security.key ?? [])
        seen = used
        nextLook = outside.now.monotonic + KubernetesLimits.certificateFileInterval
    }

    /// Looks at the files at the next request: the server has refused the certificate.
    func readAgain() {
        isRefused = true
        nextLook = outside.now.monotonic
    }

    /// The certificate and its key in PEM to use now. What cannot be read, or is no PEM, leaves the last one.
    func current() -> Pair {
        let now = outside.now.monotonic
        guard now >= nextLook else { return used }
        nextLook = now + KubernetesLimits.certificateFileInterval
        guard let found = read() else { return used }
        if isRefused || found == seen {
            used = found
        } else {
            nextLook = now + KubernetesLimits.certificateSettleTime
        }
        seen = found
        isRefused = false
        return used
    }

    private func read() -> Pair? {
        do throws(FileError) {
            let pair = (try outside.readFile(files.certificate), try outside.readFile(files.key))
            return PEM.problem(pair.0, .certificate) == nil && PEM.problem(pair.1, .key) == nil ? pair : nil
        } catch {
            return nil
        }
    }
}
