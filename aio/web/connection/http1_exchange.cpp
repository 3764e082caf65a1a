// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/body/decoded_source_impl.hpp>
#include <aio/http/hdrs.hpp>
#include <aio/http/syntax_impl.hpp>
#include <aio/web/connection/http1_exchange_impl.hpp>
#include <aio/web/connection/request_handler_impl.hpp>

#include <array>
#include <charconv>
#include <cstring>

namespace aio::web::detail {
namespace {

using http::detail::Framing;

/// How much memory an exchange that is not in use keeps for the next head.
constexpr std::size_t kKept = 4096;

/// Most heads fit, so that they grow once.
constexpr std::size_t kUsualHead = 512;

/// Fields of known size that are made in place: appending each piece to a string costs more than the copy.
class Line {
public:
    static constexpr std::size_t kRoom = 512;
    Line& add(std::string_view text) noexcept {
        std::memcpy(end_, text.data(), text.size());
        end_ += text.size();
        return *this;
    }
    Line& add(std::uint64_t number) noexcept {
        end_ = std::to_chars(end_, room_.data() + room_.size(), number).ptr;
        return *this;
    }
    void clear() noexcept { end_ = room_.data(); }
    std::string_view text() const noexcept {
        return {room_.data(), static_cast<std::size_t>(end_ - room_.data())};
    }

private:
    std::array<char, kRoom> room_;
    char* end_ = room_.data();
};

bool has_no_body(int status) noexcept { return status < 200 || status == 204 || status == 304; }

}  // namespace

Http1Exchange::Http1Exchange(ServerState& server)
    : parser_(std::make_unique<http::RequestParser>(server.options.get_parser())) {
    server_ = &server;
    parser_->keep_in(text_);
    request_.reset();
}

void Http1Exchange::attach(RequestHandler& connection) {
    connection_ = &connection;
    writer_.attach(connection.writer());
    answered_ = keeps_alive_ = has_body_ = lingering_ = upgraded_ = false;
    head_ = http::RequestHead();
}

bool Http1Exchange::receive_head() {
    const aio::StreamReader& reader = connection_->reader();
    const auto step = parser_->parse(reader.buffered());
    reader.consume(parser_->consumed());
    if (step != http::MessageParser::Step::head) return false;
    head_ = parser_->head();
    has_body_ = !parser_->done();
    continue_pending_ = has_body_ && head_.expect_continue;
    if (has_body_) [[unlikely]]
        begin_body();
    return true;
}

void Http1Exchange::begin_body() {
    body_.emplace(connection_->reader(), *parser_);
    const auto field = server_->options.get_auto_decompress() ? head_.get("Content-Encoding") : std::nullopt;
    const auto codings = field ? http::detail::parse_content_encoding(*field) : std::nullopt;
    // A coding that is not known is the handler's to deal with.
    if (codings && !codings->empty()) {
        decoded_ = http::detail::make_decoded_source(*this, *codings, http::DecompressorOptions());
    }
    content_.reset(decoded_ ? decoded_.get() : this);
}

Coro<> Http1Exchange::wait() {
    if (continue_pending_ && !answered_) {
        connection_->writer().write("HTTP/1.1 100 Continue\r\n\r\n");
        continue_pending_ = false;
    }
    if (lingering_) {
        co_await body_->wait();
        co_return;
    }
    connection_->begin_wait(server_->bodies, RequestHandler::Waits::body);
    const RequestHandler::WaitScope scope(*connection_);
    co_await body_->wait();
}

Framing Http1Exchange::framing(const ResponseState& response, const BodyPlan& plan) {
    if (has_no_body(response.status)) return Framing::none;
    const bool old = head_.version < http::kHttpVersion11;
    if (response.chunked && old) throw RuntimeError("chunked encoding is not for HTTP/1.0");
    if (plan.size && !response.chunked) return Framing::length;
    return old ? Framing::until_close : Framing::chunked;
}

http::BodyWriter& Http1Exchange::begin(ResponseState& response, const BodyPlan& plan) {
    if (answered_) throw RuntimeError("a response to this request was sent before");
    const Framing way = framing(response, plan);
    // A client that waits before it sends its body may send it or not: nobody knows.
    keeps_alive_ = head_.keep_alive && !response.force_close && !server_->closing &&
                   way != Framing::until_close && (!continue_pending_ || body_is_read()) &&
                   (response.streams || is_droppable());
    // Answers to requests that came together go out together.
    if (!connection_->reader().buffered().empty()) connection_->writer().transport().gather_this_step();
    std::string& out = writer_.begin_head();
    out.reserve(kUsualHead);
    write_fields(out, response, plan, way);
    write_common(out, response.headers);
    answered_ = true;
    response.prepared = true;
    response.carrier = this;
    response_ = Ref<ResponseState>(&response);
    writer_.begin_body(head_.method == "HEAD" ? Framing::none : way, plan.size.value_or(0));
    if (plan.coding) writer_.compress(*plan.coding);
    return writer_;
}

// All but those that are the same in every head.
void Http1Exchange::write_fields(std::string& out, const ResponseState& response, const BodyPlan& plan,
                                 Framing way) const {
    const bool old = head_.version < http::kHttpVersion11;
    Line line;
    if (!old && response.status == 200 && response.reason.empty()) {
        line.add("HTTP/1.1 200 OK\r\n");
    } else {
        out.append(old ? "HTTP/1.0 " : "HTTP/1.1 ");
        out.append(std::to_string(response.status)).push_back(' ');
        out.append(response.reason.empty() ? http::reason_phrase(response.status) : response.reason);
        out.append("\r\n");
    }
    if (!response.headers.empty() || !response.cookies.empty()) {
        out.append(line.text());
        line.clear();
        response.headers.append_to(out);
        for (const http::Cookie& cookie : response.cookies) {
            out.append("Set-Cookie: ").append(cookie.str()).append("\r\n");
        }
    }
    const bool has_body = way != Framing::none;
    if (has_body && !plan.content_type.empty() && !response.headers.contains(http::hdrs::CONTENT_TYPE)) {
        if (plan.content_type.size() > Line::kRoom / 2) {
            out.append(line.text());
            line.clear();
            out.append("Content-Type: ").append(plan.content_type).append("\r\n");
        } else {
            line.add("Content-Type: ").add(plan.content_type).add("\r\n");
        }
    }
    if (has_body && plan.coding) {
        line.add("Content-Encoding: ").add(http::coding_name(*plan.coding)).add("\r\n");
    }
    if (way == Framing::chunked) line.add("Transfer-Encoding: chunked\r\n");
    if (way == Framing::length) line.add("Content-Length: ").add(*plan.size).add("\r\n");
    if (!keeps_alive_ && !old && response.status != 101) line.add("Connection: close\r\n");
    if (keeps_alive_ && old) line.add("Connection: keep-alive\r\n");
    out.append(line.text());
}

// Date and Server are the program's if it has set them.
void Http1Exchange::write_common(std::string& out, const http::Headers& headers) const {
    const std::string_view common = server_->common_fields();
    if (headers.empty()) [[likely]] {
        out.append(common);
        return;
    }
    const std::size_t date = common.find("\r\n") + 2;
    if (!headers.contains(http::hdrs::DATE)) out.append(common.substr(0, date));
    if (headers.contains(http::hdrs::SERVER)) {
        out.append("\r\n");
    } else {
        out.append(common.substr(date));
    }
}

// Such a connection may be idle for hours: what only the next request would need goes.
aio::StreamReader Http1Exchange::upgrade() {
    upgraded_ = true;
    keeps_alive_ = false;
    writer_.shrink_to_fit();
    response_->headers.shrink_to_fit();
    fields_ = parser_->take_fields();
    parser_.reset();
    return connection_->reader();
}

bool Http1Exchange::finish() noexcept {
    if (response_) {
        response_->carrier = nullptr;
        response_->ended = true;
    }
    response_ = nullptr;
    content_.reset(nullptr);
    decoded_.reset();
    request_.reset();
    const bool complete = parser_ && parser_->done();
    if (!complete || text_.capacity() > kKept) return false;
    body_.reset();
    connection_ = nullptr;
    writer_.attach(aio::StreamWriter());
    parser_->next();
    return true;
}

}  // namespace aio::web::detail
