import NIOCore
import NIOHTTP1
import SluiceCluster

/// The longest body of a request, in bytes; a longer one is refused with 413.
private let bodyLimit = 4 << 20

/// One connection: reads requests, writes answers, and carries at most one watch at a time.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let host: ClusterHost
    private var context: ChannelHandlerContext?
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var isTooLong = false
    private var watch: Int?

    init(host: ClusterHost) {
        self.host = host
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let watch { host.forget(watch) }
        watch = nil
        self.context = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
            isTooLong = false
        case .body(let part):
            isTooLong = isTooLong || body.count + part.readableBytes > bodyLimit
            if !isTooLong { body.append(contentsOf: part.readableBytesView) }
        case .end: respond(context)
        }
    }

    private func respond(_ context: ChannelHandlerContext) {
        guard let head else { return }
        if isTooLong {
            let told = ClusterAnswer(
                status: 413, contentType: "text/plain; charset=utf-8", body: "Request entity too large\n")
            write(told, head, context)
            return
        }
        var headers: [String: String] = [:]
        for (name, value) in head.headers {
            let key = name.lowercased()
            headers[key] = headers[key].map { "\($0),\(value)" } ?? value
        }
        let request = ClusterRequest(method: head.method.rawValue, target: head.uri, headers: headers, body: body)
        body = []
        switch host.answer(request, to: self) {
        case .answer(let answer): write(answer, head, context)
        case .watch(let id):
            watch = id
            let fields: HTTPHeaders = ["Content-Type": "application/json", "Cache-Control": "no-cache, private"]
            let start = HTTPResponseHead(version: head.version, status: .ok, headers: fields)
            context.writeAndFlush(wrapOutboundOut(.head(start)), promise: nil)
        }
        host.settle()
    }

    private func write(_ answer: ClusterAnswer, _ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        var headers: HTTPHeaders = [
            "Content-Type": answer.contentType, "Content-Length": String(answer.body.utf8.count),
            "Cache-Control": "no-cache, private",
        ]
        for (name, value) in answer.headers { headers.add(name: name, value: value) }
        if !head.isKeepAlive { headers.add(name: "Connection", value: "close") }
        let start = HTTPResponseHead(
            version: head.version, status: HTTPResponseStatus(statusCode: answer.status), headers: headers)
        context.write(wrapOutboundOut(.head(start)), promise: nil)
        if head.method != .HEAD {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: answer.body)))), promise: nil)
        }
        finish(context, closes: !head.isKeepAlive)
    }

    /// Writes lines of the watch that this connection carries.
    func write(lines: [String], hasEnded: Bool) {
        guard let context else { return }
        if !lines.isEmpty {
            var buffer = context.channel.allocator.buffer(capacity: lines.reduce(0) { $0 + $1.utf8.count })
            for line in lines { buffer.writeString(line) }
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
        }
        if hasEnded {
            watch = nil
            finish(context, closes: head.map { !$0.isKeepAlive } ?? true)
        }
    }

    private func finish(_ context: ChannelHandlerContext, closes: Bool) {
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        if closes { context.close(promise: nil) }
    }
}
