// What is printed of an order never shows a secret: headers carry tokens, bodies and environments may.

extension TransportSecurity: CustomStringConvertible, CustomReflectable {
    /// What is there, without any of it.
    public var description: String {
        let parts = [
            authorities == nil ? nil : "own authorities", certificate == nil ? nil : "client certificate",
            serverName.map { "name \($0)" }, isInsecure ? "unchecked" : nil, proxy == nil ? nil : "proxy",
        ]
        let text = parts.compactMap { $0 }.joined(separator: ", ")
        return text.isEmpty ? "the system's authorities" : text
    }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

extension HTTPRequest: CustomStringConvertible, CustomReflectable {
    /// Method and URL, without a user that may stand in it.
    public var description: String { "\(method.rawValue) \(URLText.withoutUser(url))" }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

extension Command: CustomStringConvertible, CustomReflectable {
    /// The program. Arguments are left out: some programs take secrets there.
    public var description: String { program }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

extension CommandOutput: CustomStringConvertible, CustomReflectable {
    /// The exit status: a credential plugin prints a token.
    public var description: String { "status \(status)" }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

extension TransferPeer: CustomStringConvertible, CustomReflectable {
    /// The address: the proxy's URL may hold a password.
    var description: String { address }

    /// A mirror without children.
    var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

extension ChildProcess: CustomReflectable {
    /// A mirror without children: the output of a credential plugin is a token.
    var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
