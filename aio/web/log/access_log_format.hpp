// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aio::web {

/// What a line of an access log tells of: a request, its response, and when. Views are valid until the line
/// is made.
class AccessLogRecord {
public:
    virtual ~AccessLogRecord() = default;

    /// The client's address, or the proxy's; empty if it is not known.
    virtual std::string_view remote() const = 0;
    virtual std::string_view method() const = 0;
    /// Path and query.
    virtual std::string_view target() const = 0;
    /// "1.1"
    virtual std::string_view version() const = 0;
    virtual std::optional<std::string_view> request_header(std::string_view name) const = 0;
    virtual int status() const = 0;
    /// Bytes of the body.
    virtual std::uint64_t body_length() const = 0;
    virtual std::optional<std::string_view> response_header(std::string_view name) const = 0;
    /// When the request began.
    virtual std::chrono::system_clock::time_point started() const = 0;
    /// How long it took.
    virtual std::chrono::nanoseconds duration() const = 0;
};

/// The format of an access log, in aiohttp's language:
///
///     %%        the percent sign
///     %a        the client's address
///     %t        when the request began, "[01/Feb/2026:15:04:05 +0100]"
///     %P        the process, "<1234>"
///     %r        the first line of the request
///     %s        the status
///     %b        how many bytes the body of the response has
///     %T  %Tf   how long it took: seconds, seconds with six decimals
///     %D        the same in microseconds
///     %{X}i     the field X of the request
///     %{X}o     the field X of the response
///     %{X}e     the environment's variable X, as it was when the format was made
///
/// "-" stands for what is not there; any other "%" for itself. What comes from a client cannot forge a line
/// or an entry: control characters, quotation marks, backslashes and bytes beyond ASCII are written "\x0A",
/// "\"", "\\".
///
/// Threads: one at a time. Mirrors aiohttp.web_log.AccessLogger.
class AccessLogFormat {
public:
    static constexpr std::string_view kDefault = R"(%a %t "%r" %s %b "%{Referer}i" "%{User-Agent}i")";

    explicit AccessLogFormat(std::string_view format = kDefault);

    /// Appends a line, without an end.
    void append(std::string& line, const AccessLogRecord& record);
    std::string line(const AccessLogRecord& record) {
        std::string text;
        append(text, record);
        return text;
    }

private:
    enum class Atom : std::uint8_t {
        text,
        remote,
        time,
        first_line,
        status,
        body_length,
        seconds,
        seconds_fraction,
        microseconds,
        request_header,
        response_header,
    };
    struct Piece {
        Atom atom;
        std::string text;  // or the name of a field
    };

    void add_text(std::string_view text);
    std::size_t add_atom(std::string_view rest);
    std::size_t add_named(std::string_view rest);
    void append_time(std::string& line, std::chrono::system_clock::time_point time);

    std::vector<Piece> pieces_;
    std::int64_t second_ = -1;  // of which the text of %t is
    std::string time_;
};

}  // namespace aio::web
