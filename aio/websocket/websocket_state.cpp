// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/compose/wait_for.hpp>
#include <aio/websocket/websocket_state_impl.hpp>

#include <type_traits>
#include <utility>

namespace aio::http::detail {
namespace {

/// The connection ended without a goodbye.
struct Disconnected {};

std::string text_of(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& e) {
        return e.what();
    } catch (...) {
        return "unknown error";
    }
}

template <class Result>
Result result_as(WSMessage&& message) {
    if constexpr (std::is_same_v<Result, std::optional<WSMessage>>) {
        const WSMsgType type = message.type();
        if (type == WSMsgType::close || type == WSMsgType::closing || type == WSMsgType::closed)
            return std::nullopt;
    }
    return std::move(message);
}

/// From this size on, what is missing of a frame is received where it stays.
constexpr std::size_t kReceivedInPlace = 8 * 1024;

}  // namespace

/// A task receives.
class WebSocketState::Receiving {
public:
    explicit Receiving(WebSocketState& socket) : socket_(&socket) {
        if (socket.receiver_) throw RuntimeError("Concurrent call to receive() is not allowed");
        socket.receiver_ = current_task();
        socket.cancelling_before_ = socket.receiver_.cancelling();
        socket.nobody_receives_.clear();
    }
    Receiving(const Receiving&) = delete;
    Receiving& operator=(const Receiving&) = delete;
    ~Receiving() { end(); }
    void end() {
        WebSocketState* const socket = std::exchange(socket_, nullptr);
        if (!socket) return;
        socket->receiver_ = AnyTask();
        socket->sent_away_ = false;
        socket->nobody_receives_.set();
    }

private:
    WebSocketState* socket_;
};

WebSocketState::~WebSocketState() { beat_.cancel(); }

void WebSocketState::open(WebSocketConnection connection, const WebSocketLimits& limits) {
    connection_ = std::move(connection);
    if (connection_.client) masks_ = std::make_unique<MaskKeys>();
    parser_.emplace(!connection_.client, limits.max_msg_size);
    if (const auto& deflate = connection_.deflate) {
        const bool client = connection_.client;
        compression_ = std::make_unique<Compression>(
            client ? deflate->client_max_window_bits : deflate->server_max_window_bits,
            !(client ? deflate->client_no_context_takeover : deflate->server_no_context_takeover));
        parser_->decompress(MessageInflater(
            DeflateParams::kMostBits,
            !(client ? deflate->server_no_context_takeover : deflate->client_no_context_takeover)));
    }
    if (limits.writer_limit) connection_.writer.transport().set_write_buffer_limits(*limits.writer_limit);
    if (const auto heartbeat = behaviour_.heartbeat.delay())
        beat_ = get_running_loop().call_later(*heartbeat / 2, [this] { beat(); });
}

const aio::StreamWriter& WebSocketState::writer() const {
    if (!is_open()) throw RuntimeError("Call .prepare() first");
    return connection_.writer;
}

// --- receiving ----------------------------------------------------------------------------------------

/// Whether a message is there, as the parser's.
bool WebSocketState::take_message() {
    const bool complete = parser_->parse(connection_.reader.buffered());
    connection_.reader.consume(parser_->consumed());
    consumed_ += parser_->consumed();
    return complete;
}

/// Answers what is the protocol's own affair; gives whether it was.
bool WebSocketState::answer(const WSMessage& message) {
    if (!behaviour_.autoping) return false;
    if (message.type() == WSMsgType::ping && !writer().is_closing())
        write_control(WSMsgType::pong, message.data());
    return message.type() == WSMsgType::ping || message.type() == WSMsgType::pong;
}

// One coroutine, whose frame is small, because it is there as long as the connection is idle. What it gives
// is the parser's message.
template <class Result>
Coro<Result> WebSocketState::next_message(std::shared_ptr<WebSocketState> self) {
    if (self->is_at_end()) co_return result_as<Result>(std::move(self->parser_->message()));
    {
        Receiving receiving(*self);
        try {
            for (;;) {
                if (!self->take_message()) {
                    if (const std::span<char> room = self->parser_->room(kReceivedInPlace); !room.empty()) {
                        co_await self->receive_into(room);
                    } else {
                        const BytesView data =
                            co_await self->connection_.reader.fill(self->parser_->wanted());
                        if (data.size() < self->parser_->wanted()) throw Disconnected();
                    }
                } else if (self->answer(self->parser_->message())) {
                    co_await self->writer().drain();  // who does not read is not read from
                } else {
                    break;
                }
            }
        } catch (const CancelledError&) {
            if (!self->sent_away_ || self->receiver_.uncancel() > self->cancelling_before_) throw;
            self->parser_->message() = WSMessage(WSMsgType::closing, {});
        } catch (...) {
            receiving.end();
            self->error_came(std::current_exception());
        }
    }
    if (self->parser_->message().type() == WSMsgType::close) self->goodbye_came(self->parser_->message());
    co_return result_as<Result>(std::move(self->parser_->message()));
}

/// What is missing of a large frame; apart, because most frames of next_message() wait for small ones.
Coro<> WebSocketState::receive_into(std::span<char> room) {
    const std::size_t count = co_await connection_.reader.read_into(room);
    if (count == 0) throw Disconnected();
    consumed_ += count;
    parser_->received(count);
}

template <class Result>
Coro<Result> WebSocketState::next_message_within(std::shared_ptr<WebSocketState> self, TimeLimit limit) {
    Result result = co_await wait_for(next_message<Result>(std::move(self)), limit);
    co_return result;
}

template <class Result>
Coro<Result> WebSocketState::receive(std::shared_ptr<WebSocketState> self, TimeLimit timeout) {
    const TimeLimit limit = timeout.delay() ? timeout : self->behaviour_.receive_timeout;
    if (limit.delay()) return next_message_within<Result>(std::move(self), limit);
    return next_message<Result>(std::move(self));
}

