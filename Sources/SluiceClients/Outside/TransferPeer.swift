import CCurl
import Foundation

/// Where a request goes: what libcurl is told, and what messages call it.
struct TransferPeer {
    /// The URL for libcurl. With a server name of its own, its host is that name: libcurl checks the certificate
    /// against the URL's host, and ``connectTo`` leads the connection to the real one.
    var url: String
    /// `host:port` for messages.
    var address: String
    /// The host for messages.
    var host: String
    /// The entry for `CURLOPT_CONNECT_TO`.
    var connectTo: String?
    /// The Host header when it differs from what libcurl would send.
    var hostHeader: String?
    /// The proxy's URL; may hold a password.
    var proxy: String?
    /// The proxy for messages, without user and password.
    var proxyAddress: String?
    /// Whether the way to the proxy itself is encrypted.
    var hasSecureProxy = false
    /// Whether the peer itself is spoken to in TLS.
    var isEncrypted: Bool
    /// The name that the peer's certificate must carry.
    var certificateName: String

    /// Where a request goes.
    ///
    /// - Throws: ``TransportError`` when its URL or its proxy's is none.
    init(_ request: HTTPRequest) throws(TransportError) {
        guard let parts = URLParts(request.url), ["http", "https"].contains(parts.scheme) else {
            throw TransportError(.broken, "'\(URLText.withoutUser(request.url))' is no http or https URL")
        }
        host = parts.host
        address = "\(parts.host):\(parts.port)"
        url = request.url
        isEncrypted = parts.scheme == "https"
        certificateName = request.security.serverName ?? parts.host
        if parts.scheme == "https", let name = request.security.serverName, name != parts.host {
            guard let renamed = parts.url(host: name) else {
                throw TransportError(.certificate, "the server name '\(name)' is no host name")
            }
            url = renamed
            let bracketed = URLParts.bracketed(name)
            connectTo = "\(bracketed):\(parts.port):\(parts.host):\(parts.port)"
            hostHeader = parts.hasDefaultPort ? parts.host : address
        }
        let environment = ProxyEnvironment(ProcessInfo.processInfo.environment)
        proxy = request.security.proxy ?? environment.proxy(scheme: parts.scheme, host: parts.host, port: parts.port)
        if let proxy {
            guard let parts = URLParts(proxy.contains("://") ? proxy : "http://\(proxy)") else {
                throw TransportError(.proxy, "'\(URLText.withoutUser(proxy))' is no proxy URL")
            }
            proxyAddress = "\(parts.host):\(parts.port)"
            hasSecureProxy = parts.scheme == "https"
            // For kubectl the proxy resolves the host's name; libcurl's word for that is another scheme.
            if parts.scheme == "socks5", let rest = proxy.firstRange(of: "://") {
                self.proxy = "socks5h" + proxy[rest.lowerBound...]
            }
        }
    }
}

/// The parts of a URL that matter for a connection, as libcurl itself reads them.
struct URLParts {
    /// In lower case.
    var scheme: String
    /// An IPv6 address stands in brackets.
    var host: String
    var port: Int
    var hasDefaultPort: Bool
    private var text: String

    init?(_ text: String) {
        guard let handle = curl_url() else { return nil }
        defer { curl_url_cleanup(handle) }
        // Proxies have schemes (socks5h) that libcurl's URL reader may not know.
        let flags = UInt32(CURLU_NON_SUPPORT_SCHEME)
        guard curl_url_set(handle, CURLUPART_URL, text, flags) == CURLUE_OK,
            let scheme = Self.part(handle, CURLUPART_SCHEME), let host = Self.part(handle, CURLUPART_HOST)
        else { return nil }
        let port = Self.part(handle, CURLUPART_PORT, flags: UInt32(CURLU_DEFAULT_PORT)).flatMap(Int.init)
        self.scheme = scheme.lowercased()
        self.host = host
        self.port = port ?? 1080
        hasDefaultPort = Self.part(handle, CURLUPART_PORT, flags: UInt32(CURLU_NO_DEFAULT_PORT)) == nil
        self.text = text
    }

    /// The same URL with another host; nil when that is none.
    func url(host: String) -> String? {
        guard let handle = curl_url() else { return nil }
        defer { curl_url_cleanup(handle) }
        guard curl_url_set(handle, CURLUPART_URL, text, 0) == CURLUE_OK,
            curl_url_set(handle, CURLUPART_HOST, Self.bracketed(host), 0) == CURLUE_OK
        else { return nil }
        return Self.part(handle, CURLUPART_URL)
    }

    /// An IPv6 address in brackets, everything else as it is.
    static func bracketed(_ host: String) -> String {
        host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
    }

    private static func part(_ handle: OpaquePointer, _ part: CURLUPart, flags: UInt32 = 0) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(handle, part, &text, flags) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
