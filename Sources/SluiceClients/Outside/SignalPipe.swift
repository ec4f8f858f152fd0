import CCurl
import Foundation

/// Signals as bytes in a pipe, so that the poll sees them.
///
/// The handler itself is C (`shim.h`) and its state belongs to the process: of two pipes only the younger one gets
/// signals. This is the only file that may call the `sluice_…signal…` functions.
final class SignalPipe {
    /// Readable when a signal was caught.
    let descriptor: Int32
    private let writing: Int32
    private var numbers: [Int32] = []

    init(_ numbers: [Int32]) throws(TransportError) {
        switch Descriptor.pipe() {
        case .success(let ends): (descriptor, writing) = ends
        case .failure(let failure):
            throw TransportError(.broken, "cannot catch signals: \(SystemText.error(failure.number))")
        }
        sluice_signals_go_to(writing)
        for number in numbers {
            guard sluice_catch_signal(number) == 0 else {
                throw TransportError(.broken, "cannot catch signal \(number): \(SystemText.error(errno))")
            }
            self.numbers.append(number)
        }
    }

    /// The signals caught since the last call.
    func take() -> [Int32] {
        guard case .bytes(let bytes) = Descriptor.read(descriptor, atMost: 64) else { return [] }
        return bytes.map(Int32.init)
    }

    deinit {
        for number in numbers { _ = sluice_release_signal(number) }
        sluice_signals_go_to(-1)
        _ = Foundation.close(descriptor)
        _ = Foundation.close(writing)
    }
}
