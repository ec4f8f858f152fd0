/// Who we are to a server that a plan names, and how it is checked.
extension PlanFields {
    /// The keys that every such server has.
    static let accessFields = [
        PlanField(
            "bearerToken", .section(secret), default: "none",
            "Where the bearer token is found. A plan never holds the token itself."),
        PlanField(
            "basicAuth", .section(basicAuth), default: "none", "Instead of a bearer token: a user and a password."),
        PlanField(
            "headers", .list(.section(header), atLeast: 1), default: "none",
            "Further headers, such as `X-Scope-OrgID` for Mimir and Cortex."),
        PlanField("tls", .section(tls), default: "the system's authorities", "How an https address is checked."),
    ]

    static let secret = PlanSection(
        name: "Secret", summary: "Where a secret is found.",
        fields: [
            PlanField(
                "file", .text(.filePath),
                "The path of a file that holds it; it is read anew for each request, and white space around it is left out."
            ),
            PlanField("env", .text(.environmentName), "The name of an environment variable that holds it."),
        ], exactlyOneOf: [["file", "env"]])

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
        ], exactlyOneOf: [["value", "file", "env"]])

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
