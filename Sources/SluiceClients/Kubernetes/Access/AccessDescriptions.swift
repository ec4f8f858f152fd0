// What is printed of a kubeconfig, or of a credential in use, never shows a secret.

extension KubeconfigField: CustomStringConvertible, CustomReflectable {
    /// File and field, without what stands there.
    var description: String { "\(file): \(name.isEmpty ? "the file" : name)" }

    /// A mirror without children.
    var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

extension ExecCredential.Given: CustomStringConvertible, CustomReflectable {
    /// When it ends.
    var description: String { "a credential\(expiry.map { " until \($0)" } ?? "")" }

    /// A mirror without children.
    var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

extension Authenticator: CustomReflectable {
    /// A mirror without children.
    var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

extension Authenticator.Authorization: CustomStringConvertible, CustomReflectable {
    /// Which one it is.
    var description: String { "credential \(generation)" }

    /// A mirror without children.
    var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

extension RenewedCertificate: CustomReflectable {
    /// A mirror without children.
    var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
