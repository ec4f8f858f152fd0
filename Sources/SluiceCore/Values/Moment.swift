/// A point in time on both clocks: what is stored is wall time, what is waited for is monotonic.
public struct Moment: Sendable, Hashable {
    /// Milliseconds of a clock that never steps back and that counts the time the machine was suspended.
    /// Its zero means nothing; it cannot be compared between two boots.
    public var monotonic: Milliseconds
    /// Milliseconds since 1970-01-01T00:00:00Z by this machine's clock.
    public var wall: Timestamp

    /// A point in time.
    public init(monotonic: Milliseconds, wall: Timestamp) {
        self.monotonic = monotonic
        self.wall = wall
    }

    /// This moment, a duration later on both clocks.
    public func advanced(by duration: Milliseconds) -> Moment {
        Moment(monotonic: monotonic + duration, wall: Timestamp(wall.millisecondsSince1970 + duration))
    }
}

/// A duration or a monotonic reading in milliseconds.
public typealias Milliseconds = Int64

/// A point of wall time, in milliseconds since 1970-01-01T00:00:00Z.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    public var millisecondsSince1970: Milliseconds

    /// A point of wall time.
    public init(_ millisecondsSince1970: Milliseconds) {
        self.millisecondsSince1970 = millisecondsSince1970
    }

    /// This time with the fraction of its second cut off, as Kubernetes writes times.
    public var wholeSecond: Timestamp {
        Timestamp(Self.floorDivide(millisecondsSince1970, 1_000) * 1_000)
    }

    /// Earlier comes first.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.millisecondsSince1970 < right.millisecondsSince1970
    }
}

extension Timestamp {
    /// Reads RFC 3339 as Kubernetes writes it: `2026-11-24T05:09:05Z`, with any number of fraction digits, `Z` or an
    /// offset. Nil for anything else.
    public init?(rfc3339 text: some StringProtocol) {
        var text = String(text)
        guard let time = text.withUTF8({ Timestamp(rfc3339: $0) }) else { return nil }
        self = time
    }

    /// Reads RFC 3339 from its bytes, as ``init(rfc3339:)-(StringProtocol)`` does.
    public init?(rfc3339 bytes: UnsafeBufferPointer<UInt8>) {
        func digits(_ range: Range<Int>) -> Int64? {
            guard range.upperBound <= bytes.count else { return nil }
            var number: Int64 = 0
            for byte in bytes[range] {
                guard byte >= 48, byte <= 57 else { return nil }
                number = number * 10 + Int64(byte - 48)
            }
            return number
        }
        func has(_ character: Unicode.Scalar, at index: Int) -> Bool {
            index < bytes.count && bytes[index] == UInt8(ascii: character)
        }
        guard let year = digits(0..<4), has("-", at: 4), let month = digits(5..<7), has("-", at: 7),
            let day = digits(8..<10), has("T", at: 10) || has("t", at: 10), let hour = digits(11..<13),
            has(":", at: 13), let minute = digits(14..<16), has(":", at: 16), let second = digits(17..<19),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 61
        else { return nil }
        var index = 19
        var milliseconds: Int64 = 0
        if has(".", at: index) {
            index += 1
            var scale: Int64 = 100
            let start = index
            while index < bytes.count, bytes[index] >= 48, bytes[index] <= 57 {
                milliseconds += Int64(bytes[index] - 48) * scale
                scale /= 10
                index += 1
            }
            guard index > start else { return nil }
        }
        var offsetMinutes: Int64 = 0
        if has("Z", at: index) || has("z", at: index) {
            index += 1
        } else {
            guard has("+", at: index) || has("-", at: index), let hours = digits(index + 1..<index + 3),
                has(":", at: index + 3), let minutes = digits(index + 4..<index + 6)
            else { return nil }
            offsetMinutes = (hours * 60 + minutes) * (has("-", at: index) ? -1 : 1)
            index += 6
        }
        guard index == bytes.count else { return nil }
        let days = Self.days(year: year, month: month, day: day)
        let seconds = days * 86_400 + hour * 3_600 + (minute - offsetMinutes) * 60 + second
        self.init(seconds * 1_000 + milliseconds)
    }

    /// RFC 3339 in UTC with whole seconds, rounded down: `2026-11-24T05:09:05Z`.
    public var rfc3339: String { text(fraction: nil) }

    /// RFC 3339 in UTC with the six digits of fraction that a Kubernetes MicroTime must have.
    public var rfc3339Micro: String { text(fraction: Self.modulo(millisecondsSince1970, 1_000)) }

    private func text(fraction: Int64?) -> String {
        let total = Self.floorDivide(millisecondsSince1970, 1_000)
        let (year, month, day) = Self.civil(days: Self.floorDivide(total, 86_400))
        let second = Self.modulo(total, 86_400)
        return String(unsafeUninitializedCapacity: TimeText.capacity) { bytes in
            var text = TimeText(bytes)
            text.append(year, width: 4)
            text.append(month, width: 2, after: "-")
            text.append(day, width: 2, after: "-")
            text.append(second / 3_600, width: 2, after: "T")
            text.append(second / 60 % 60, width: 2, after: ":")
            text.append(second % 60, width: 2, after: ":")
            if let fraction { text.append(fraction * 1_000, width: 6, after: ".") }
            text.append("Z")
            return text.count
        }
    }

    private static func floorDivide(_ left: Int64, _ right: Int64) -> Int64 {
        left >= 0 ? left / right : (left - right + 1) / right
    }

    private static func modulo(_ left: Int64, _ right: Int64) -> Int64 {
        left - floorDivide(left, right) * right
    }

    /// Days since 1970-01-01 in the proleptic Gregorian calendar, with years that begin in March so that the leap day
    /// comes last.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let marchYear = month > 2 ? year : year - 1
        let era = floorDivide(marchYear, 400)
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthIndex + 2) / 5 + 1
        let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}

/// The text of a time as it is written, byte by byte: pods carry a dozen of them.
private struct TimeText {
    /// The most bytes that a time takes: years that 64 bits of milliseconds can hold, and a fraction.
    static let capacity = 40
    private let bytes: UnsafeMutableBufferPointer<UInt8>
    private(set) var count = 0

    init(_ bytes: UnsafeMutableBufferPointer<UInt8>) { self.bytes = bytes }

    mutating func append(_ character: Unicode.Scalar) {
        bytes[count] = UInt8(ascii: character)
        count += 1
    }

    /// Writes a number with leading zeros, after a separator.
    mutating func append(_ number: Int64, width: Int, after separator: Unicode.Scalar? = nil) {
        if let separator { append(separator) }
        guard number >= 0, number < 10_000 || width > 4 else {
            for byte in String(number).utf8 {
                bytes[count] = byte
                count += 1
            }
            return
        }
        var rest = number
        for index in (count..<count + width).reversed() {
            bytes[index] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
        count += width
    }
}
