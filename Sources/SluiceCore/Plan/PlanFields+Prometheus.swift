/// How a gate's server is asked.
extension PlanFields {
    static let prometheus = PlanSection(
        name: "Prometheus", summary: "A query on Prometheus, or on anything that speaks its API.",
        fields: [
            PlanField(
                "address", .text(.address), required: true,
                "The server's address, `http://prometheus.monitoring:9090`; a path prefix is kept. Redirects are not "
                    + "followed."),
            PlanField(
                "query", .text(.query), required: true,
                "The query. "
                    + "`{{nodes}}`, `{{pods}}` and `{{instances}}` become regular expressions that match exactly the "
                    + "wave's updated nodes, their pods, their addresses; `{{wave}}`, `{{nodeCount}}` and `{{window}}` "
                    + "become the wave's name, the number of its updated nodes, and the time watched so far."),
            PlanField(
                "parameters", .texts(key: .parameterName, value: .line, atLeast: 1), default: "none",
                "Further parameters of the query, such as `partial_response: \"false\"` for Thanos."),
            PlanField(
                "bearerToken", .section(secret), default: "none",
                "Where the bearer token is found. A plan never holds the token itself."),
            PlanField(
                "basicAuth", .section(basicAuth), default: "none", "Instead of a bearer token: a user and a password."),
            PlanField(
                "headers", .list(.section(header), atLeast: 1), default: "none",
                "Further headers, such as `X-Scope-OrgID` for Mimir and Cortex."),
            PlanField("tls", .section(tls), default: "the system's authorities", "How an https address is checked."),
        ])

    static let secret = PlanSection(
        name: "Secret", summary: "Where a secret is found.",
        fields: [
            PlanField(
                "file", .text(.filePath),
                "The path of a file that holds it; it is read anew for each measurement, and white space around it is left "
                    + "out."),
            PlanField("env", .text(.environmentName), "The name of an environment variable that holds it."),
        ], exactlyOneOf: ["file", "env"])

    static let basicAuth = PlanSection(
        name: "BasicAuth", summary: "A user and a password.",
        fields: [
            PlanField("username", .text(.username), required: true, "The user's name."),
            PlanField(
                "password", .section(secret), required: true,
                "Where the password is found, as in `bearerToken`. A plan never holds the password itself."),
        ])

    static let header = PlanSection(
        name: "Header", summary: "A header of the request.",
        fields: [
            PlanField("name", .text(.headerName), required: true, "Its name."),
            PlanField("value", .text(.line), "What it says, if that is no secret."),
            PlanField("file", .text(.filePath), "The path of a file that holds what it says."),
            PlanField("env", .text(.environmentName), "The name of an environment variable that holds what it says."),
        ], exactlyOneOf: ["value", "file", "env"])

    static let tls = PlanSection(
        name: "TLS", summary: "How an https address is checked, and the certificate that we show.",
        fields: [
            PlanField(
                "caFile", .text(.filePath), default: "those of the system",
                "The path of the certificate authorities in PEM."),
            PlanField("certFile", .text(.filePath), default: "none", "The path of our certificate in PEM."),
            PlanField(
                "keyFile", .text(.filePath), default: "in `certFile`",
                "The path of our certificate's private key in PEM."),
            PlanField(
                "serverName", .text(.dnsSubdomain), default: "the address's host",
                "The name that the server's certificate must carry."),
            PlanField(
                "insecureSkipVerify", .onlyTrue, default: "the certificate is checked",
                "Does not check the server's certificate: whoever is in between reads and answers everything."),
        ])
}
