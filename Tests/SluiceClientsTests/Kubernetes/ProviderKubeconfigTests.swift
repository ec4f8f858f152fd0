import SluiceClients
import SluiceCore
import SluiceDocuments
import Testing

/// Kubeconfigs in the shape in which the tools of the time write them; the secrets are made up.
@Suite("What the common tools write is read")
struct ProviderKubeconfigTests {
    /// A tool's kubeconfig and what is read of it.
    struct Provider: Sendable, CustomTestStringConvertible {
        var name: String
        var text: String
        var server: String
        var credential: String
        var namespace = "default"
        var serverName: String?
        var hasAuthorities = true
        var hasCertificate = false
        /// The plugin's arguments, where there is one.
        var arguments: [String] = []
        var testDescription: String { name }
    }

    private static let ca = KubeconfigTests.certificateData
    private static let key = KubeconfigTests.keyData

    private static func load(_ provider: Provider) throws -> ClusterAccess {
        let outside = ScriptedOutside()
        outside.files["/home/ann/.kube/config"] = Array(provider.text.utf8)
        for path in ["ca.crt", "profiles/minikube/client.crt"] {
            outside.files["/home/ann/.minikube/\(path)"] = Array(KubeconfigTests.certificate.utf8)
        }
        outside.files["/home/ann/.minikube/profiles/minikube/client.key"] = Array(KubeconfigTests.key.utf8)
        return try ClusterAccess.load(
            AccessOptions(), environment: { $0 == "HOME" ? "/home/ann" : nil }, outside: outside)
    }

