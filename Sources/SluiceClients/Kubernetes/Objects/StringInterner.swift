/// Gives equal texts one storage: label keys, images, reasons that thousands of objects repeat.
///
/// Short texts live inside a `String` anyway and are not kept; nor are long ones, nor more than a bounded number.
public final class StringInterner {
    /// The longest text in bytes that a `String` holds without storage of its own.
    private static let inlineBytes = 15
    /// The longest text that is kept, in bytes.
    private static let longestBytes = 256
    /// The most texts that are kept.
    private static let capacity = 65_536

    /// The texts by their hash; a second text with the same hash is not kept.
    private var texts: [UInt64: String] = [:]

    /// An empty interner.
    public init() {}

    /// The text of bytes in UTF-8; broken UTF-8 becomes replacement characters.
    func text(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        guard bytes.count > Self.inlineBytes, bytes.count <= Self.longestBytes else {
            return String(decoding: bytes, as: UTF8.self)
        }
        // FNV-1a, 64 bits: the table is never walked in its own order, so the hash needs no secret seed; a
        // collision only costs the sharing.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        if let known = texts[hash] {
            // Over its storage, because the view itself is compared byte by byte through two iterators.
            let isEqual = known.utf8.withContiguousStorageIfAvailable { $0.elementsEqual(bytes) }
            return isEqual == true ? known : String(decoding: bytes, as: UTF8.self)
        }
        let text = String(decoding: bytes, as: UTF8.self)
        if texts.count < Self.capacity { texts[hash] = text }
        return text
    }
}
