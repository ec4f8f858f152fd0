import Glibc

/// Whether trouble is more frequent on some nodes than on others, by counting alone. (R. A. Fisher, *The Design of
/// Experiments*, 1935: the exact test of a table of two by two)
public enum FisherTest {
    /// How probable it is that, of all that are in trouble, so many or more fall on the first group by chance.
    ///
    /// - Parameters:
    ///   - troubled: how many of the first group are in trouble; at most `count`.
    ///   - count: the size of the first group.
    ///   - others: how many of the second group are in trouble; at most `otherCount`.
    ///   - otherCount: the size of the second group.
    /// - Returns: from 0 to 1; 1 when a group is empty or nobody is in trouble.
    public static func probability(
        ofAtLeast troubled: Int, of count: Int, against others: Int, of otherCount: Int
    ) -> Double {
        let all = count + otherCount
        let sum = troubled + others
        guard count > 0, otherCount > 0, sum > 0, troubled <= count, others <= otherCount else { return 1 }
        let possible = logChoices(sum, of: all)
        var total = 0.0
        for number in troubled...min(sum, count) where sum - number <= otherCount {
            total += exp(logChoices(number, of: count) + logChoices(sum - number, of: otherCount) - possible)
        }
        return min(1, total)
    }

    /// The natural logarithm of the number of choices of some out of more.
    private static func logChoices(_ some: Int, of more: Int) -> Double {
        lgamma(Double(more + 1)) - lgamma(Double(some + 1)) - lgamma(Double(more - some + 1))
    }
}