template Coro<WSMessage> WebSocketState::receive(std::shared_ptr<WebSocketState> self, TimeLimit timeout);
template Coro<std::optional<WSMessage>> WebSocketState::receive(std::shared_ptr<WebSocketState> self,
                                                                TimeLimit timeout);

/// Whether nothing is received any more, of which a receiver is told then.
bool WebSocketState::is_at_end() {
    writer();
    if (!closed_ && !closing_) return false;
    parser_->message() = WSMessage(closed_ ? WSMsgType::closed : WSMsgType::closing, {});
    return true;
}

/// One that is the connection's end. Rethrows what is none.
void WebSocketState::error_came(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const Disconnected&) {
        parser_->message() = fail(WSCloseCode::abnormal_closure, error_);
    } catch (const WebSocketError& e) {
        parser_->message() = fail(e.code(), error);
    } catch (const OSError&) {
        if (!writer().is_closing()) throw;
        parser_->message() = fail(WSCloseCode::abnormal_closure, error_ ? error_ : error);
    }
}

void WebSocketState::goodbye_came(const WSMessage& message) {
    closing_ = true;
    close_code_ = message.code();
    if (!behaviour_.autoclose) return;
    say_goodbye(message.code(), {});
    end();
}

/// The end of a connection on which nothing more is received; what a receiver is told.
WSMessage WebSocketState::fail(int code, std::exception_ptr error) {
    const bool gone = code == WSCloseCode::abnormal_closure;
    const bool silent = error_ != nullptr;  // heartbeats were not answered
    error_ = error;
    close_code_ = code;
    if (!gone) say_goodbye(code, {});
    end();
    if (!error || (gone && !silent)) return WSMessage(WSMsgType::closed, {});
    return WSMessage(WSMsgType::error, text_of(error), code);
}

// --- closing ------------------------------------------------------------------------------------------

Coro<bool> WebSocketState::close(std::shared_ptr<WebSocketState> self, int code, std::string reason) {
    self->writer();
    if (!is_close_code(code)) throw ValueError("a WebSocket cannot be closed with " + std::to_string(code));
    if (reason.size() > kMostControl - 2) throw ValueError("a reason of more than 123 bytes");
    try {
        co_return co_await self->exchange_goodbyes(code, std::move(reason));
    } catch (const CancelledError&) {
        self->close_code_ = WSCloseCode::abnormal_closure;
        self->connection_.writer.transport().abort();
        self->end();
        throw;
    }
}

/// False if ours was said before.
Coro<bool> WebSocketState::exchange_goodbyes(int code, std::string reason) {
    while (receiver_ && !closed_) {
        if (!std::exchange(sent_away_, true)) receiver_.cancel();
        co_await nobody_receives_.wait();
    }
    if (closed_) co_return false;
    say_goodbye(code, reason);
    if (!close_code_) {  // else the peer's was there before
        try {
            co_await wait_for(await_goodbye(), behaviour_.close_timeout);
        } catch (const Disconnected&) {
            close_code_ = WSCloseCode::abnormal_closure;
        } catch (const CancelledError&) {
            throw;
        } catch (const std::exception&) {
            close_code_ = WSCloseCode::abnormal_closure;
            error_ = std::current_exception();
        }
    }
    end();
    co_return true;
}

/// Drops what comes before.
Coro<> WebSocketState::await_goodbye() {
    for (;;) {
        if (!take_message()) {
            const std::size_t wanted = parser_->wanted();
            const BytesView data = co_await connection_.reader.fill(wanted);
            if (data.size() < wanted) throw Disconnected();
        } else if (parser_->message().type() == WSMsgType::close) {
            close_code_ = parser_->message().code();
            co_return;
        }
    }
}

void WebSocketState::say_goodbye(int code, const std::string& reason) {
    if (closed_) return;
    closed_ = true;
    beat_.cancel();
    if (connection_.writer.is_closing()) return;
    std::string payload;
    if (code != WSCloseCode::no_status) {
        payload += static_cast<char>(code >> 8);
        payload += static_cast<char>(code & 0xFF);
        payload += reason;
    }
    write_control(WSMsgType::close, payload);
}

/// Nothing more is sent or received. A server's connection is read to its end by whoever has made it: if it
/// were closed while bytes arrive, the peer would lose our goodbye. A client's goes back to its pool, which
/// waits for nothing.
void WebSocketState::end() {
    closed_ = closing_ = true;
    beat_.cancel();
    if (connection_.writer.is_closing() || connection_.client || !connection_.writer.can_write_eof()) {
        connection_.writer.close();
    } else {
        connection_.writer.write_eof();
    }
    connection_.keeps = nullptr;
}

// --- heartbeat ----------------------------------------------------------------------------------------

/// Twice in each interval: after one beat without a byte the peer is asked, after two more it is gone.
void WebSocketState::beat() {
    const std::uint64_t all = received();
    const bool full = connection_.reader.buffered().size() >= connection_.reader.limit();  // nobody looks
    silent_beats_ = all != received_before_ || full ? 0 : silent_beats_ + 1;
    received_before_ = all;
    if (silent_beats_ > 2) {
        error_ = std::make_exception_ptr(TimeoutError("No PONG received"));
        connection_.writer.transport().abort();
        return;
    }
    if (silent_beats_ == 1) write_control(WSMsgType::ping, {});
    beat_ = get_running_loop().call_later(*behaviour_.heartbeat.delay() / 2, [this] { beat(); });
}

std::uint64_t WebSocketState::received() const { return consumed_ + connection_.reader.buffered().size(); }

}  // namespace aio::http::detail
