// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/client/exchange/text_impl.hpp>
#include <aio/http/fields/charset.hpp>
#include <aio/http/fields/content_type.hpp>

namespace aio::http::detail {
namespace {

/// Whatever ends the reading but its end closes the connection.
class CloseUnlessDone {
public:
    explicit CloseUnlessDone(ClientBody& body) noexcept : body_(&body) {}
    CloseUnlessDone(const CloseUnlessDone&) = delete;
    CloseUnlessDone& operator=(const CloseUnlessDone&) = delete;
    ~CloseUnlessDone() {
        if (body_) body_->close(std::make_exception_ptr(ConnectionClosedError("Connection closed")));
    }
    void done() noexcept { body_ = nullptr; }

private:
    ClientBody* body_;
};

}  // namespace

Coro<const std::string&> read_whole(ResponseState& state, std::uint64_t max_size) {
    if (!state.whole_body) {
        CloseUnlessDone guard(state.body);
        state.whole_body = co_await state.body.content().read_all(max_size);
        guard.done();
        if (state.tracers) {
            const TraceResponseChunkReceivedParams chunk{state.method, state.url, *state.whole_body};
            co_await state.tracers->send(&TraceConfig::on_response_chunk_received, chunk);
        }
    }
    co_return *state.whole_body;
}

bool is_known_encoding(std::string_view encoding) { return is_charset(encoding); }

std::string decode_text(std::string_view body, const std::string& encoding, const std::string& errors) {
    return decode(std::string(body), encoding, errors);
}

bool is_expected_type(std::string_view type, std::string_view expected) {
    if (type == expected) return true;
    if (expected != "application/json") return false;
    const auto parsed = ContentType::parse(type);
    return parsed &&
           (parsed->suffix() == "json" || (parsed->type() == "application" && parsed->subtype() == "json"));
}

}  // namespace aio::http::detail
