// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/bytes.hpp>
#include <aio/http/detail/chunk_line.hpp>
#include <aio/http/detail/line_scanner.hpp>
#include <aio/http/message.hpp>
#include <aio/http/parser_options.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aio::http {

/// Takes the messages of an HTTP/1 connection apart, in place: what it gives are views into the bytes that it
/// was given. It knows no connection. With a StreamReader:
///
///     auto step = parser.parse(reader.buffered());
///     ...                                             // what it gave is looked at
///     reader.consume(parser.consumed());
///     if (step == http::MessageParser::Step::need_data) {
///         const std::size_t wanted = parser.wanted();
///         auto data = co_await reader.fill(wanted);
///         if (data.size() < wanted) parser.feed_eof();
///     }
///
/// How the bytes are cut makes no difference. What breaks a rule or a limit is a BadHttpMessage or one of its
/// kinds, which tells the status to answer; after one the connection cannot be used, and the parser throws
/// RuntimeError.
///
/// Threads: any, one at a time. Mirrors aiohttp.http_parser.HttpRequestParser and HttpResponseParser.
class MessageParser {
public:
    enum class Step : std::uint8_t {
        need_data,  ///< wanted() bytes must be there before anything can be said
        head,       ///< head() is there
        body,       ///< body() is there
        end         ///< the message is complete; its trailers() are there
    };

    MessageParser(const MessageParser&) = delete;
    MessageParser& operator=(const MessageParser&) = delete;

    /// The next step in `data`, which is all that has arrived and was not consumed. After the end it gives
    /// the end again, until next(). Throws BadHttpMessage and its kinds.
    Step parse(BytesView data);
    /// How many bytes at the beginning of the last `data` are done with, once the views of this step are.
    std::size_t consumed() const noexcept { return consumed_; }
    /// After need_data: how many bytes of those that are left and of new ones have to be there.
    std::size_t wanted() const noexcept { return wanted_; }
    /// No more bytes will come. True if this completes the message, false if none had begun. Throws
    /// ContentLengthError or TransferEncodingError if the body is incomplete, BadHttpMessage if the head is.
    bool feed_eof();

    /// A piece of the body without its framing; valid, as all views, until the bytes are consumed.
    std::string_view body() const noexcept { return body_; }
    /// Whether body() ends a chunk of the sender's.
    bool ends_chunk() const noexcept { return state_ == State::chunk_end; }
    /// What came behind a chunked body, without the fields that must not be there, such as those of framing
    /// and routing.
    std::span<const Field> trailers() const noexcept { return trailers_; }
    /// Nothing of this message is left to parse: known with the head where there is no body.
    bool done() const noexcept { return state_ == State::done; }
    /// Whether a byte of the message has arrived.
    bool begun() const noexcept { return state_ != State::head || begun_; }

protected:
    enum class State : std::uint8_t {
        head,
        length,
        until_close,
        chunk_line,
        chunk_data,
        chunk_end,
        chunk_end_lf,
        trailers,
        done,
        failed
    };

    /// An empty line before a message: some clients end a body with one too many (RFC 9112, 2.2).
    enum class EmptyLine : std::uint8_t { allowed, begun, refused };

    MessageParser(const ParserOptions& options, const detail::LineLimits& limits, EmptyLine before);
    ~MessageParser() = default;
    /// Takes a whole head apart; gives what follows it.
    virtual State parse_head(std::string_view head) = 0;
    /// The same for a head at the beginning of `data` that need not be looked at as a whole, of which it
    /// gives the size; 0 if it is none.
    virtual std::size_t parse_known(std::string_view data, State& state);
    /// Throws BadStatusLine if a message cannot begin like this.
    virtual void check_begin(char first) const = 0;
    void begin_next();

    std::vector<Field> fields_;
    detail::LineScanner lines_;
    const detail::LineLimits limits_;
    std::uint64_t left_ = 0;  // of the body or the chunk

private:
    std::size_t skip_empty_line(std::string_view data);
    Step parse_first(std::string_view data, State& state);
    Step parse_body(std::string_view data, State& state);
    Step parse_chunked(std::string_view data, State& state);
    Step take_body(std::string_view data, State& state, State then);
    bool parse_trailers(std::string_view data);
    Step need(std::size_t left) noexcept;

    ParserOptions options_;
    detail::ChunkLine chunk_;
    std::vector<Field> trailers_;
    std::string_view body_;
    std::size_t consumed_ = 0;
    std::size_t wanted_ = 1;
    State state_ = State::head;
    EmptyLine before_;
    EmptyLine empty_line_;
    bool begun_ = false;
};

/// Parses what clients send: for servers.
class RequestParser final : public MessageParser {
public:
    explicit RequestParser(const ParserOptions& options = ParserOptions());

    /// After Step::head; its views are valid until the bytes are consumed.
    const RequestHead& head() const noexcept { return head_; }
    /// Begins the next message of the connection. Throws RuntimeError if this one is not complete.
    void next();
    /// From now on heads are copied to `memory`, which must outlive the parser and is its own: their views
    /// are valid until the next head is parsed. A head whose fields are those of the one before, byte by
    /// byte, as those of most clients are, is then parsed in a fraction of the time.
    void keep_in(std::string& memory) noexcept { memory_ = &memory; }
    /// The fields that head() shows, for whoever needs them longer than the parser, which must not be used
    /// then.
    std::vector<Field> take_fields() noexcept { return std::move(fields_); }

private:
    State parse_head(std::string_view head) override;
    std::size_t parse_known(std::string_view data, State& state) override;
    void check_begin(char first) const override;
    bool knows(std::string_view data, std::size_t line) const noexcept;
    bool take_line(std::string_view line);
    State state_of_body();

    RequestHead head_;
    std::string known_host_;  // the last one that was good: most requests name the same
    std::string* memory_ = nullptr;
    std::string_view known_line_;    // of the head before, in memory_
    std::string_view known_fields_;  // its fields, with the empty line; empty if there is no such head
    std::string_view field_host_;    // what the field Host says
};

/// Parses what servers send: for clients. Whether a response has a body depends on the request, whose method
/// next() is told. An interim response (1xx) is a message of its own.
class ResponseParser final : public MessageParser {
public:
    explicit ResponseParser(const ParserOptions& options = ParserOptions());

    /// After Step::head; its views are valid until the bytes are consumed.
    const ResponseHead& head() const noexcept { return head_; }
    /// Begins the next response, which answers a request of that method; the first one is taken for an answer
    /// to GET if this is not called. Throws RuntimeError if the last one is not complete, or ended with the
    /// connection.
    void next(std::string_view method = "GET");

private:
    enum class Answers : std::uint8_t { other, head, connect };
    State parse_head(std::string_view head) override;
    void check_begin(char first) const override;

    ResponseHead head_;
    Answers answers_ = Answers::other;
};

}  // namespace aio::http
