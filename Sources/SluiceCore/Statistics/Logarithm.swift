import Glibc

/// The natural logarithm, in which a ratio is a difference.
enum Logarithm {
    /// The logarithm of a number above 0.
    static func of(_ number: Double) -> Double { log(number) }

    /// The number with a logarithm.
    static func undone(_ logarithm: Double) -> Double { exp(logarithm) }
}
