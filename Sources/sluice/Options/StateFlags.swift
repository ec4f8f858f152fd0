import ArgumentParser
import Foundation
import SluiceCore
import SluiceStore

/// Where the database is.
struct StateFlags: ParsableArguments {
    @Option(
        name: .customLong("state"),
        help: ArgumentHelp(
            "The database (default: SLUICE_STATE, or sluice/state.db in the XDG state folder).", valueName: "path"))
    var statePath: String?

    /// The flag, else `SLUICE_STATE`, else the XDG state folder (freedesktop.org, Base Directory Specification).
    var path: String {
        if let statePath, !statePath.isEmpty { return statePath }
        if let path = environment("SLUICE_STATE"), !path.isEmpty { return path }
        if let folder = environment("XDG_STATE_HOME"), folder.hasPrefix("/") { return "\(folder)/sluice/state.db" }
        return "\(environment("HOME") ?? NSHomeDirectory())/.local/state/sluice/state.db"
    }

    /// Opens the database, and makes it when it is absent.
    func open() throws -> Store {
        try Store.open(path: path, databaseID: Self.drawIdentity, at: Self.now)
    }

    /// Opens the database of a rollout that must exist.
    func openExisting() throws -> Store {
        guard try Store.openReadOnly(path: path) != nil else { throw StoreError.missing(path: path) }
        return try open()
    }

    /// Opens the database for reading; nil when there is none.
    func openForReading() throws -> Store? { try Store.openReadOnly(path: path) }

    static var now: Timestamp { Timestamp(Milliseconds((Date().timeIntervalSince1970 * 1_000).rounded(.down))) }

    /// The identity of a new database: 80 random bits in letters that are not mistaken for each other.
    static func drawIdentity() -> String { drawLetters(16) }

    static func drawLetters(_ count: Int) -> String {
        let letters = Array("bcdfghjklmnpqrstvwxz2456789")
        var generator = SystemRandomNumberGenerator()
        return String((0..<count).map { _ in letters[Int.random(in: 0..<letters.count, using: &generator)] })
    }
}
