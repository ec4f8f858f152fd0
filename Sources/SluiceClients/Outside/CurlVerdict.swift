import CCurl
import Foundation
import SluiceCore

/// What libcurl said about a failed request, and the sentence for it.
struct CurlVerdict {
    /// The code.
    var code: CURLcode
    /// libcurl's own words; may be empty.
    var text: String
    /// The system's error number of the last connection that failed; 0 for none.
    var systemError: Int32
    /// The status of the proxy's answer to CONNECT; 0 for none.
    var proxyStatus: Int
    /// The request's limit for connecting.
    var connectTimeout: Milliseconds
    /// OpenSSL's verdict on the peer's certificate (`X509_V_ERR_…`); 0 for none.
    var verifyResult = 0
    /// The names in the peer's certificate, as far as one was shown.
    var names: [String] = []

    private var words: String { text.isEmpty ? String(cString: curl_easy_strerror(code)) : text }

    /// The error for whoever started the request.
    func error(_ peer: TransferPeer) -> TransportError {
        let address = peer.address
        if peer.proxyAddress != nil, let error = proxyError(peer) { return error }
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST:
            return TransportError(.resolve, "cannot resolve the host name '\(peer.host)'")
        case CURLE_COULDNT_CONNECT:
            let reason = systemError == 0 ? words : SystemText.error(systemError)
            return TransportError(.connect, "cannot connect to \(address): \(reason)")
        case CURLE_OPERATION_TIMEDOUT:
            let limit = SystemText.duration(connectTimeout)
            return TransportError(
                .timeout, "connecting to \(address) took longer than \(limit)", cause: .connectTimeout)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_ISSUER_ERROR:
            return certificateError(peer)
        case CURLE_SSL_CACERT_BADFILE:
            return TransportError(
                .certificate, "the certificate authorities for \(address) cannot be read; are they PEM? \(words)",
                cause: .authorities)
        case CURLE_SSL_CERTPROBLEM:
            return TransportError(
                .certificate, "our client certificate or its key for \(address) cannot be used: \(words)",
                cause: .ourCertificate)
        case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED:
            return alert(address)
                ?? TransportError(.tls, "no TLS connection to \(address): \(words)", cause: handshakeCause)
        case CURLE_GOT_NOTHING:
            return TransportError(.broken, "\(address) closed the connection without an answer", cause: .hungUp)
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY:
            return TransportError(.broken, "\(address) gave an answer that is not HTTP", cause: .notHTTP)
        case CURLE_PARTIAL_FILE:
            return TransportError(.broken, "\(address) closed the connection in the middle of its answer")
        case CURLE_RECV_ERROR, CURLE_SEND_ERROR:
            return alert(address) ?? TransportError(.broken, "the connection to \(address) broke: \(words)")
        case CURLE_BAD_CONTENT_ENCODING:
            return TransportError(.broken, "\(address) sent an answer that cannot be decompressed: \(words)")
        default:
            return TransportError(.broken, "the request to \(address) failed: \(words)")
        }
    }

    /// The peer's certificate is not accepted.
    private func certificateError(_ peer: TransferPeer) -> TransportError {
        let cause: TransportError.Cause? =
            switch verifyResult {
            // X509_V_ERR_CERT_HAS_EXPIRED and X509_V_ERR_CERT_NOT_YET_VALID.
            case 10: .expired
            case 9: .notYetValid
            // libcurl compares names itself, after a chain that is in order and before it says so.
            case 0, 1: .otherName(wanted: peer.certificateName, found: names)
            default: .unknownAuthority
            }
        return TransportError(
            .certificate, "the certificate of \(peer.address) is not trusted: \(words)", cause: cause)
    }

    /// What the handshake failed of, in OpenSSL's words.
    private var handshakeCause: TransportError.Cause? {
        if ["wrong version number", "packet length too long", "http request"].contains(where: words.contains) {
            return .notTLS
        }
        let isVersion = ["protocol version", "unsupported protocol"].contains(where: words.contains)
        if isVersion { return .noCommonVersion }
        return words.contains("unrecognized name") ? .unknownName : nil
    }

    /// The alerts by which a peer refuses a client's certificate (RFC 8446, section 6.2), in OpenSSL's words.
    private static let refusals = [
        "bad certificate", "unsupported certificate", "certificate revoked", "certificate expired",
        "certificate unknown", "unknown ca", "access denied", "decrypt error", "certificate required",
    ]

    /// The peer's refusal of our certificate. With TLS 1.3 it comes after the handshake, as the end of the connection.
    private func alert(_ address: String) -> TransportError? {
        guard let reason = Self.refusals.first(where: { words.contains("alert \($0)") }) else { return nil }
        return TransportError(
            .certificate, "\(address) refuses our client certificate: \(reason)", cause: .ourCertificateRefused(reason))
    }

    /// The failures that are the proxy's; the peer behind it was never reached.
    private func proxyError(_ peer: TransferPeer) -> TransportError? {
        let proxy = peer.proxyAddress ?? ""
        if code == CURLE_COULDNT_RESOLVE_PROXY {
            return TransportError(.proxy, "cannot resolve the host name of the proxy \(proxy)")
        }
        if code == CURLE_COULDNT_CONNECT {
            let reason = systemError == 0 ? words : SystemText.error(systemError)
            return TransportError(.proxy, "cannot connect to the proxy \(proxy): \(reason)")
        }
        if peer.hasSecureProxy, proxyStatus == 0,
            [CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR].contains(code)
        {
            return TransportError(.proxy, "no TLS connection to the proxy \(proxy): \(words)")
        }
        if code == CURLE_PROXY {
            return TransportError(.proxy, "the proxy \(proxy) gave no connection to \(peer.address): \(words)")
        }
        if proxyStatus != 0, !(200..<300).contains(proxyStatus) {
            let cause: TransportError.Cause? = proxyStatus == 407 ? .proxyAuthentication : nil
            return TransportError(
                .proxy, "the proxy \(proxy) refused to connect to \(peer.address) (HTTP status \(proxyStatus))",
                cause: cause)
        }
        return nil
    }
}

