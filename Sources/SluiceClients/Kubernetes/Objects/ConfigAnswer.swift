public import SluiceCore

extension Result where Success == APIResponse, Failure == APIError {
    /// What the answer to a look at the metadata of a ConfigMap or a Secret says.
    public var configReading: ConfigReading {
        switch self {
        case .success(let response):
            response.json.flatMap(ConfigVersion.init(json:)).map(ConfigReading.present)
                ?? .unreadable("the API server's answer has no metadata with uid and resourceVersion")
        case .failure(let error) where error.isNotFound: .missing
        case .failure(let error):
            switch error.kind {
            case .status where !error.isTemporary, .forbidden, .decoding: .unreadable(error.description)
            case .status, .transport, .authentication, .credential, .notSent, .interrupted: .failed(error.description)
            }
        }
    }
}
