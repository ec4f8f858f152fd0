import SluiceCore

/// The nodes of the cluster: everything derives from the number, so the same size gives the same cluster.
enum NodeCatalog {
    /// What a node is for.
    private enum Pool: String {
        case controlPlane = "control-plane"
        case gpu
        case batch
        case arm
        case general

        init(_ number: Int) {
            if number % 50 == 1 {
                self = .controlPlane
            } else if number % 25 == 7 {
                self = .gpu
            } else if number % 20 == 11 {
                self = .batch
            } else if number % 10 == 4 {
                self = .arm
            } else {
                self = .general
            }
        }

        var instanceType: String {
            switch self {
            case .controlPlane: "m6i.xlarge"
            case .gpu: "p4d.24xlarge"
            case .batch: "c6i.8xlarge"
            case .arm: "m7g.2xlarge"
            case .general: "m6i.2xlarge"
            }
        }

        /// Processors and gibibytes of memory.
        var size: (cores: Int, memory: Int) {
            switch self {
            case .controlPlane: (4, 16)
            case .gpu: (96, 1_152)
            case .batch: (32, 64)
            case .arm, .general: (8, 32)
            }
        }

        var taint: JSONValue? {
            switch self {
            case .controlPlane: ["key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"]
            case .gpu: ["key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"]
            case .batch: ["key": "dedicated", "value": "batch", "effect": "NoSchedule"]
            case .arm, .general: nil
            }
        }
    }

    /// The name of a node, from 1.
    static func name(_ number: Int) -> String {
        let digits = String(number)
        return "node-" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    }

    static func node(_ number: Int, at now: Timestamp) -> JSONValue {
        let pool = Pool(number)
        let name = name(number)
        let digest = Drawing.digest(name)
        let zone = "eu-west-1" + ["a", "b", "c"][number % 3]
        let block = "10.\(128 + (number >> 8 & 63)).\(number & 255).0/24"
        var spec: JSONValue = [
            "podCIDR": .string(block), "podCIDRs": [.string(block)],
            "providerID": .string("aws:///\(zone)/i-\(digest.prefix(17))"),
        ]
        if let taint = pool.taint { spec["taints"] = [taint] }
        return [
            "metadata": [
                "name": .string(name), "labels": labels(number, pool, name, zone),
                "annotations": [
                    "node.alpha.kubernetes.io/ttl": "0",
                    "volumes.kubernetes.io/controller-managed-attach-detach": "true",
                    "csi.volume.kubernetes.io/nodeid":
                        .string("{\"ebs.csi.aws.com\": \"i-\(digest.prefix(17))\"}"),
                ],
            ],
            "spec": spec,
            "status": status(number, pool, name, digest, at: now),
        ]
    }

    private static func labels(_ number: Int, _ pool: Pool, _ name: String, _ zone: String) -> JSONValue {
        let environments = [
            "dev", "staging", "prod", "prod", "prod", "staging", "prod", "prod", "prod", "prod",
        ]
        let arch = pool == .arm ? "arm64" : "amd64"
        let rack = String((number - 1) / 20 + 1)
        var labels: [String: String] = [
            "beta.kubernetes.io/arch": arch, "kubernetes.io/arch": arch,
            "beta.kubernetes.io/os": "linux", "kubernetes.io/os": "linux",
            "kubernetes.io/hostname": name,
            "node.kubernetes.io/instance-type": pool.instanceType,
            "beta.kubernetes.io/instance-type": pool.instanceType,
            "topology.kubernetes.io/region": "eu-west-1", "topology.kubernetes.io/zone": zone,
            "failure-domain.beta.kubernetes.io/zone": zone,
            "example.com/node-pool": pool.rawValue,
            "env": pool == .controlPlane ? "prod" : environments[number % 10],
            "rack": "r" + (rack.utf8.count < 2 ? "0" : "") + rack,
        ]
        if pool == .controlPlane {
            labels["node-role.kubernetes.io/control-plane"] = ""
            labels["node.kubernetes.io/exclude-from-external-load-balancers"] = ""
        } else {
            labels["node-role.kubernetes.io/worker"] = ""
        }
        if pool == .gpu {
            labels["nvidia.com/gpu.present"] = "true"
            labels["nvidia.com/gpu.product"] = "NVIDIA-A100-SXM4-40GB"
            labels["nvidia.com/gpu.count"] = "8"
        }
        return .object(labels.mapValues(JSONValue.string))
    }

    private static func status(
        _ number: Int, _ pool: Pool, _ name: String, _ digest: String, at now: Timestamp
    ) -> JSONValue {
        let memory = pool.size.memory * 1_048_576 - 40_000 - Int(Drawing.fnv(name) % 50_000)
        var capacity: JSONValue = [
            "cpu": .string(String(pool.size.cores)), "memory": .string("\(memory)Ki"), "pods": "110",
            "ephemeral-storage": "104845292Ki", "hugepages-1Gi": "0", "hugepages-2Mi": "0",
        ]
        if pool == .gpu { capacity["nvidia.com/gpu"] = "8" }
        var allocatable = capacity
        allocatable["cpu"] = .string("\(pool.size.cores * 1_000 - 90)m")
        allocatable["memory"] = .string("\(memory - 1_047_552)Ki")
        allocatable["ephemeral-storage"] = "95551679124"
        let address = "10.\(number >> 14 & 63).\(number >> 6 & 255).\((number & 63) + 10)"
        return [
            "capacity": capacity, "allocatable": allocatable, "conditions": conditions(isAlive: true, at: now),
            "addresses": [
                ["type": "InternalIP", "address": .string(address)],
                ["type": "Hostname", "address": .string(name)],
                ["type": "InternalDNS", "address": .string("\(name).eu-west-1.compute.internal")],
            ],
            "daemonEndpoints": ["kubeletEndpoint": ["Port": 10_250]],
            "nodeInfo": [
                "machineID": .string(String(digest.prefix(32))),
                "systemUUID": .string(Drawing(seed: 0).uuid(name)), "bootID": .string(Drawing(seed: 1).uuid(name)),
                "kernelVersion": "6.8.0-1031-aws", "osImage": "Ubuntu 24.04.3 LTS",
                "containerRuntimeVersion": "containerd://2.1.4", "kubeletVersion": "v1.36.2", "kubeProxyVersion": "",
                "operatingSystem": "linux", "architecture": .string(pool == .arm ? "arm64" : "amd64"),
            ],
        ]
    }

    /// A node's conditions while its kubelet reports, and after it has fallen silent.
    static func conditions(isAlive: Bool, at now: Timestamp) -> JSONValue {
        func condition(_ type: String, _ status: JSONValue, _ reason: JSONValue, _ message: JSONValue) -> JSONValue {
            let time = JSONValue.string(now.rfc3339)
            let silent: JSONValue = "Kubelet stopped posting node status."
            return [
                "type": .string(type), "status": isAlive ? status : "Unknown", "lastHeartbeatTime": time,
                "lastTransitionTime": time, "reason": isAlive ? reason : "NodeStatusUnknown",
                "message": isAlive ? message : silent,
            ]
        }
        return [
            condition(
                "MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
            condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
            condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
            condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
        ]
    }
}