/// What a peer's certificate says, as libcurl tells it.
enum PeerCertificate {
    /// The most names of one certificate that are told.
    private static let mostNames = 20

    /// The names and addresses for which the peer's own certificate is, in its order; its common name when it has no
    /// others.
    static func names(_ easy: UnsafeMutableRawPointer) -> [String] {
        var pointer: UnsafeMutableRawPointer?
        guard sluice_easy_get_pointer(easy, CURLINFO_CERTINFO, &pointer) == CURLE_OK,
            let information = pointer?.assumingMemoryBound(to: curl_certinfo.self).pointee,
            information.num_of_certs > 0, let first = information.certinfo?[0]
        else { return [] }
        var commonName: [String] = []
        var line: UnsafeMutablePointer<curl_slist>? = first
        while let entry = line?.pointee {
            let text = entry.data.map { String(cString: $0) } ?? ""
            if let names = value(of: "X509v3 Subject Alternative Name:", in: text) { return alternatives(names) }
            if let subject = value(of: "Subject:", in: text) { commonName = self.commonName(subject) }
            line = entry.next
        }
        return commonName
    }

    private static func value(of key: String, in line: String) -> Substring? {
        line.hasPrefix(key) ? line.dropFirst(key.count) : nil
    }

    /// `DNS:a.test, IP Address:10.0.0.1` as `a.test` and `10.0.0.1`.
    static func alternatives(_ text: Substring) -> [String] {
        text.split(separator: ",").prefix(mostNames).map { part in
            let name = part.drop { $0 == " " }
            guard let prefix = ["DNS:", "IP Address:"].first(where: name.hasPrefix) else { return String(name) }
            return String(name.dropFirst(prefix.count))
        }
    }

    private static func commonName(_ subject: Substring) -> [String] {
        subject.split(separator: ",").compactMap { part in
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, pair[0].filter({ $0 != " " }) == "CN" else { return nil }
            return String(pair[1].drop { $0 == " " })
        }
    }
}
