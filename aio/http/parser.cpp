// SPDX-License-Identifier: MIT
#include <aio/base/detail/repr.hpp>
#include <aio/base/error.hpp>
#include <aio/http/error.hpp>
#include <aio/http/head_impl.hpp>
#include <aio/http/parser.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace aio::http {

// While parse() runs the state is `failed`: what it throws leaves it so.

MessageParser::MessageParser(const ParserOptions& options, const detail::LineLimits& limits, EmptyLine before)
    : limits_(limits), options_(options), before_(before), empty_line_(before) {}

void MessageParser::begin_next() {
    if (state_ == State::head && !begun_) return;
    if (state_ != State::done) throw RuntimeError("the message before is not complete");
    state_ = State::head;
    begun_ = false;
    empty_line_ = before_;
    chunk_ = detail::ChunkLine();
    trailers_.clear();
    body_ = {};
    wanted_ = 1;
}

std::size_t MessageParser::skip_empty_line(std::string_view data) {
    std::size_t size = 0;
    if (size < data.size() && empty_line_ == EmptyLine::allowed && data[size] == '\r') {
        empty_line_ = EmptyLine::begun;
        ++size;
    }
    if (size < data.size() && empty_line_ == EmptyLine::begun) {
        if (data[size] != '\n') throw BadStatusLine("CR without LF before a message");
        empty_line_ = EmptyLine::refused;
        ++size;
    }
    return size;
}

MessageParser::Step MessageParser::parse(BytesView data) {
    State state = std::exchange(state_, State::failed);
    consumed_ = 0;
    body_ = {};
    Step step = Step::end;
    if (state == State::head) {
        step = parse_first(data.text(), state);
    } else if (state != State::done) {
        step = parse_body(data.text(), state);
    }
    state_ = state;
    return step;
}

MessageParser::Step MessageParser::parse_first(std::string_view data, State& state) {
    if (!begun_) {
        consumed_ = skip_empty_line(data);
        data.remove_prefix(consumed_);
        if (data.empty()) return need(0);
        check_begin(data[0]);
        begun_ = true;
        if (const std::size_t size = parse_known(data, state)) {
            consumed_ += size;
            return Step::head;
        }
    }
    if (!lines_.scan(data, limits_)) return need(data.size());
    consumed_ += lines_.size();
    fields_.clear();
    fields_.reserve(lines_.lines());
    state = parse_head(data.substr(0, lines_.size()));
    lines_.reset();
    return Step::head;
}

std::size_t MessageParser::parse_known(std::string_view, State&) { return 0; }

MessageParser::Step MessageParser::parse_body(std::string_view data, State& state) {
    switch (state) {
        case State::length:
            return take_body(data, state, State::done);
        case State::until_close:
            body_ = data;
            consumed_ = data.size();
            return data.empty() ? need(0) : Step::body;
        case State::failed:
            throw RuntimeError("the parser cannot go on after an error");
        default:
            return parse_chunked(data, state);
    }
}

MessageParser::Step MessageParser::parse_chunked(std::string_view data, State& state) {
    for (;;) {
        const std::string_view rest = data.substr(consumed_);
        if (rest.empty()) return need(0);
        switch (state) {
            case State::chunk_line:
                consumed_ += chunk_.read(rest, options_.max_chunk_extensions());
                if (!chunk_.complete()) break;
                left_ = chunk_.size();
                state = left_ > 0 ? State::chunk_data : State::trailers;
                chunk_.next();
                break;
            case State::chunk_data:
                return take_body(rest, state, State::chunk_end);
            case State::chunk_end:
            case State::chunk_end_lf: {
                const bool cr = state == State::chunk_end;
                if (rest[0] != (cr ? '\r' : '\n')) {
                    throw TransferEncodingError(
                        "a chunk does not end where its size says, but goes on with " +
                        aio::detail::repr_of(rest.substr(0, 1)));
                }
                ++consumed_;
                state = cr ? State::chunk_end_lf : State::chunk_line;
                break;
            }
            default:
                if (!parse_trailers(rest)) return need(rest.size());
                state = State::done;
                return Step::end;
        }
    }
}

MessageParser::Step MessageParser::take_body(std::string_view data, State& state, State then) {
    if (data.empty()) return need(0);
    body_ = data.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, data.size())));
    consumed_ += body_.size();
    left_ -= body_.size();
    if (left_ == 0) state = then;
    return Step::body;
}

bool MessageParser::parse_trailers(std::string_view data) {
    const std::size_t limit = options_.max_field_size();
    const detail::LineLimits limits{
        limit, limit, options_.max_headers(), options_.max_trailers_size() + 2, 431, "trailers", "trailers"};
    if (!lines_.scan(data, limits)) return false;
    if (lines_.lines() > 0) detail::parse_trailers(data.substr(0, lines_.size()), trailers_);
    consumed_ += lines_.size();
    lines_.reset();
    return true;
}

MessageParser::Step MessageParser::need(std::size_t left) noexcept {
    wanted_ = left + 1;
    return Step::need_data;
}

bool MessageParser::feed_eof() {
    switch (state_) {
        case State::head:
            if (!begun_) return false;
            state_ = State::failed;
            throw BadHttpMessage("the connection ended within the head of a message");
        case State::until_close:
        case State::done:
            state_ = State::done;
            return true;
        case State::length:
            state_ = State::failed;
            throw ContentLengthError("the connection ended " + std::to_string(left_) +
                                     " bytes before the end of the body");
        case State::failed:
            throw RuntimeError("the parser cannot go on after an error");
        default:
            state_ = State::failed;
            throw TransferEncodingError("the connection ended before the end of a chunked body");
    }
}

}  // namespace aio::http
