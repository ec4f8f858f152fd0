import SluiceClients
import SluiceCore

/// A real etcd, kube-apiserver and kube-controller-manager of the test's own.
///
/// API server and controller manager are taken to stand on one machine: who kills the one kills the other, and the
/// controller manager comes back as soon as there is an API server again. etcd stands on another.
final class ControlPlane {
    /// What can be killed.
    enum Server: String {
        case etcd
        case apiServer = "kube-apiserver"
    }

    /// Where things are: the script around the test has prepared them.
    struct Place {
        /// With `bin`, `pki`, `log`, `pids`, kubeconfigs and the audit policy.
        var folder: String
        /// The API server's port; the controller manager has the next one.
        var port: Int
        /// etcd's port for clients; peers have the next one.
        var etcdPort: Int

        var auditLog: String { "\(folder)/audit.log" }
    }

    private let place: Place
    private let loop: EventLoop
    private var etcd: Program?
    private var apiServer: Program?
    private var controllerManager: Program?
    /// Whether reads and writes reach etcd.
    private(set) var isReady = false
    /// Since when they do, by the loop's clock.
    private(set) var readySince: Milliseconds = 0
    /// Counts kills, so that nobody believes an answer from before the last one.
    private var era = 0
    /// Told whenever it has become ready.
    var onReady: () -> Void = {}
    /// Why a server could not be started again.
    private var startFailure: KillTestFailure?

    /// How long the first start may take, in seconds.
    private static let startPatience: Int64 = 120
    /// The wait between two looks whether the API server answers, in milliseconds.
    private static let probeInterval: Milliseconds = 150
    /// The longest wait for an answer to such a look, in milliseconds.
    private static let probeTimeout: Milliseconds = 3_000

    init(_ place: Place, loop: EventLoop) {
        self.place = place
        self.loop = loop
    }

    /// Starts all, and waits until they are ready.
    func start() throws {
        try startEtcd()
        try startAPIServer()
        probe()
        try loop.pump("for the control plane", seconds: Self.startPatience) { isReady }
    }

    /// Ends all.
    func stop() {
        for program in [controllerManager, apiServer, etcd] { program?.end() }
        (controllerManager, apiServer, etcd) = (nil, nil, nil)
    }

    /// Kills a server, and starts it again after a while.
    func kill(_ server: Server, restartAfter pause: Milliseconds) {
        era += 1
        isReady = false
        switch server {
        case .etcd:
            etcd?.kill()
            etcd = nil
        case .apiServer:
            apiServer?.kill()
            controllerManager?.kill()
            (apiServer, controllerManager) = (nil, nil)
        }
        let mine = era
        loop.after(pause) { [weak self] in
            guard let self, era == mine else { return }
            probe()
        }
    }

    /// Looks whether all servers that nobody killed still run.
    ///
    /// - Throws: ``KillTestFailure`` with a server's last words.
    func lookAfter() throws {
        if let startFailure { throw startFailure }
        for program in [etcd, apiServer, controllerManager] {
            guard let program, !program.isRunning else { continue }
            throw KillTestFailure(description: "a server ended by itself; \(program.log):\n\(program.lastWords)")
        }
    }

    private func startEtcd() throws {
        let (client, peer) = ("http://127.0.0.1:\(place.etcdPort)", "http://127.0.0.1:\(place.etcdPort + 1)")
        etcd = try start(
            "etcd",
            [
                "--name=test", "--data-dir=\(place.folder)/etcd", "--listen-client-urls=\(client)",
                "--advertise-client-urls=\(client)", "--listen-peer-urls=\(peer)",
                "--initial-advertise-peer-urls=\(peer)", "--initial-cluster=test=\(peer)",
            ])
    }

    private func startAPIServer() throws {
        let pki = "\(place.folder)/pki"
        apiServer = try start(
            "kube-apiserver",
            [
                "--etcd-servers=http://127.0.0.1:\(place.etcdPort)", "--bind-address=127.0.0.1",
                "--advertise-address=127.0.0.1", "--secure-port=\(place.port)", "--endpoint-reconciler-type=none",
                "--tls-cert-file=\(pki)/server.crt", "--tls-private-key-file=\(pki)/server.key",
                "--client-ca-file=\(pki)/ca.crt", "--authorization-mode=RBAC",
                "--service-account-issuer=https://kubernetes.default.svc",
                "--service-account-key-file=\(pki)/accounts.pub",
                "--service-account-signing-key-file=\(pki)/accounts.key", "--service-cluster-ip-range=10.96.0.0/16",
                // No controllers run that would give a namespace its ServiceAccount or take a new node's taint away.
                "--disable-admission-plugins=ServiceAccount,TaintNodesByCondition",
                // `blocking`: a line is written before the server goes on, so that a kill can lose the last one only.
                "--audit-policy-file=\(place.folder)/audit-policy.yaml", "--audit-log-path=\(place.auditLog)",
                "--audit-log-mode=blocking", "--audit-log-maxsize=4096",
            ])
    }

    private func startControllerManager() throws {
        controllerManager = try start(
            "kube-controller-manager",
            [
                "--kubeconfig=\(place.folder)/controller-manager.kubeconfig", "--bind-address=127.0.0.1",
                "--secure-port=\(place.port + 1)", "--cert-dir=\(place.folder)/controller-manager-certificates",
                "--leader-elect=false", "--controllers=daemonset",
            ])
    }

    private func start(_ name: String, _ arguments: [String]) throws -> Program {
        try Program(name, "\(place.folder)/bin/\(name)", arguments, folder: place.folder)
    }

    /// Starts what is missing, and looks again and again until a read comes through to etcd.
    private func probe() {
        let mine = era
        do {
            if etcd == nil { try startEtcd() }
            if apiServer == nil { try startAPIServer() }
        } catch {
            startFailure = KillTestFailure(description: "a server cannot be started: \(error)")
            return
        }
        let request = APIRequest(
            .get, "/api/v1/namespaces/default", subject: .init(verb: "get", resource: "namespaces", name: "default"),
            timeout: Self.probeTimeout, isRetried: false)
        loop.client.send(request) { [weak self] result in
            guard let self, era == mine else { return }
            switch result {
            case .success: becomeReady()
            case .failure: loop.after(Self.probeInterval) { [weak self] in if let self, era == mine { probe() } }
            }
        }
    }

    private func becomeReady() {
        isReady = true
        readySince = loop.now
        do {
            if controllerManager == nil { try startControllerManager() }
        } catch {
            startFailure = KillTestFailure(description: "the controller manager cannot be started: \(error)")
        }
        onReady()
    }
}
