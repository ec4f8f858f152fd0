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
            return TransportError(.timeout, "connecting to \(address) took longer than \(limit)")
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_ISSUER_ERROR:
            return TransportError(.certificate, "the certificate of \(address) is not trusted: \(words)")
        case CURLE_SSL_CACERT_BADFILE:
            return TransportError(
                .certificate, "the certificate authorities for \(address) cannot be read; are they PEM? \(words)")
        case CURLE_SSL_CERTPROBLEM:
            return TransportError(
                .certificate, "our client certificate or its key for \(address) cannot be used: \(words)")
        case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED:
            return TransportError(.tls, "no TLS connection to \(address): \(words)")
        case CURLE_GOT_NOTHING:
            return TransportError(.broken, "\(address) closed the connection without an answer")
        case CURLE_PARTIAL_FILE:
            return TransportError(.broken, "\(address) closed the connection in the middle of its answer")
        case CURLE_RECV_ERROR, CURLE_SEND_ERROR:
            return TransportError(.broken, "the connection to \(address) broke: \(words)")
        case CURLE_BAD_CONTENT_ENCODING:
            return TransportError(.broken, "\(address) sent an answer that cannot be decompressed: \(words)")
        default:
            return TransportError(.broken, "the request to \(address) failed: \(words)")
        }
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
        if code == CURLE_PROXY {
            return TransportError(.proxy, "the proxy \(proxy) gave no connection to \(peer.address): \(words)")
        }
        if proxyStatus != 0, !(200..<300).contains(proxyStatus) {
            let hint = proxyStatus == 407 ? "; put user and password into the proxy's URL" : ""
            return TransportError(
                .proxy, "the proxy \(proxy) refused to connect to \(peer.address) (HTTP status \(proxyStatus))\(hint)")
        }
        return nil
    }
}
