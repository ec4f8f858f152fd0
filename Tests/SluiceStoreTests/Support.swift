import Foundation
import GRDB
import SluiceCore
import SluiceStore
import Testing

/// A folder that goes away with the test.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "/sluice-store-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            print("left behind: \(path)")
        }
    }

    func file(_ name: String) -> String { path + "/" + name }
}

/// Opens a store with a short patience.
func openStore(_ path: String, id: String = "db-1", at now: Timestamp = Timestamp(1_000)) throws -> Store {
    try Store.open(path: path, databaseID: { id }, at: now, options: Store.Options(busyTimeout: 200))
}

/// The kind of error that an action ends in; nil when it succeeds.
func storeError(_ action: () throws -> Void) throws -> StoreError? {
    do {
        try action()
        return nil
    } catch let error as StoreError {
        return error
    }
}

/// Changes a database behind the store's back.
func tamper(_ path: String, _ sql: String) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
    try queue.close()
}

func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path))) }

func write(_ bytes: [UInt8], to path: String) throws { try Data(bytes).write(to: URL(filePath: path)) }

/// The permission bits of a file.
func mode(_ path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return try #require(attributes[.posixPermissions] as? Int)
}

func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