    @Test("It loads, and means what kubectl takes it for", arguments: providers)
    func loads(provider: Provider) throws {
        let access = try Self.load(provider)
        #expect(access.server == provider.server)
        #expect("\(access.credential)" == provider.credential)
        #expect(access.namespace == provider.namespace)
        #expect(access.security.serverName == provider.serverName)
        #expect((access.security.authorities != nil) == provider.hasAuthorities)
        #expect((access.security.certificate != nil) == provider.hasCertificate)
        #expect(!access.security.isInsecure)
        if case .plugin(let plugin) = access.credential { #expect(plugin.arguments == provider.arguments) }
    }

    @Test("The kubeconfigs that one person has can be read as one, and every context of them chosen")
    func together() throws {
        let outside = ScriptedOutside()
        for (index, provider) in Self.providers.enumerated() where provider.name != "minikube" {
            outside.files["/c/\(index)"] = Array(provider.text.utf8)
        }
        let list = outside.files.keys.sorted().joined(separator: ":")
        for provider in Self.providers where provider.name != "minikube" {
            let document = try YAMLReader.read(Array(provider.text.utf8))
            guard case .string(let context)? = document["current-context"]?.content else {
                Issue.record("\(provider.name) has no current context")
                continue
            }
            let access = try ClusterAccess.load(
                AccessOptions(context: context), environment: { $0 == "KUBECONFIG" ? list : nil }, outside: outside)
            #expect(access.server == provider.server, "\(provider.name)")
        }
    }

    static let providers = [eks, gke, aks, oidc, kubeadm, kind, k3s, minikube, rancher, openShift, teleport]

    private static let eks = Provider(
        name: "aws eks update-kubeconfig",
        text: """
            apiVersion: v1
            clusters:
            - cluster:
                certificate-authority-data: \(ca)
                server: https://0123456789ABCDEF0123456789ABCDEF.gr7.eu-central-1.eks.amazonaws.com
              name: arn:aws:eks:eu-central-1:111122223333:cluster/prod
            contexts:
            - context:
                cluster: arn:aws:eks:eu-central-1:111122223333:cluster/prod
                user: arn:aws:eks:eu-central-1:111122223333:cluster/prod
              name: arn:aws:eks:eu-central-1:111122223333:cluster/prod
            current-context: arn:aws:eks:eu-central-1:111122223333:cluster/prod
            kind: Config
            preferences: {}
            users:
            - name: arn:aws:eks:eu-central-1:111122223333:cluster/prod
              user:
                exec:
                  apiVersion: client.authentication.k8s.io/v1beta1
                  args:
                  - --region
                  - eu-central-1
                  - eks
                  - get-token
                  - --cluster-name
                  - prod
                  - --output
                  - json
                  command: aws
                  env:
                  - name: AWS_PROFILE
                    value: prod
            """,
        server: "https://0123456789ABCDEF0123456789ABCDEF.gr7.eu-central-1.eks.amazonaws.com",
        credential: "plugin aws",
        arguments: [
            "--region", "eu-central-1", "eks", "get-token", "--cluster-name", "prod", "--output", "json",
        ])

    private static let gke = Provider(
        name: "gcloud container clusters get-credentials",
        text: """
            apiVersion: v1
            kind: Config
            current-context: gke_my-project_europe-west3_prod
            contexts:
            - name: gke_my-project_europe-west3_prod
              context: {cluster: gke_my-project_europe-west3_prod, user: gke_my-project_europe-west3_prod}
            clusters:
            - name: gke_my-project_europe-west3_prod
              cluster:
                certificate-authority-data: \(ca)
                server: https://203.0.113.7
            users:
            - name: gke_my-project_europe-west3_prod
              user:
                exec:
                  apiVersion: client.authentication.k8s.io/v1beta1
                  command: gke-gcloud-auth-plugin
                  installHint: Install gke-gcloud-auth-plugin for use with kubectl by following
                    https://cloud.google.com/kubernetes-engine/docs/how-to/cluster-access-for-kubectl#install_plugin
                  interactiveMode: IfAvailable
                  provideClusterInfo: true
            """,
        server: "https://203.0.113.7", credential: "plugin gke-gcloud-auth-plugin")

    private static let aks = Provider(
        name: "az aks get-credentials and kubelogin convert-kubeconfig",
        text: """
            apiVersion: v1
            clusters:
            - cluster:
                certificate-authority-data: \(ca)
                server: https://prod-dns-a1b2c3d4.hcp.westeurope.azmk8s.io:443
              name: prod
            contexts:
            - context:
                cluster: prod
                user: clusterUser_rg_prod
              name: prod
            current-context: prod
            kind: Config
            users:
            - name: clusterUser_rg_prod
              user:
                exec:
                  apiVersion: client.authentication.k8s.io/v1beta1
                  args: [get-token, --login, azurecli, --server-id, 6dae42f8-4368-4678-94ff-3960e28e3630]
                  command: kubelogin
                  env: null
                  installHint: |2

                    kubelogin is not installed which is required to connect to AAD enabled cluster.

                    To learn more, please go to https://aka.ms/aks/kubelogin
                  provideClusterInfo: false
            """,
        server: "https://prod-dns-a1b2c3d4.hcp.westeurope.azmk8s.io:443", credential: "plugin kubelogin",
        arguments: ["get-token", "--login", "azurecli", "--server-id", "6dae42f8-4368-4678-94ff-3960e28e3630"])

    private static let oidc = Provider(
        name: "kubectl oidc-login setup",
        text: """
            apiVersion: v1
            kind: Config
            clusters:
            - name: corp
              cluster: {server: "https://kube.corp.example/k8s/clusters/c-m-1", certificate-authority-data: \(ca)}
            contexts: [{name: corp, context: {cluster: corp, user: oidc, namespace: team-a}}]
            current-context: corp
            users:
            - name: oidc
              user:
                exec:
                  apiVersion: client.authentication.k8s.io/v1
                  command: kubectl
                  args: [oidc-login, get-token, "--oidc-issuer-url=https://issuer.example", --oidc-client-id=kube]
                  env: []
                  interactiveMode: Never
                  provideClusterInfo: false
            """,
        server: "https://kube.corp.example/k8s/clusters/c-m-1", credential: "plugin kubectl", namespace: "team-a",
        arguments: [
            "oidc-login", "get-token", "--oidc-issuer-url=https://issuer.example", "--oidc-client-id=kube",
        ])

    private static func withPair(
        _ name: String, server: String, cluster: String, user: String, context: String
    ) -> Provider {
        Provider(
            name: name,
            text: """
                apiVersion: v1
                clusters:
                - cluster:
                    certificate-authority-data: \(ca)
                    server: \(server)
                  name: \(cluster)
                contexts:
                - context:
                    cluster: \(cluster)
                    user: \(user)
                  name: \(context)
                current-context: \(context)
                kind: Config
                preferences: {}
                users:
                - name: \(user)
                  user:
                    client-certificate-data: \(ca)
                    client-key-data: \(key)

                """,
            server: server, credential: "none", hasCertificate: true)
    }

    private static let kubeadm = withPair(
        "kubeadm", server: "https://192.168.1.10:6443", cluster: "kubernetes", user: "kubernetes-admin",
        context: "kubernetes-admin@kubernetes")
    private static let kind = withPair(
        "kind", server: "https://127.0.0.1:38413", cluster: "kind-kind", user: "kind-kind", context: "kind-kind")
    private static let k3s = withPair(
        "k3s", server: "https://127.0.0.1:6443", cluster: "default", user: "default", context: "default")

    private static let minikube = Provider(
        name: "minikube",
        text: """
            apiVersion: v1
            clusters:
            - cluster:
                certificate-authority: /home/ann/.minikube/ca.crt
                extensions:
                - extension:
                    last-update: Tue, 24 Nov 2026 10:00:00 CET
                    provider: minikube.sigs.k8s.io
                    version: v1.37.0
                  name: cluster_info
                server: https://192.168.49.2:8443
              name: minikube
            contexts:
            - context:
                cluster: minikube
                extensions:
                - extension: {provider: minikube.sigs.k8s.io, version: v1.37.0}
                  name: context_info
                namespace: default
                user: minikube
              name: minikube
            current-context: minikube
            kind: Config
            users:
            - name: minikube
              user:
                client-certificate: /home/ann/.minikube/profiles/minikube/client.crt
                client-key: /home/ann/.minikube/profiles/minikube/client.key
            """,
        server: "https://192.168.49.2:8443", credential: "none", hasCertificate: true)

    private static let rancher = Provider(
        name: "Rancher",
        text: """
            apiVersion: v1
            kind: Config
            clusters:
            - name: "shop"
              cluster:
                server: "https://rancher.example/k8s/clusters/c-m-abcdefgh"
                certificate-authority-data: "\(ca)"
            - name: "shop-node-1"
              cluster:
                server: "https://192.0.2.11:6443"
                certificate-authority-data: "\(ca)"
            users:
            - name: "shop"
              user:
                token: "kubeconfig-user-abcde:0123456789abcdefghijklmnopqrstuvwxyz"
            contexts:
            - name: "shop"
              context: {user: "shop", cluster: "shop"}
            - name: "shop-node-1"
              context: {user: "shop", cluster: "shop-node-1"}
            current-context: "shop"
            """,
        server: "https://rancher.example/k8s/clusters/c-m-abcdefgh", credential: "token")

    private static let openShift = Provider(
        name: "oc login",
        text: """
            apiVersion: v1
            clusters:
            - cluster:
                server: https://api.crc.testing:6443
              name: api-crc-testing:6443
            contexts:
            - context:
                cluster: api-crc-testing:6443
                namespace: default
                user: developer/api-crc-testing:6443
              name: default/api-crc-testing:6443/developer
            current-context: default/api-crc-testing:6443/developer
            kind: Config
            preferences: {}
            users:
            - name: developer/api-crc-testing:6443
              user:
                token: sha256~0123456789abcdefghijklmnopqrstuvwxyzABCDEFG
            """,
        server: "https://api.crc.testing:6443", credential: "token", hasAuthorities: false)

    private static let teleport = Provider(
        name: "tsh kube login",
        text: """
            apiVersion: v1
            clusters:
            - cluster:
                certificate-authority-data: \(ca)
                server: https://teleport.example:443
                tls-server-name: kube-teleport-proxy-alpn.teleport.example
              name: teleport.example
            contexts:
            - context:
                cluster: teleport.example
                extensions:
                - extension: prod
                  name: teleport.kube.name
                user: teleport.example-prod
              name: teleport.example-prod
            current-context: teleport.example-prod
            kind: Config
            preferences: {}
            users:
            - name: teleport.example-prod
              user:
                exec:
                  apiVersion: client.authentication.k8s.io/v1beta1
                  args:
                  - kube
                  - credentials
                  - --kube-cluster=prod
                  - --teleport-cluster=teleport.example
                  - --proxy=teleport.example:443
                  command: /usr/local/bin/tsh
                  env: null
                  provideClusterInfo: false
            """,
        server: "https://teleport.example:443", credential: "plugin /usr/local/bin/tsh",
        serverName: "kube-teleport-proxy-alpn.teleport.example",
        arguments: [
            "kube", "credentials", "--kube-cluster=prod", "--teleport-cluster=teleport.example",
            "--proxy=teleport.example:443",
        ])
}
