import ArgumentParser
import SluiceCore

do {
    var command = try Sluice.parseAsRoot()
    try command.run()
} catch let failure as CommandFailure {
    failure.end()
} catch {
    Sluice.exit(withError: error)
}
