// SPDX-License-Identifier: MIT
#include <aio/http/http1/body_impl.hpp>

#include <algorithm>

namespace aio::http::detail {
namespace {

/// Enough for whatever frames a piece, so that little is looked at twice.
constexpr std::size_t kLeast = 4096;

}  // namespace

BodySource::State Http1Body::take(std::string& out, std::size_t most) {
    std::size_t look = std::max(most, kLeast);
    for (;;) {
        const std::string_view all = reader_.buffered().text();
        const std::string_view data = all.substr(0, look);
        switch (parser_.parse(data)) {
            case MessageParser::Step::need_data:
                reader_.consume(parser_.consumed());
                if (data.size() == all.size()) return State::wait;
                look = all.size();
                break;
            case MessageParser::Step::body:
                out.append(parser_.body());
                raw_ += parser_.body().size();
                ends_chunk_ = parser_.ends_chunk();
                reader_.consume(parser_.consumed());
                return State::data;
            case MessageParser::Step::head:
            case MessageParser::Step::end:
                reader_.consume(parser_.consumed());
                return State::end;
        }
    }
}

Coro<> Http1Body::wait() {
    const std::size_t wanted = parser_.wanted();
    const BytesView data = co_await reader_.fill(wanted);
    if (data.size() < wanted) parser_.feed_eof();
}

}  // namespace aio::http::detail
