extension SHA256 {
    /// The keyed hash of a message: HMAC-SHA256 (RFC 2104), 32 bytes.
    ///
    /// - Parameter key: the secret; any length, at least 32 bytes to be as strong as the hash (RFC 2104, section 3).
    public static func authenticationCode(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        var block = key.count > blockSize ? hash(key) : key
        block += Array(repeating: 0, count: blockSize - block.count)
        let inner = hash(block.map { $0 ^ 0x36 } + message)
        return hash(block.map { $0 ^ 0x5c } + inner)
    }
}
