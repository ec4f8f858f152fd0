import SluiceCore

/// The limits of ``SystemOutside``, each with its unit.
enum OutsideLimits {
    /// The oldest libcurl that has everything in use, as libcurl writes versions: 7.81.0.
    static let oldestLibrary: UInt32 = 0x07_51_00
    /// Connections kept open between requests. Libcurl's own default closes and opens TLS connections all the time.
    static let keptConnections = 512
    /// Bytes that libcurl reads from a socket at once.
    static let readSize = 64 << 10
    /// Bytes of all headers of one response.
    static let headerBytes = 256 << 10
    /// Seconds of silence before TCP itself probes a connection: fewer than impatient middleboxes allow.
    static let keepAliveSeconds = 20
    /// Seconds between two probes; three that are not answered end the connection.
    static let keepAliveProbeSeconds = 5
    /// Bytes of a file of ``SystemOutside/readFile(_:)``.
    static let fileBytes = 16 << 20
    /// Milliseconds that a file may keep its reader waiting: a pipe into which nobody writes.
    static let fileWait: Milliseconds = 5_000
    /// Bytes that a command may write to stdout; one that writes more is killed.
    static let commandOutputBytes = 1 << 20
    /// Bytes kept of what a command writes to stderr; the rest is read and dropped.
    static let commandDiagnosticsBytes = 64 << 10
    /// The longest part of a command's diagnostics that a message repeats, in characters.
    static let diagnosticsCharacters = 2_000
    /// Bytes that a terminal is given at once.
    static let terminalBytes = 4 << 10
    /// Attempts to start a program that somebody is writing at the moment, the first included.
    static let launchAttempts = 50
    /// Reads of a command's pipe in one turn, so that an endless output cannot keep the thread.
    static let readsPerTurn = 32
    /// Milliseconds between two looks at the version of the database.
    static let storeInterval: Milliseconds = 1_000
    /// Milliseconds between two looks at a command where the kernel cannot tell of its end.
    static let reapInterval: Milliseconds = 20
    /// The longest sleep in milliseconds: the system's sleep does not count time in suspension, our deadlines do.
    static let longestSleep: Milliseconds = 60_000
}
