public import SluiceClients
public import SluiceCore

/// Looks at the ConfigMaps and Secrets that a template reads, before a rollout. Blocks until everything is answered.
public enum ConfigReader {
    /// What was found of each reference, in their order.
    ///
    /// - Throws: `APIError` of kind `interrupted`; every other failure is a reading.
    public static func readings(
        of references: [ConfigReference], namespace: String, client: KubernetesClient
    ) throws(APIError) -> [ConfigReading] {
        let requests = references.map { APIRequest.getMetadata(of: $0.object, namespace: namespace) }
        return try client.perform(requests).map(\.configReading)
    }
}
