// SPDX-License-Identifier: MIT
#pragma once

#include <aio/loop/event_loop.hpp>
#include <aio/streams/stream_reader.hpp>
#include <aio/streams/stream_writer.hpp>
#include <aio/sync/event.hpp>
#include <aio/sync/lock.hpp>
#include <aio/task/task.hpp>
#include <aio/websocket/deflate_impl.hpp>
#include <aio/websocket/handshake_impl.hpp>
#include <aio/websocket/parser_impl.hpp>
#include <aio/websocket/websocket.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace aio::http::detail {

/// How a WebSocket behaves, on either side.
struct WebSocketBehaviour {
    TimeLimit close_timeout = std::chrono::seconds(10);
    TimeLimit receive_timeout = std::nullopt;
    TimeLimit heartbeat = std::nullopt;
    bool autoclose = true;
    bool autoping = true;
};

/// What it may hold, in bytes.
struct WebSocketLimits {
    std::size_t max_msg_size = std::size_t{4} * 1024 * 1024;
    std::optional<std::size_t> writer_limit = {};
};

/// What a handshake has led to.
struct WebSocketConnection {
    aio::StreamReader reader;
    aio::StreamWriter writer;
    bool client = false;
    std::optional<DeflateParams> deflate = {};
    std::string protocol = {};
    std::shared_ptr<void> keeps = {};  ///< what must live as long as the connection
};

/// A message that is to be sent; `compress` as in WebSocket::send_str().
struct Outgoing {
    WSMsgType type;
    BytesView payload;
    std::optional<int> compress = {};

    /// Throws ValueError unless it can be sent.
    void check() const;
    bool is_data() const noexcept { return type == WSMsgType::text || type == WSMsgType::binary; }
};

/// What the handles of a WebSocket share.
///
/// 1. Frames go to the transport whole, in one call, so senders need no lock, except while a large message is
///    compressed piece by piece: then other messages wait for that one, and control frames do not.
/// 2. Only one task reads: a receiver, or close(), which has sent the receiver away before.
/// 3. `closing_`: a goodbye has come. `closed_`: ours was sent, or nothing can be sent any more.
class WebSocketState {
public:
    explicit WebSocketState(const WebSocketBehaviour& behaviour) noexcept : behaviour_(behaviour) {}
    ~WebSocketState();

    /// From now on it is open.
    void open(WebSocketConnection connection, const WebSocketLimits& limits);

    /// Puts a frame on its way. Throws ConnectionResetError if nothing can be sent any more.
    void send(const Outgoing& message);
    /// Whether that would keep the loop busy for long, or somebody else's message is compressed: it is for
    /// send_in_turns() then, which does the same piece by piece.
    bool takes_turns(const Outgoing& message) const noexcept;
    static Coro<> send_in_turns(std::shared_ptr<WebSocketState> self, Outgoing message);
    /// The same as send() of what was checked, at once, while there is room. `plain`: the frame if it is
    /// neither compressed nor masked, or empty.
    void send_checked(const Outgoing& message, BytesView plain);
    bool can_send() const { return !writer().is_closing() && !closed_; }
    /// Whether a sender would not wait.
    bool has_room() const { return writer().drain().await_ready(); }
    const aio::StreamWriter& writer() const;

    /// `Result` is WSMessage, or an optional one that is none at the connection's end.
    template <class Result>
    static Coro<Result> receive(std::shared_ptr<WebSocketState> self, TimeLimit timeout);
    static Coro<bool> close(std::shared_ptr<WebSocketState> self, int code, std::string reason);

    bool closed() const noexcept { return closed_; }
    const std::optional<int>& close_code() const noexcept { return close_code_; }
    const std::exception_ptr& error() const noexcept { return error_; }
    const WebSocketConnection& connection() const noexcept { return connection_; }
    bool is_open() const noexcept { return parser_.has_value(); }

private:
    class Receiving;
    class Compressing;
    struct Compression {
        Compression(int window_bits, bool takes_over) noexcept : deflater(window_bits, takes_over) {}
        MessageDeflater deflater;
        Lock turn;             ///< of those who compress piece by piece
        unsigned senders = 0;  ///< who do, or wait for it: nobody else compresses
    };

    bool take_message();
    Coro<> receive_into(std::span<char> room);
    bool answer(const WSMessage& message);
    template <class Result>
    static Coro<Result> next_message(std::shared_ptr<WebSocketState> self);
    template <class Result>
    static Coro<Result> next_message_within(std::shared_ptr<WebSocketState> self, TimeLimit limit);
    bool is_at_end();
    void error_came(const std::exception_ptr& error);
    void goodbye_came(const WSMessage& message);
    Coro<bool> exchange_goodbyes(int code, std::string reason);
    Coro<> await_goodbye();
    void check_open() const;
    void write_plain(const Outgoing& message);
    void write_compressed(WSMsgType type, const std::string& coded);
    void write_frame(FrameHead head, BytesView payload);
    void write_control(WSMsgType type, std::string_view payload);
    void say_goodbye(int code, const std::string& reason);
    WSMessage fail(int code, std::exception_ptr error);
    void end();

    void beat();
    std::uint64_t received() const;

    const WebSocketBehaviour behaviour_;
    WebSocketConnection connection_;
    std::optional<WebSocketParser> parser_;
    std::unique_ptr<Compression> compression_;  ///< if messages may be compressed
    std::unique_ptr<MaskKeys> masks_;           ///< of a client
    std::optional<int> close_code_;
    std::exception_ptr error_;
    bool closing_ = false;
    bool closed_ = false;

    AnyTask receiver_;
    bool sent_away_ = false;          ///< the receiver, by close()
    unsigned cancelling_before_ = 0;  ///< when it began
    Event nobody_receives_;

    TimerHandle beat_;
    std::uint64_t consumed_ = 0;
    std::uint64_t received_before_ = 0;  ///< at the last beat
    int silent_beats_ = 0;
};

}  // namespace aio::http::detail
