import SluiceCore

/// Several kubeconfigs as one: for each name the first file that has it counts, as for kubectl.
struct Kubeconfig {
    private var files: [KubeconfigFile]

    init(files: [KubeconfigFile]) { self.files = files }

    private var paths: [String] { files.map(\.path) }

    private func entries(_ list: KeyPath<KubeconfigFile, [KubeconfigFile.Entry]>) -> [KubeconfigFile.Entry] {
        files.flatMap { $0[keyPath: list] }
    }

    /// Chooses a context and reads what it refers to.
    func access(_ options: AccessOptions, outside: any Outside) throws(AccessError) -> ClusterAccess {
        let context = try context(options)
        let cluster = try entry(context, "cluster", options.cluster, \.clusters)
        let user = try entry(context, "user", options.user, \.users)
        if cluster == nil, options.server == nil, let context { throw .missing(context.body.place("cluster")) }
        let reader = AccessReader(outside: outside, options: options, cluster: cluster?.body)
        let server = try reader.server()
        var security = try reader.security()
        let credentials = CredentialReader(reader: reader, server: server, user: user?.body)
        let found = try credentials.read(&security)
        var origin = reader.origin
        origin.user = user?.body.place
        origin.credential = found.place
        origin.certificate = found.certificatePlace
        // One that is renewed in its file has another end by the time of a message.
        if found.certificateFiles == nil { origin.certificateEnd = security.certificate.flatMap(CertificateDates.end) }
        var namespace = options.namespace
        if namespace == nil, let context { namespace = try context.body.string("namespace") }
        return ClusterAccess(
            server: server, namespace: namespace ?? "default", security: security, credential: found.credential,
            impersonation: try options.impersonation(user?.body), requestTimeout: try options.timeout(),
            contextName: context?.name, certificateFiles: found.certificateFiles,
            compresses: try cluster.map { (cluster) throws(AccessError) in
                try !cluster.body.bool("disable-compression")
            } ?? true, origin: origin)
    }

    /// The chosen context; nil when none is and flags say where to go.
    private func context(_ options: AccessOptions) throws(AccessError) -> KubeconfigFile.Entry? {
        let contexts = entries(\.contexts)
        let known = contexts.map(\.name)
        guard let name = options.context ?? files.lazy.compactMap(\.currentContext).first else {
            if options.server != nil || options.cluster != nil { return nil }
            throw .noContext(files: paths, known: known)
        }
        guard let context = contexts.first(where: { $0.name == name }) else {
            throw .unknownContext(name, files: paths, known: known)
        }
        return context
    }

    /// The cluster or user that a flag or else the context names; nil when neither does.
    private func entry(
        _ context: KubeconfigFile.Entry?, _ kind: String, _ flag: String?,
        _ list: KeyPath<KubeconfigFile, [KubeconfigFile.Entry]>
    ) throws(AccessError) -> KubeconfigFile.Entry? {
        var name = flag
        if name == nil, let context { name = try context.body.string(kind) }
        guard let name else { return nil }
        let all = entries(list)
        guard let entry = all.first(where: { $0.name == name }) else {
            let flagPlace = AccessPlace(file: nil, field: "--\(kind)")
            let place = flag == nil ? context?.body.place(kind) ?? flagPlace : flagPlace
            throw .unknownReference(place, kind: kind, name: name, known: all.map(\.name))
        }
        return entry
    }
}

extension ClusterAccess {
    /// Finds out where the API server is and who we are to it, by kubectl's rules: `--kubeconfig`, else the files of
    /// `KUBECONFIG`, else `~/.kube/config`; when there is none, the service account of the pod we run in.
    ///
    /// - Parameter environment: the value of an environment variable, nil when it is not set.
    /// - Throws: ``AccessError``.
    public static func load(
        _ options: AccessOptions, environment: (String) -> String?, outside: any Outside
    ) throws(AccessError) -> ClusterAccess {
        let (files, tried) = try kubeconfigs(options, environment, outside)
        if !files.isEmpty { return try Kubeconfig(files: files).access(options, outside: outside) }
        let isChosen = options.context != nil || options.cluster != nil || options.user != nil
        if !isChosen, let pod = try InCluster.access(options, environment, outside) { return pod }
        if options.server != nil { return try Kubeconfig(files: []).access(options, outside: outside) }
        let noPod =
            !isChosen
            ? "KUBERNETES_SERVICE_HOST is not set, so this is no pod"
            : "a pod's service account has no contexts, clusters and users to choose from"
        throw .nothingFound(tried: tried, inCluster: noPod)
    }

    /// The kubeconfigs that there are, and the paths that were tried.
    private static func kubeconfigs(
        _ options: AccessOptions, _ environment: (String) -> String?, _ outside: any Outside
    ) throws(AccessError) -> (files: [KubeconfigFile], tried: [String]) {
        var mustExist = false
        var paths: [String] = []
        if let path = options.kubeconfig {
            paths = [path]
            mustExist = true
        } else if let list = environment("KUBECONFIG"), !list.isEmpty {
            paths = list.split(separator: ":").map(String.init)
        } else if let home = environment("HOME"), !home.isEmpty {
            paths = ["\(home)/.kube/config"]
        }
        var files: [KubeconfigFile] = []
        for path in paths {
            do {
                files.append(try KubeconfigFile(path: path, bytes: outside.readFile(path)))
            } catch let error as FileError {
                guard error.isMissing, !mustExist else { throw .unreadable(error) }
            } catch let error as AccessError {
                throw error
            } catch {
                throw .unreadable(FileError(path: path, message: "\(error)"))
            }
        }
        return (files, paths.isEmpty ? ["KUBECONFIG and HOME, which are not set"] : paths)
    }
}
