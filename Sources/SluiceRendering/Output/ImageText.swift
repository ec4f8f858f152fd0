import SluiceCore

/// Images of a template in a table.
enum ImageText {
    /// The columns that are enough of a digest to tell it from another.
    private static let digestColumns = 12

    /// The references in full.
    static func full(_ images: [ContainerImage]) -> String { images.map(\.image).joined(separator: ", ") }

    /// What tells versions apart: the tags, or the beginnings of digests.
    static func versions(_ images: [ContainerImage]) -> String {
        images.map { version(of: $0.image) }.joined(separator: ", ")
    }

    /// `v1.9.1` of `quay.io/prometheus/node-exporter:v1.9.1`; `latest` when nothing is said.
    static func version(of image: String) -> String {
        if let digest = image.lastIndex(of: "@") {
            let text = image[image.index(after: digest)...]
            return String((text.split(separator: ":").last ?? text).prefix(digestColumns))
        }
        let name = image.lastIndex(of: "/").map { image[image.index(after: $0)...] } ?? image[...]
        guard let colon = name.lastIndex(of: ":") else { return "latest" }
        return String(name[name.index(after: colon)...])
    }
}
