/// Every limit of what is read from a pod's own metrics, with its unit.
public enum ExpositionLimits {
    /// The largest text in bytes. A node_exporter on a large machine gives about 1 MB.
    public static let textBytes = 32 << 20
    /// The most samples of one text.
    public static let samples = 200_000
    /// The most characters of the text that an error repeats.
    public static let quoteCharacters = 60
    /// The most characters (Unicode code points) of all names and values of an exemplar's labels together, as
    /// OpenMetrics has it.
    public static let exemplarCharacters = 128
}
