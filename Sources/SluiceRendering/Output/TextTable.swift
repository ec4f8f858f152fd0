/// A table as kubectl prints them: a header in capitals, columns set apart by spaces, no lines.
struct TextTable {
    /// One column.
    struct Column {
        enum Alignment { case left, right }

        /// The header, written in capitals.
        var title: String
        var alignment = Alignment.left
        /// Whether the column gives way when the table is too wide.
        var isFlexible = false
        /// Whether the text goes on in the next line instead of being cut. For the last column only.
        var isWrapped = false

        init(
            _ title: String, _ alignment: Alignment = .left, isFlexible: Bool = false, isWrapped: Bool = false
        ) {
            self.title = title
            self.alignment = alignment
            self.isFlexible = isFlexible
            self.isWrapped = isWrapped
        }
    }

    /// One cell.
    struct Cell {
        var text: String
        var tone = Tone.plain

        init(_ text: String, _ tone: Tone = .plain) {
            self.text = TextLayout.cleaned(text)
            self.tone = tone
        }

        init(_ number: Int, _ tone: Tone = .plain) { self.init(String(number), tone) }
    }

    /// The columns between two columns.
    static let gap = 2
    /// A flexible column is not made narrower than this.
    static let minimumFlexibleWidth = 6
    /// A wrapped column is not made narrower than this.
    static let minimumWrappedWidth = 24

    var columns: [Column]
    /// As many cells in each row as there are columns.
    var rows: [[Cell]]

    /// The lines, header first, without trailing spaces. Wide tables are not cut.
    func lines(style: Style, isWide: Bool) -> [String] {
        let widths = isWide ? naturalWidths : fittingWidths(style.width)
        let header = columns.map { Cell($0.title.uppercased()) }
        return ([header] + rows).flatMap { lines(of: $0, widths: widths, style: style) }
    }

    private var naturalWidths: [Int] {
        columns.indices.map { index in
            rows.reduce(columns[index].title.count) { max($0, $1[index].text.count) }
        }
    }

    /// The wrapped column gives way first, then the widest flexible one, one column of text at a time, until the table
    /// fits or nothing gives; then every column does.
    private func fittingWidths(_ width: Int) -> [Int] {
        var widths = naturalWidths
        let available = width - Self.gap * (columns.count - 1)
        func shrink(_ candidates: [Int], least: Int) {
            while widths.reduce(0, +) > available {
                let open = candidates.filter { widths[$0] > least }
                guard let widest = open.max(by: { widths[$0] < widths[$1] }) else { return }
                widths[widest] -= 1
            }
        }
        shrink(columns.indices.filter { columns[$0].isWrapped }, least: Self.minimumWrappedWidth)
        shrink(columns.indices.filter { columns[$0].isFlexible }, least: Self.minimumFlexibleWidth)
        shrink(Array(columns.indices), least: 1)
        return widths
    }

    /// The row's line, and those that its wrapped cell needs below.
    private func lines(of cells: [Cell], widths: [Int], style: Style) -> [String] {
        guard let last = columns.last, last.isWrapped, let cell = cells.last, let width = widths.last,
            cell.text.count > width
        else { return [line(of: cells, widths: widths, style: style)] }
        let wrapped = TextLayout.wrapped(cell.text, width: width)
        let indent = String(repeating: " ", count: widths.dropLast().reduce(0) { $0 + $1 + Self.gap })
        let first = line(of: cells.dropLast() + [Cell(wrapped[0], cell.tone)], widths: widths, style: style)
        return [first] + wrapped.dropFirst().map { indent + cell.tone.applied(to: $0, style) }
    }

    private func line(of cells: [Cell], widths: [Int], style: Style) -> String {
        var line = ""
        var pendingSpaces = 0
        for (index, cell) in cells.enumerated() {
            let text = TextLayout.cut(cell.text, to: widths[index])
            let padding = widths[index] - text.count
            let isRight = columns[index].alignment == .right
            pendingSpaces += isRight ? padding : 0
            if !text.isEmpty {
                line += String(repeating: " ", count: pendingSpaces) + cell.tone.applied(to: text, style)
                pendingSpaces = 0
            }
            pendingSpaces += (isRight ? 0 : padding) + Self.gap
        }
        return line
    }
}
