// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/concurrent/to_thread.hpp>
#include <aio/http/fields/accept.hpp>
#include <aio/http/hdrs.hpp>
#include <aio/http/methods.hpp>
#include <aio/http/syntax_impl.hpp>
#include <aio/task/sleep.hpp>
#include <aio/web/connection/exchange_impl.hpp>
#include <aio/web/connection/server_state_impl.hpp>
#include <aio/web/response_impl.hpp>

#include <array>
#include <string>
#include <utility>

namespace aio::web {
namespace detail {
namespace {

constexpr std::string_view kAnyType = "application/octet-stream";
constexpr std::string_view kText = "text/plain; charset=utf-8";

/// How the body is to be compressed, if at all.
std::optional<http::ContentCoding> coding_for(ResponseState& response, Request& request) {
    if (!response.compress || response.headers.contains(http::hdrs::CONTENT_ENCODING)) return std::nullopt;
    if (response.forced_coding) {
        if (*response.forced_coding == http::ContentCoding::identity) return std::nullopt;
        return response.forced_coding;
    }
    response.headers.add(http::hdrs::VARY, "Accept-Encoding");
    const auto accept = request.header("Accept-Encoding");
    if (!accept) return std::nullopt;
    static constexpr std::array<std::string_view, 4> offers{"deflate", "gzip", "br", "zstd"};
    const auto best = http::best_coding(*accept, std::span<const std::string_view>(offers).first(2));
    return best ? http::find_coding(*best) : std::nullopt;
}

// What a thread works with is its own: whoever waits for it may be cancelled.
std::string compressed(std::string bytes, http::ContentCoding coding) {
    std::string coded;
    http::Compressor compressor(coding);
    compressor.compress(bytes, coded);
    compressor.finish(coded);
    return coded;
}

}  // namespace

// A body of unknown content needs a type, too.
std::string_view type_of_body(const ResponseState& response) {
    if (response.is_text) return kText;
    if (response.body.empty() && !response.streams) return {};
    const std::string_view type = response.body.content_type();
    return type.empty() ? kAnyType : type;
}

void take_framing(ResponseState& response) {
    if (response.headers.empty()) return;
    const std::optional<std::string> length = response.headers.popone(http::hdrs::CONTENT_LENGTH);
    if (length && !response.content_length) {
        response.content_length = http::syntax::parse_digits(*length);
        if (!response.content_length) http::syntax::raise_bad_text("not a Content-Length", *length);
    }
    response.headers.remove(http::hdrs::CONTENT_LENGTH);
    response.headers.remove(http::hdrs::TRANSFER_ENCODING);
    if (response.headers.contains_token(http::hdrs::CONNECTION, "close")) {
        response.headers.remove(http::hdrs::CONNECTION);
        response.force_close = true;
    }
}

void send_plain(ResponseState& response, Exchange& exchange) {
    const std::string* const bytes = response.body.bytes();
    take_framing(response);
    std::uint64_t size = bytes ? bytes->size() : 0;
    // To HEAD the length of what GET would be answered may be told.
    if (!bytes && response.content_length && exchange.head().method == "HEAD")
        size = *response.content_length;
    http::BodyWriter& writer = exchange.begin(response, BodyPlan{size, type_of_body(response), std::nullopt});
    if (bytes) writer.write(*bytes);
    exchange.end();
}

bool ResponseState::send_now(Request& request) {
    const bool in_memory = body.empty() || body.bytes();
    Exchange& exchange = request.exchange();
    if (prepared || compress || !in_memory || exchange.server().on_prepare) return false;
    send_plain(*this, exchange);
    return true;
}

Coro<> ResponseState::send(Request& request) {
    if (prepared) throw RuntimeError("a response can be sent only once");
    Exchange& exchange = request.exchange();
    if (exchange.server().on_prepare) {
        co_await exchange.server().on_prepare(request, Response(*this));
    }
    take_framing(*this);
    if (!body.prepared()) co_await body.prepare();
    BodyPlan plan{body.empty() ? 0 : body.size(), type_of_body(*this), coding_for(*this, request)};
    if (plan.coding && body.bytes()) {
        const std::string type(plan.content_type);
        std::string coded;
        if (body.bytes()->size() > executor_size) {
            coded = co_await to_thread(compressed, *body.bytes(), *plan.coding);
        } else {
            coded = compressed(*body.bytes(), *plan.coding);
        }
        body = http::Payload(std::move(coded), type);
        is_text = false;
        plan.content_type = body.content_type();
        headers.set(http::hdrs::CONTENT_ENCODING, http::coding_name(*plan.coding));
        plan.coding = std::nullopt;
        plan.size = body.size();
    } else if (plan.coding) {
        plan.size = std::nullopt;
    }
    const bool tells_only = body.empty() && exchange.head().method == http::hdrs::METH_HEAD;
    if (content_length && (!plan.size || tells_only) && !plan.coding) plan.size = content_length;
    http::BodyWriter& writer = exchange.begin(*this, plan);
    if (request.method() != http::hdrs::METH_HEAD) co_await body.write(writer);
    exchange.end();
}

/// Its body has come by write().
class StreamState final : public ResponseState {
public:
    StreamState() { streams = true; }
    Coro<> send(Request& request) override {
        if (!prepared) co_await prepare(request);
        end();
    }
    bool send_now(Request&) override {
        if (!prepared) return false;
        end();
        return true;
    }
    Coro<> prepare(Request& request) {
        if (prepared) co_return;
        Exchange& exchange = request.exchange();
        if (exchange.server().on_prepare) {
            co_await exchange.server().on_prepare(request, Response(*this));
        }
        take_framing(*this);
        BodyPlan plan{content_length, type_of_body(*this), coding_for(*this, request)};
        if (plan.coding) plan.size = std::nullopt;
        writer_ = &exchange.begin(*this, plan);
    }
    http::BodyWriter& writer(const char* call) const {
        if (!prepared) throw RuntimeError(std::string("Cannot call ") + call + "() before prepare()");
        if (ended || !carrier)
            throw RuntimeError(std::string("Cannot call ") + call + "() after write_eof()");
        return *writer_;
    }
    void end() {
        if (ended || !carrier) return;
        ended = true;
        carrier->end();
    }

private:
    http::BodyWriter* writer_ = nullptr;
};

StreamState& stream_of(const Response& response, const char* call) {
    return static_cast<StreamState&>(response.state(call));
}

}  // namespace detail

namespace {

constexpr std::size_t kCompressedAtOnce = std::size_t{64} * 1024;

}  // namespace

StreamResponse::StreamResponse() : Response(new detail::StreamState()) {}
StreamResponse::StreamResponse(int status) : StreamResponse() { this->status(status); }

Coro<> StreamResponse::prepare(Request& request) {
    co_await detail::stream_of(*this, "StreamResponse.prepare").prepare(request);
}

Coro<> StreamResponse::write(BytesView data) {
    const detail::StreamState& state = detail::stream_of(*this, "StreamResponse.write");
    // A compressor works in the loop's thread: others have a turn between its pieces.
    while (state.compress && data.size() > kCompressedAtOnce) {
        http::BodyWriter& writer = state.writer("write");
        writer.write(data.text().substr(0, kCompressedAtOnce));
        data = data.text().substr(kCompressedAtOnce);
        co_await writer.drain();
        co_await sleep(Duration::zero());
    }
    http::BodyWriter& writer = state.writer("write");
    writer.write(data);
    co_await writer.drain();
}

Coro<> StreamResponse::drain() {
    http::BodyWriter& writer = detail::stream_of(*this, "StreamResponse.drain").writer("drain");
    writer.flush();
    co_await writer.drain();
}

Coro<> StreamResponse::write_eof(BytesView data) {
    detail::StreamState& state = detail::stream_of(*this, "StreamResponse.write_eof");
    if (state.ended) co_return;
    http::BodyWriter& writer = state.writer("write_eof");
    writer.write(data);
    state.end();
    co_await writer.drain();
}

}  // namespace aio::web
