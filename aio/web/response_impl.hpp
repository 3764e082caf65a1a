// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/pool.hpp>
#include <aio/http/status.hpp>
#include <aio/task/task.hpp>
#include <aio/web/response.hpp>

#include <string>
#include <vector>

namespace aio::web::detail {

class Exchange;

/// What the handles of a response share. Kinds of responses override begin() and send().
class ResponseState : public pool::Pooled {
public:
    ResponseState() = default;
    ResponseState(const ResponseState&) = delete;
    ResponseState& operator=(const ResponseState&) = delete;
    virtual ~ResponseState() = default;

    /// Sends it as the answer: what is left of it, to its end.
    virtual Coro<> send(Request& request);
    /// The same without waiting, if that is possible.
    virtual bool send_now(Request& request);
    void add_ref() noexcept { ++refs; }
    void release() noexcept {
        if (--refs == 0) delete this;
    }

    unsigned refs = 1;
    int status = 200;
    std::string reason;
    http::Headers headers;
    http::Payload body;
    std::vector<http::Cookie> cookies;
    std::optional<std::uint64_t> content_length;
    std::optional<http::ContentCoding> forced_coding;
    std::size_t executor_size = std::size_t{64} * 1024;  ///< so much is compressed in the loop's thread
    Exchange* carrier = nullptr;                         ///< once it is prepared, until it is sent
    bool is_text = false;  ///< its body is text, whose type needs no string of its own
    bool compress = false;
    bool chunked = false;
    bool force_close = false;
    bool prepared = false;
    bool ended = false;
    bool streams = false;  ///< its body comes by write()
};

/// The Content-Type of its body, unless a field says it; empty if it has none.
std::string_view type_of_body(const ResponseState& response);
/// Takes out of the fields what says how the body is framed, which is the connection's to say. A length
/// counts where nothing else tells it. Throws ValueError for what is none.
void take_framing(ResponseState& response);
/// Sends a response whose body is in memory, as it is.
void send_plain(ResponseState& response, Exchange& exchange);

}  // namespace aio::web::detail
