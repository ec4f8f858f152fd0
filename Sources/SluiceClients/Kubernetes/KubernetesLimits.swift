public import SluiceCore

/// Every limit of the Kubernetes client, with its unit.
public enum KubernetesLimits {
    /// The longest time for one read or write when nothing else is said, in milliseconds.
    public static let requestTimeout: Milliseconds = 30_000
    /// The longest time for connecting, in milliseconds.
    public static let connectTimeout: Milliseconds = 10_000
    /// The longest time for a delete or an eviction, in milliseconds. Less than half a Lease, so that a delete which
    /// leaves in the first half of it is over before it expires.
    public static let deleteTimeout: Milliseconds = 10_000
    /// The longest time for writing an Event, in milliseconds.
    public static let eventTimeout: Milliseconds = 10_000
    /// Requests under way at once, watches not counted.
    public static let requestsInFlight = 64
    /// The largest body of one answer in bytes.
    public static let bodyBytes = 32 << 20
    /// The largest body of a failed watch that is kept to explain the failure, in bytes.
    public static let failureBodyBytes = 64 << 10
    /// The longest part of a server's message that is repeated, in characters.
    public static let messageCharacters = 600

    /// Attempts of one read, the first included.
    public static let readAttempts = 5
    /// The first wait before a read is tried again, in milliseconds; it doubles.
    public static let readBackoffBase: Milliseconds = 200
    /// The longest wait between two attempts of a read, in milliseconds.
    public static let readBackoffCap: Milliseconds = 5_000
    /// The longest `Retry-After` that is waited for, in milliseconds. For a single read a longer one is an answer.
    public static let retryAfterCap: Milliseconds = 60_000
    /// Retries that all reads together may spend before successes must have earned new ones.
    public static let retryBudget = 20
    /// Successful reads that earn one retry.
    public static let successesPerRetry = 5

    /// The size that a page of a list should have, in bytes: so much of a fleet is in memory as text at once.
    public static let pageBytes = 4 << 20
    /// The largest page that is read, in bytes. A larger one is asked for again with fewer objects.
    public static let pageBytesMax = 16 << 20
    /// Objects asked for in the first page, before it is known what one weighs.
    public static let pageObjectsFirst = 50
    /// The most objects asked for in one page.
    public static let pageObjectsMax = 500
    /// Pages of one list.
    public static let pages = 100_000
    /// Failures in a row of one page after which the list begins anew.
    public static let pageAttempts = 5
    /// The longest line of a watch in bytes.
    public static let watchLineBytes = 8 << 20
    /// The shortest and the longest time after which the server is asked to end a watch, in seconds.
    public static let watchSeconds: ClosedRange<Int64> = 240...480
    /// How long after the time it was asked to end a watch the server counts as gone, in milliseconds.
    public static let watchGrace: Milliseconds = 30_000
    /// The longest silence of a watch before it counts as dead, in milliseconds: a server sends bookmarks about once a
    /// minute.
    public static let watchIdle: Milliseconds = 90_000
    /// The longest time until the answer to a watch begins, in milliseconds.
    public static let watchHeadTimeout: Milliseconds = 15_000
    /// The first wait before a watch is set up again, in milliseconds; it doubles.
    public static let watchBackoffBase: Milliseconds = 500
    /// The longest wait before a watch is set up again, in milliseconds.
    public static let watchBackoffCap: Milliseconds = 30_000
    /// How long a watch must have run before its earlier failures are forgotten, in milliseconds.
    public static let watchQuietPeriod: Milliseconds = 120_000
    /// A watch that ends sooner than this without an event counts as failed, in milliseconds.
    public static let watchShortest: Milliseconds = 1_000
    /// Failed watches from one version, in a row, after which everything is listed again.
    public static let watchFailures = 3

    /// Metrics pages of pods that are read at once: few of ``requestsInFlight``, so that no delete waits for one.
    public static let pagesInFlight = 10
    /// The longest time for one metrics page, in milliseconds.
    public static let pageTimeout: Milliseconds = 5_000
    /// The longest time for all pages of one order, in milliseconds. What was not read by then was not read.
    public static let pageRoundTimeout: Milliseconds = 60_000
    /// The largest metrics page in bytes. A node_exporter on a large machine gives about 1 MB.
    public static let metricsPageBytes = 8 << 20

    /// How long a credential plugin may run, in milliseconds.
    public static let pluginTimeout: Milliseconds = 60_000
    /// How long before its expiry a plugin's credential is renewed, in milliseconds.
    public static let credentialMargin: Milliseconds = 10_000
    /// How long a credential that could not be renewed is used before a plugin runs again, in milliseconds.
    public static let credentialRetry: Milliseconds = 2_000
    /// How often a token file is read, in milliseconds.
    public static let tokenFileInterval: Milliseconds = 60_000
    /// How often the files of a client certificate are read, in milliseconds.
    public static let certificateFileInterval: Milliseconds = 60_000
    /// How long the files of a client certificate must stay the same before they are used, in milliseconds: whoever
    /// replaces them writes one after the other.
    public static let certificateSettleTime: Milliseconds = 1_000
    /// The largest kubeconfig in bytes: one of a hundred clusters has about a megabyte.
    public static let kubeconfigBytes = 16 << 20

    /// How long a Lease is valid after a renewal, in seconds.
    public static let leaseSeconds: Int64 = 30
    /// How often a Lease is renewed, in milliseconds.
    public static let leaseRenewInterval: Milliseconds = 10_000
    /// The longest time for one request about a Lease, in milliseconds.
    public static let leaseRequestTimeout: Milliseconds = 5_000
    /// The wait after a failed request about a Lease, in milliseconds; it doubles.
    public static let leaseRetryBase: Milliseconds = 500
    /// The longest wait after a failed request about a Lease, in milliseconds.
    public static let leaseRetryCap: Milliseconds = 5_000
    /// The wait after the server has forbidden the Lease, in milliseconds.
    public static let leaseForbiddenRetry: Milliseconds = 30_000
}
