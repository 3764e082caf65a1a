// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/client/errors.hpp>
#include <aio/client/exchange/client_body_impl.hpp>
#include <aio/compose/timeout.hpp>
#include <aio/http/body/decoded_source_impl.hpp>
#include <aio/http/error.hpp>
#include <aio/loop/event_loop.hpp>

namespace aio::http::detail {
namespace {

/// So much is read to save a connection of which nobody wants the rest.
constexpr std::size_t kSkipped = std::size_t{64} * 1024;

std::exception_ptr connection_closed() {
    return std::make_exception_ptr(ConnectionClosedError("Connection closed"));
}

Coro<> wait_for_data(BodySource& source) { return source.wait(); }

}  // namespace

/// Keeps the connection for who waits, whoever closes it meanwhile.
class ClientBody::Waiting {
public:
    explicit Waiting(ClientBody& body) noexcept : body_(body) { body_.waiting_ = true; }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    ~Waiting() {
        body_.waiting_ = false;
        if (body_.ended_) body_.connection_.close();
    }

private:
    ClientBody& body_;
};

// --- the head -------------------------------------------------------------------------------------

Coro<> ClientBody::receive_head() {
    const aio::StreamReader& reader = connection_.reader();
    ResponseParser& parser = connection_.parser();
    for (;;) {
        if (parser.parse(reader.buffered()) == MessageParser::Step::head) co_return;
        reader.consume(parser.consumed());
        std::optional<TimePoint> end;
        const Limit limit = limits_.sock_read() ? next_limit(end) : Limit::none;
        if (limit != Limit::sock_read) end = std::nullopt;  // the total one is the caller's
        Timeout block(end);
        try {
            if (end) {
                co_await async_with(block, &ClientBody::fill_head, this);
            } else {
                co_await fill_head();
            }
        } catch (const BadHttpMessage&) {
            throw;
        } catch (const std::exception&) {
            raise(block.expired() ? limit : Limit::none);
        }
    }
}

Coro<> ClientBody::fill_head() {
    ResponseParser& parser = connection_.parser();
    const std::size_t wanted = parser.wanted();
    const BytesView data = co_await connection_.reader().fill(wanted);
    if (data.size() >= wanted) co_return;
    if (data.empty() && !parser.begun()) throw ServerDisconnectedError();
    parser.feed_eof();
}

void ClientBody::begin(bool reusable, std::string_view content_encoding, const DecompressorOptions& options,
                       std::size_t limit) {
    in_body_ = true;
    reusable_ = reusable;
    content_.reset(this, limit);
    if (connection_.parser().done()) {
        end();
        return;
    }
    if (content_encoding.empty()) return;
    const auto codings = parse_content_encoding(content_encoding);
    if (!codings || codings->empty()) return;  // a coding that is not known is the reader's to undo
    decoded_ = make_decoded_source(raw_, *codings, options);
    source_ = decoded_.get();
}

// --- the body -------------------------------------------------------------------------------------

BodySource::State ClientBody::take(std::string& out, std::size_t most) {
    if (ended_) return State::end;
    try {
        const State state = source_->take(out, most);
        if (state == State::end) {
            end();
            if (early_) return State::wait;
        }
        return state;
    } catch (const std::exception&) {
        fail(Limit::none);
    }
}

Coro<> ClientBody::wait() {
    if (early_) {
        co_await end_early();
        co_return;
    }
    std::optional<TimePoint> end;
    const Limit limit = next_limit(end);
    Timeout block(end);
    const Waiting waiting(*this);
    try {
        if (end) {
            co_await async_with(block, wait_for_data, std::ref(*source_));
        } else {
            co_await source_->wait();
        }
    } catch (const std::exception&) {
        fail(block.expired() ? limit : Limit::none);
    }
}

// Which limit is the next one to end a wait that begins now.
ClientBody::Limit ClientBody::next_limit(std::optional<TimePoint>& deadline) const {
    deadline = deadline_;
    Limit limit = deadline ? Limit::total : Limit::none;
    if (!limits_.sock_read()) return limit;
    const auto read = limits_.deadline(get_running_loop().time(), limits_.sock_read());
    if (!read || (deadline && *deadline <= *read)) return limit;
    deadline = read;
    return Limit::sock_read;
}

// In a catch block: throws what that error is to a client.
void ClientBody::raise(Limit expired) const {
    if (expired == Limit::sock_read) throw SocketTimeoutError("Timeout on reading data from socket");
    if (expired == Limit::total) throw;
    if (const std::exception_ptr error = upload_.error()) std::rethrow_exception(error);
    try {
        throw;
    } catch (const ClientPayloadError&) {
        throw;
    } catch (const ServerDisconnectedError&) {
        throw;
    } catch (const HttpProcessingError& error) {  // also of trailers
        throw ClientPayloadError(std::string("Response payload is not completed: ") + error.what());
    } catch (const OSError& error) {
        if (in_body_)
            throw ClientPayloadError(std::string("Response payload is not completed: ") + error.what());
        throw ClientOSError(error.error_number(), "the connection failed");
    }
}

// The same of the body, for good.
void ClientBody::fail(Limit expired) {
    try {
        raise(expired);
    } catch (...) {
        close(std::current_exception());
        throw;
    }
}

// --- the end --------------------------------------------------------------------------------------

Upload ClientBody::end_upload() noexcept {
    uploaded_ = uploaded();
    cut_off_ = !upload_complete();
    return std::exchange(upload_, Upload());
}

void ClientBody::end() noexcept {
    early_ = !upload_.complete();
    if (!early_) end_of_body();
}

// Who reads to the end may end what the upload refers to.
Coro<> ClientBody::end_early() {
    Upload upload = end_upload();
    end_of_body();
    co_await upload.stop();
}

Coro<> ClientBody::leave() {
    Upload upload = end_upload();
    release();
    co_await upload.stop();
}

Coro<> ClientBody::abandon() {
    Upload upload = end_upload();
    close(nullptr);
    co_await upload.stop();
}

void ClientBody::end_of_body() noexcept {
    ended_ = true;
    decoded_.reset();
    source_ = &raw_;
    end_upload();
    const bool reusable = reusable_ && !cut_off_;
    if (reusable) {
        connection_.release();
    } else {
        connection_.close();
    }
}

void ClientBody::release() noexcept {
    if (closed()) return;
    try {
        if (in_body_ && reusable_ && !ended_ && !waiting_ && upload_complete()) {
            std::string skipped;
            while (skipped.size() <= kSkipped && raw_.take(skipped, kSkipped) == State::data) {
            }
            if (connection_.parser().done()) {
                if (!skipped.empty()) content_.set_exception(connection_closed());
                end_of_body();
            }
        }
    } catch (const std::exception&) {  // it is broken, and closed below
    }
    close(connection_closed());
}

void ClientBody::close(std::exception_ptr error) noexcept {
    end_upload();
    if (closed()) return;
    ended_ = true;
    if (error) content_.set_exception(std::move(error));
    if (waiting_) {
        connection_.writer().transport().abort();
    } else {
        connection_.close();
    }
}

}  // namespace aio::http::detail
