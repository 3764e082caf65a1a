// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/memory.hpp>
#include <aio/base/time.hpp>
#include <aio/client/client_timeout.hpp>
#include <aio/client/connector.hpp>
#include <aio/client/exchange/upload_impl.hpp>
#include <aio/http/body/body_source.hpp>
#include <aio/http/body/stream_reader.hpp>
#include <aio/http/compression.hpp>
#include <aio/http/http1/body_impl.hpp>
#include <aio/task/coro.hpp>

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace aio::http::detail {

/// One exchange of a connection of HTTP/1, from the head of the response to the end of its body: waits within
/// the limits, says what has failed in the words of a client, and gives the connection back, or closes it.
class ClientBody final : public BodySource {
public:
    ClientBody(Connection connection, ClientTimeout limits, std::optional<TimePoint> deadline)
        : connection_(std::move(connection)),
          raw_(connection_.reader(), connection_.parser()),
          source_(&raw_),
          limits_(limits),
          deadline_(deadline) {}
    ~ClientBody() override { close(nullptr); }

    Connection& connection() noexcept { return connection_; }
    StreamReader& content() noexcept { return content_; }
    /// What sends the request's body beside; it ends with this.
    void upload(Upload upload) noexcept { upload_ = std::move(upload); }
    Upload& upload() noexcept { return upload_; }
    bool has_upload() const noexcept { return static_cast<bool>(upload_); }

    /// How many bytes of a body have gone beside, with what frames them, and whether all have.
    std::uint64_t uploaded() const noexcept { return uploaded_ + upload_.output_size(); }
    bool upload_complete() const noexcept { return !cut_off_ && upload_.complete(); }

    /// Waits until the next head is there, interim or not, as the parser's; it has to be consumed. Throws
    /// ServerDisconnectedError, ClientOSError, SocketTimeoutError, BadHttpMessage, and what the upload fails
    /// with.
    Coro<> receive_head();
    /// The head was the last one. What follows is the body, coded as `content_encoding` says if it is to be
    /// decoded.
    void begin(bool reusable, std::string_view content_encoding, const DecompressorOptions& options,
               std::size_t limit);

    State take(std::string& out, std::size_t most) override;
    Coro<> wait() override;
    bool ends_chunk() const noexcept override { return source_->ends_chunk(); }
    std::uint64_t raw_bytes() const noexcept override { return raw_.raw_bytes(); }

    /// There is nothing more of the body. Where something of the upload is, end_early() has to follow.
    void end() noexcept;
    bool early() const noexcept { return early_ && !ended_; }
    Coro<> end_early();
    /// Nobody wants what is left: the connection goes back if little is, and all of it is there.
    void release() noexcept;
    /// Closes the connection; reading fails with `error`, if there is one, from now on.
    void close(std::exception_ptr error) noexcept;
    /// Releases, or closes, and waits until the upload's clean-up has run, if there is one.
    Coro<> leave();
    Coro<> abandon();
    /// After a head of 101, which was the last one of this connection: it belongs to the caller from now on.
    Connection take_connection() noexcept { return std::exchange(connection_, Connection()); }
    /// The connection is gone.
    bool closed() const noexcept { return !connection_ || ended_; }

private:
    enum class Limit : std::uint8_t { none, total, sock_read };
    class Waiting;
    Coro<> fill_head();
    Upload end_upload() noexcept;
    void end_of_body() noexcept;
    Limit next_limit(std::optional<TimePoint>& deadline) const;
    [[noreturn]] void fail(Limit expired);
    [[noreturn]] void raise(Limit expired) const;

    Connection connection_;
    Http1Body raw_;
    std::unique_ptr<BodySource> decoded_;
    BodySource* source_;
    StreamReader content_;
    Upload upload_;
    ClientTimeout limits_;
    std::optional<TimePoint> deadline_;
    std::uint64_t uploaded_ = 0;
    bool cut_off_ = false;  ///< the upload was not completed
    bool reusable_ = false;
    bool in_body_ = false;
    bool ended_ = false;
    bool early_ = false;    ///< the body has come to its end before the upload
    bool waiting_ = false;  ///< somebody waits for data of the connection, which has to stay until then
};

}  // namespace aio::http::detail
