import Foundation

/// Which proxy the environment asks for, by the rules of kubectl (Go's `http.ProxyFromEnvironment`). Those of libcurl
/// differ: it reads no `HTTP_PROXY`, reads `ALL_PROXY`, and sends requests for the local machine to the proxy.
struct ProxyEnvironment {
    private let variables: [String: String]

    init(_ variables: [String: String]) {
        self.variables = variables
    }

    /// The proxy for a request; nil for a direct connection.
    ///
    /// - Parameter host: a name or an address; IPv6 may stand in brackets.
    func proxy(scheme: String, host: String, port: Int) -> String? {
        guard let proxy = value(scheme == "https" ? "HTTPS_PROXY" : "HTTP_PROXY") else { return nil }
        let host = Self.plain(host)
        if host == "localhost" || Self.isLoopback(host) { return nil }
        let exceptions = (value("NO_PROXY") ?? "").split { $0 == "," || $0 == " " }
        return exceptions.contains { Self.excepts(String($0), host: host, port: port) } ? nil : proxy
    }

    private func value(_ name: String) -> String? {
        for name in [name, name.lowercased()] {
            if let value = variables[name], !value.isEmpty { return value }
        }
        return nil
    }

    private static func excepts(_ exception: String, host: String, port: Int) -> Bool {
        if exception == "*" { return true }
        if let network = Network(exception) { return network.contains(host) }
        var name = exception.lowercased()
        // A bare IPv6 address has colons and no port.
        if !isAddress(plain(name)), let colon = name.lastIndex(of: ":") {
            guard Int(name[name.index(after: colon)...]) == port else { return false }
            name = String(name[..<colon])
        }
        name = plain(name)
        if name.hasPrefix("*.") { name.removeFirst() }
        if name.hasPrefix(".") { return host.hasSuffix(name) }
        return host == name || (!isAddress(name) && host.hasSuffix("." + name))
    }

    private static func plain(_ host: String) -> String {
        var host = host.lowercased()
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        if host.hasSuffix(".") { host.removeLast() }
        return host
    }

    private static func isAddress(_ text: String) -> Bool { Network.bytes(text) != nil }

    private static func isLoopback(_ host: String) -> Bool {
        guard let bytes = Network.bytes(host) else { return false }
        return bytes.count == 4 ? bytes[0] == 127 : bytes == [UInt8](repeating: 0, count: 15) + [1]
    }
}

/// A range of addresses in CIDR notation.
struct Network {
    private let address: [UInt8]
    private let length: Int

    /// Reads `10.0.0.0/8` or `fd00::/8`; nil for anything else.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = Self.bytes(String(parts[0])), let length = Int(parts[1]),
            (0...address.count * 8).contains(length)
        else { return nil }
        self.address = address
        self.length = length
    }

    /// Whether an address is in the range; false for a name.
    func contains(_ host: String) -> Bool {
        guard let other = Self.bytes(host), other.count == address.count else { return false }
        return (0..<length).allSatisfy { bit in
            (address[bit / 8] ^ other[bit / 8]) & (0x80 >> (bit % 8)) == 0
        }
    }

    /// The 4 or 16 bytes of an address; nil for a name.
    static func bytes(_ text: String) -> [UInt8]? {
        var v4 = in_addr()
        if inet_pton(AF_INET, text, &v4) == 1 { return withUnsafeBytes(of: v4) { [UInt8]($0) } }
        var v6 = in6_addr()
        if inet_pton(AF_INET6, text, &v6) == 1 { return withUnsafeBytes(of: v6) { [UInt8]($0) } }
        return nil
    }
}
