// SPDX-License-Identifier: MIT
#pragma once

#include <aio/http/body/stream_reader.hpp>
#include <aio/streams/stream_reader.hpp>
#include <aio/task/coro.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace aio::http::detail {

/// What a multipart body is read from: a stream, or a part of another body.
class Content {
public:
    virtual ~Content() = default;
    /// As StreamReader::fill(): shows what is there, at least so many bytes but at the end.
    virtual Coro<std::string_view> fill(std::size_t at_least) = 0;
    virtual void consume(std::size_t count) = 0;
};

class StreamContent final : public Content {
public:
    explicit StreamContent(aio::StreamReader reader) noexcept : reader_(std::move(reader)) {}
    Coro<std::string_view> fill(std::size_t at_least) override;
    void consume(std::size_t count) override { reader_.consume(count); }

private:
    aio::StreamReader reader_;
};

/// The body of a message, which must live as long.
class BodyContent final : public Content {
public:
    explicit BodyContent(StreamReader& body) noexcept : body_(body) {}
    Coro<std::string_view> fill(std::size_t at_least) override { return body_.fill(at_least); }
    void consume(std::size_t count) override { body_.consume(count); }

private:
    StreamReader& body_;
};

/// Ends before a delimiter. Throws ValueError where what it is part of ends without one.
class DelimitedContent final : public Content {
public:
    /// `after_head`: begins with the line break of the empty line behind a head. That is no part of the
    /// content, but of the delimiter if one follows at once.
    DelimitedContent(std::shared_ptr<Content> whole, std::string delimiter, bool after_head)
        : whole_(std::move(whole)), delimiter_(std::move(delimiter)), after_head_(after_head) {}
    Coro<std::string_view> fill(std::size_t at_least) override;
    void consume(std::size_t count) override;
    /// It has ended for whoever still reads it: what comes next belongs to others.
    void close() noexcept { closed_ = true; }

private:
    Coro<> leave_head();

    std::shared_ptr<Content> whole_;
    std::string delimiter_;
    // So many bytes are known to begin no delimiter: who reads in small pieces does not have all of what is
    // there searched for each.
    std::size_t searched_ = 0;
    bool after_head_;
    bool closed_ = false;
};

/// Takes everything that is left.
Coro<> skip(std::shared_ptr<Content> content);
/// The next line without its end, which is CRLF. Throws ValueError if it is longer than `limit`, or has no
/// end.
Coro<std::string> take_line(std::shared_ptr<Content> content, std::size_t limit);
/// Whether `text` is what comes next; it is taken then.
Coro<bool> take_if(std::shared_ptr<Content> content, std::string text);

}  // namespace aio::http::detail
