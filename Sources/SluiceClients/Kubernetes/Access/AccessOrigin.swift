public import SluiceCore

/// Where the parts of a ``ClusterAccess`` were read, for messages that say what to look at. Holds nothing secret.
public struct AccessOrigin: Sendable, Equatable {
    /// The server's URL.
    public var server: AccessPlace
    /// The certificate authorities; where they would stand when there are none.
    public var authorities: AccessPlace
    /// Whether there are any; without, those of the machine count.
    public var hasAuthorities: Bool
    /// The name that the server's certificate must carry; where it would stand when there is none.
    public var serverName: AccessPlace
    /// The proxy; nil when the environment decides.
    public var proxy: AccessPlace?
    /// The user as a whole; nil when there is none.
    public var user: AccessPlace?
    /// The token, password or plugin; nil when there is none.
    public var credential: AccessPlace?
    /// Our client certificate; nil when there is none, or a plugin gives it.
    public var certificate: AccessPlace?
    /// When that certificate ends, as far as it is known.
    public var certificateEnd: Timestamp?

    /// Where the parts of an access were read.
    public init(
        server: AccessPlace, authorities: AccessPlace, hasAuthorities: Bool, serverName: AccessPlace,
        proxy: AccessPlace? = nil, user: AccessPlace? = nil, credential: AccessPlace? = nil,
        certificate: AccessPlace? = nil, certificateEnd: Timestamp? = nil
    ) {
        self.server = server
        self.authorities = authorities
        self.hasAuthorities = hasAuthorities
        self.serverName = serverName
        self.proxy = proxy
        self.user = user
        self.credential = credential
        self.certificate = certificate
        self.certificateEnd = certificateEnd
    }
}
