// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/client/exchange/client_call_impl.hpp>
#include <aio/client/exchange/request_head_impl.hpp>
#include <aio/client/exchange/response_state_impl.hpp>
#include <aio/compose/timeout.hpp>
#include <aio/http/error.hpp>
#include <aio/http/hdrs.hpp>
#include <aio/http/headers_impl.hpp>
#include <aio/http/methods.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/transport/write_piece.hpp>

#include <array>

namespace aio::http::detail {
namespace {

/// More than that before the response is no server that means well.
constexpr int kMostInterim = 100;
/// A body up to this size is copied behind the head.
constexpr std::size_t kCopied = 4096;

// --- connecting -----------------------------------------------------------------------------------

ConnectRequest connect_request(const ClientCall& call, const ClientRequest& request, const Headers& headers) {
    ConnectRequest wanted;
    wanted.url = request.url();
    wanted.ssl = request.ssl();
    wanted.server_hostname = request.server_hostname();
    wanted.proxy = request.proxy();
    // The proxy would take it for its own.
    wanted.tunnel = wanted.proxy && headers.contains(hdrs::UPGRADE);
    wanted.proxy_headers = request.proxy_headers();
    wanted.fingerprint = call.fingerprint;
    wanted.trace = call.tracers;
    wanted.parser_options = call.parser_options;
    const auto& limit = call.limits().sock_connect();
    if (limit && *limit > Duration::zero()) wanted.sock_connect = limit;
    return wanted;
}

Coro<Connection> connect_with(BaseConnector& connector, ConnectRequest& wanted) {
    return connector.connect(std::move(wanted));
}

Coro<Connection> connect_in_time(BaseConnector& connector, const ClientCall& call,
                                 const ClientRequest& request, const Headers& headers, TimePoint end) {
    ConnectRequest wanted = connect_request(call, request, headers);
    Timeout block(end);
    try {
        co_return co_await async_with(block, connect_with, std::ref(connector), std::ref(wanted));
    } catch (const TimeoutError&) {
        if (!block.expired()) throw;
        throw ConnectionTimeoutError("Connection timeout to host " + request.url().str());
    }
}

/// The connector has to be there until it has ended.
Coro<Connection> connect(BaseConnector& connector, const ClientCall& call, const ClientRequest& request,
                         const Headers& headers) {
    const ClientTimeout& limits = call.limits();
    const auto end =
        limits.connect() ? limits.deadline(get_running_loop().time(), limits.connect()) : std::nullopt;
    if (end) return connect_in_time(connector, call, request, headers, *end);
    return connector.connect(connect_request(call, request, headers));
}

// --- sending --------------------------------------------------------------------------------------

std::unique_ptr<ResponseState> make_state(ClientCall& call, const ClientRequest& request,
                                          Connection connection) {
    auto state =
        std::make_unique<ResponseState>(call.session, std::move(connection), call.limits(), call.deadline);
    state->tracers = call.tracers;
    state->method = request.method();
    state->url = request.url();
    if (!call.fragment.empty()) state->real_url = request.url().with_fragment(call.fragment);
    state->history = call.history;
    return state;
}

// The fields that are sent. Without middlewares nobody needs the request's own any more.
Headers take_headers(const ClientCall& call, ClientRequest& request) {
    if (call.chain().empty()) return std::move(request.headers());
    return request.headers();
}

void add_proxy_headers(const ClientRequest& request, const Connection& connection, Headers& headers) {
    for (const HeaderName& name : {hdrs::CONTENT_LENGTH, hdrs::TRANSFER_ENCODING}) {
        if (request.proxy_headers().contains(name)) throw ValueError("proxy_headers() cannot frame the body");
    }
    headers.update(request.proxy_headers());
    if (!connection.proxy_authorization().empty())
        headers.set(hdrs::PROXY_AUTHORIZATION, connection.proxy_authorization());
}

// The head, and the body with it if it is in memory; else an upload that waits to be started.
void send_request(const ClientRequest& request, const BodyPlan& plan, ResponseState& state) {
    const Connection& connection = state.body.connection();
    const bool whole_url = connection.through_proxy();
    Headers for_proxy;
    if (whole_url) {
        for_proxy = state.request_headers;
        add_proxy_headers(request, connection, for_proxy);
    }
    const Headers& sent = whole_url ? for_proxy : state.request_headers;
    if (request.shared_body() && (!plan.at_once || request.expect100())) {
        Upload upload(request.shared_body(), connection.writer(), connection.reader());
        std::string& head = upload.writer().begin_head();
        append_head(head, request, sent, whole_url);
        state.sent_at_once = head.size();
        upload.writer().begin_body(plan.framing, plan.length);
        if (request.compress() != ContentCoding::identity) upload.writer().compress(request.compress());
        if (state.tracers && state.tracers->wants(&TraceConfig::on_request_chunk_sent))
            upload.trace(state.tracers, state.method, state.url);
        state.body.upload(std::move(upload));
        return;
    }
    std::string& head = state.session->head;
    head.clear();
    append_head(head, request, sent, whole_url);
    const std::string* const bytes = request.body().bytes();
    state.sent_at_once = head.size() + (bytes ? bytes->size() : 0);
    if (!bytes || bytes->size() <= kCopied) {
        if (bytes) head += *bytes;
        connection.writer().write(BytesView(head));
    } else {
        std::array<WritePiece, 2> pieces{WritePiece(head),
                                         WritePiece(BytesView(*bytes), request.shared_body())};
        connection.writer().writelines(std::span<WritePiece>(pieces));
    }
}

Coro<> tell_sent(const ClientRequest& request, const ResponseState& state) {
    const TraceRequestHeadersSentParams sent{state.method, state.url, state.request_headers};
    co_await state.tracers->send(&TraceConfig::on_request_headers_sent, sent);
    const std::string* const bytes = request.body().bytes();
    if (!bytes || state.body.has_upload()) co_return;
    const TraceRequestChunkSentParams chunk{state.method, state.url, *bytes};
    co_await state.tracers->send(&TraceConfig::on_request_chunk_sent, chunk);
}

// --- receiving ------------------------------------------------------------------------------------

// Whether the head that has arrived is the last one. Otherwise it is done with.
bool skip_interim(ResponseState& state) {
    ResponseParser& parser = state.body.connection().parser();
    const ResponseHead& head = parser.head();
    if (head.status >= 200 || (head.status == 101 && head.upgrade)) return false;
    state.body.connection().reader().consume(parser.consumed());
    parser.next(state.method);
    state.interim = true;
    return true;
}

Coro<> receive_final_head(ResponseState& state) {
    for (int interim = 0; interim <= kMostInterim; ++interim) {
        co_await state.body.receive_head();
        if (!skip_interim(state)) co_return;
    }
    throw BadHttpMessage("too many interim responses");
}

// True if the response is there, which came in the place of "100 Continue"; the body is not wanted then.
Coro<bool> await_continue(ResponseState& state, Duration limit) {
    state.body.upload().writer().send_head();
    const TimePoint end = aio::detail::after(get_running_loop().time(), limit);
    for (int interim = 0; interim <= kMostInterim; ++interim) {
        Timeout block(end);
        try {
            co_await async_with(block, &ClientBody::receive_head, &state.body);
        } catch (const TimeoutError&) {
            if (!block.expired()) throw;
            co_return false;
        }
        const int status = state.body.connection().parser().head().status;
        if (!skip_interim(state)) co_return true;
        if (status == 100) co_return false;
    }
    throw BadHttpMessage("too many interim responses");
}

bool may_stay(const ResponseState& state, const ResponseHead& head) {
    return head.keep_alive && !head.upgrade && state.method != hdrs::METH_CONNECT &&
           !state.request_headers.contains_token(hdrs::CONNECTION, "close");
}

void take_head(const ClientCall& call, ResponseState& state) {
    ResponseParser& parser = state.body.connection().parser();
    const ResponseHead& head = parser.head();
    state.status = head.status;
    state.version = head.version;
    state.reason = head.reason;
    ParsedFields::add(state.headers, head.fields);
    const bool nothing = head.until_close && !call.read_until_eof;
    const bool reusable = may_stay(state, head);
    state.body.connection().reader().consume(parser.consumed());

    const std::vector<std::string_view> cookies = state.headers.getall(hdrs::SET_COOKIE);
    if (!cookies.empty()) state.session->cookie_jar->update_cookies_from_headers(cookies, state.url);
    if (state.status == 101) return;  // what follows is another protocol's

    const SessionOptions& options = state.session->options;
    const bool decode = call.auto_decompress.value_or(options.auto_decompress());
    std::string codings;
    if (decode) {
        for (const std::string_view value : state.headers.getall(hdrs::CONTENT_ENCODING)) {
            if (!codings.empty()) codings += ", ";
            codings += value;
        }
    }
    state.body.begin(reusable, codings, call.decompress_limits.value_or(options.decompress_limits()),
                     call.read_bufsize.value_or(options.read_bufsize()));
    if (nothing) state.body.end();
}

Coro<> receive(ClientCall& call, ClientRequest& request, ResponseState& state) {
    bool answered = false;
    if (state.body.upload().pending()) {
        if (request.expect100()) answered = co_await await_continue(state, *request.expect100());
        if (!answered) state.body.upload().start();
    }
    if (!answered) co_await receive_final_head(state);
    take_head(call, state);
    if (state.body.early()) co_await state.body.end_early();
}

bool connection_died(const std::exception_ptr& error) {
    return exception_ptr_cast<ServerDisconnectedError>(error) || exception_ptr_cast<ClientOSError>(error);
}

}  // namespace

Coro<ClientResponse> exchange(ClientCall& call, ClientRequest& request) {
    call.stale = false;
    if (!request.body().prepared()) co_await request.body().prepare();
    Headers headers = take_headers(call, request);
    const BodyPlan plan = plan_body(request, headers);
    const std::shared_ptr<BaseConnector> connector = call.session->connector;
    if (!connector) throw RuntimeError("Session is closed");
    Connection connection = co_await connect(*connector, call, request, headers);
    const bool reused = connection.reused();
    std::unique_ptr<ResponseState> state = make_state(call, request, std::move(connection));
    state->request_headers = std::move(headers);
    ResponseParser& parser = state->body.connection().parser();
    parser.next(state->method);
    std::exception_ptr error;
    try {
        send_request(request, plan, *state);
        if (call.tracers) co_await tell_sent(request, *state);
        co_await receive(call, request, *state);
    } catch (...) {
        error = std::current_exception();
    }
    if (!error) co_return ClientResponse(std::move(state));
    // What the body's own code threw says nothing about this connection, whatever its type.
    const bool is_ours = error == state->body.upload().error();
    call.stale = reused && !is_ours && !state->interim && !parser.begun() && connection_died(error);
    co_await state->body.abandon();
    if (is_ours) std::rethrow_exception(error);
    if (const auto* wrong = exception_ptr_cast<HttpProcessingError>(error))
        throw ClientResponseError(state->request_info(), state->history, wrong->code(), wrong->what());
    std::rethrow_exception(error);
}

}  // namespace aio::http::detail
