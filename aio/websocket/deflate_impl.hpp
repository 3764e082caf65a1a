// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

struct z_stream_s;

/// Messages that are compressed one by one (RFC 7692). Each stream exists from its first message on, and
/// without context take-over only while a message is at work: it is large.
namespace aio::http::detail {

class MessageDeflater {
public:
    /// `window_bits`: 9 to 15.
    MessageDeflater(int window_bits, bool takes_over) noexcept;
    MessageDeflater(MessageDeflater&&) noexcept;
    ~MessageDeflater();

    /// Appends what the next piece of a message becomes to what those before became.
    void feed(std::string_view piece, bool is_last, std::string& out);
    /// The next message refers to none before, and none after refers to it. It has a window of so many bits,
    /// 9 to 15, but no more than the others.
    void isolate(int window_bits) noexcept;
    /// What comes next refers to nothing that was: because it was not sent, or was apart from the others.
    void forget() noexcept;

private:
    struct End {
        void operator()(z_stream_s* stream) const noexcept;
    };
    std::unique_ptr<z_stream_s, End> stream_;
    int window_bits_;
    int isolated_bits_ = 0;  ///< of the message at work; 0 if it is one as the others
    bool takes_over_;
};

class MessageInflater {
public:
    MessageInflater(int window_bits, bool takes_over) noexcept;
    MessageInflater(MessageInflater&&) noexcept;
    ~MessageInflater();

    /// Appends what the next piece of a message becomes. Throws WebSocketError: 1007 if it is corrupted, 1009
    /// if `out` would have more than `most` bytes. What comes before that is in `out`.
    void inflate(std::string_view piece, std::string& out, std::size_t most);
    /// The message is at its end.
    void finish(std::string& out, std::size_t most);

private:
    struct End {
        void operator()(z_stream_s* stream) const noexcept;
    };
    std::unique_ptr<z_stream_s, End> stream_;
    int window_bits_;
    bool takes_over_;
    bool ended_ = false;  ///< by a block that called itself the last one
};

}  // namespace aio::http::detail
