public import SluiceCore
import SluiceDocuments

/// From the bytes of a plan file to a plan.
public enum PlanLoader {
    /// Reads a plan.
    ///
    /// - Parameters:
    ///   - text: the file's bytes.
    ///   - file: the file's name, for the messages.
    /// - Throws: ``InvalidPlan`` with every problem, each with file, line and column.
    public static func load(_ text: [UInt8], file: String) throws(InvalidPlan) -> RolloutPlan {
        let document: Document
        do throws(DocumentError) {
            document = try YAMLReader.read(text)
        } catch {
            throw InvalidPlan(lines: ["\(file):\(error)"])
        }
        switch PlanReader.read(document, zones: .system) {
        case .success(let plan): return plan
        case .failure(let problems): throw InvalidPlan(lines: problems.problems.map { "\(file):\($0)" })
        }
    }
}

/// A plan file that cannot be used.
public struct InvalidPlan: Error, Sendable, Equatable {
    /// The problems, one a line.
    public var lines: [String]
}
