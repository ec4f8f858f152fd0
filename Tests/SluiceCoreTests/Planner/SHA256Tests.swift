import SluiceCore
import Testing

@Suite("SHA-256")
struct SHA256Tests {
    @Test(
        "Known answers (FIPS 180-4 and its examples)",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            (
                "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnop"
                    + "qrstnopqrstu", "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
            ),
        ])
    func knownAnswers(text: String, expected: String) {
        var hash = SHA256()
        hash.update(text.utf8)
        #expect(hash.hexDigest() == expected)
    }

    /// The hash over the hashes of every length from 0 to 130 bytes, as another implementation gives it: padding goes
    /// wrong at some lengths only.
    @Test("Every length around the block size")
    func everyLength() {
        let bytes = (0...130).map { UInt8(($0 * 7 + 3) % 256) }
        var all = SHA256()
        for length in 0...130 { all.update(SHA256.hash(bytes[..<length])) }
        #expect(all.hexDigest() == "b3d31aa6b4f0810cff11dc15fd1017d7ba047ad10e757b0e36ed68897e6d1851")
    }

    @Test("Input in pieces, a copy in the middle, and the hash as a number")
    func pieces() {
        var whole = SHA256()
        whole.update("abc".utf8)
        var beginning = SHA256()
        beginning.update("a".utf8)
        var copy = beginning
        copy.update("xyz".utf8)
        beginning.update("b".utf8)
        beginning.update("c".utf8)
        #expect(beginning.digest() == whole.digest())
        #expect(beginning.digestPrefix() == 0xba78_16bf_8f01_cfea)
    }
}
