// SPDX-License-Identifier: MIT
#pragma once

#include <aio/aio.hpp>
#include <aio/http/body/body_source.hpp>
#include <aio/http/body/body_writer.hpp>

#include <algorithm>
#include <deque>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Where bodies come from and go to in tests.
namespace aio::tests {

/// A body that is fed by hand, in pieces that are its sender's chunks.
class FedSource final : public http::detail::BodySource {
public:
    void feed(std::string_view data, bool ends_chunk = true) {
        there_.emplace_back(std::string(data), ends_chunk);
        arrived_.set();
    }
    void finish() {
        finished_ = true;
        arrived_.set();
    }
    template <class E>
    void fail(E error) {
        error_ = std::make_exception_ptr(std::move(error));
        arrived_.set();
    }

    State take(std::string& out, std::size_t most) override {
        if (there_.empty() && error_) std::rethrow_exception(error_);
        if (there_.empty()) return finished_ ? State::end : State::wait;
        auto& [data, ends] = there_.front();
        const std::size_t count = std::min(most, data.size());
        out.append(data, 0, count);
        raw_ += count;
        data.erase(0, count);
        ends_chunk_ = ends && data.empty();
        if (data.empty()) there_.pop_front();
        return State::data;
    }
    Coro<> wait() override {
        ++waits;
        arrived_.clear();
        co_await arrived_.wait();
    }
    bool ends_chunk() const noexcept override { return ends_chunk_; }
    std::uint64_t raw_bytes() const noexcept override { return raw_; }

    int waits = 0;

private:
    std::deque<std::pair<std::string, bool>> there_;
    Event arrived_;
    std::exception_ptr error_;
    std::uint64_t raw_ = 0;
    bool finished_ = false;
    bool ends_chunk_ = false;
};

/// Keeps what is written; each drain() waits while it is `closed`.
class KeptBody final : public http::BodyWriter {
public:
    void write(BytesView data) override {
        if (data.empty()) return;
        pieces.push_back(data.str());
        text += data.text();
    }
    Coro<> drain() override {
        ++drains;
        if (fails) throw ConnectionResetError(ECONNRESET, "Connection lost");
        if (closed) {
            Event never;
            co_await never.wait();
        }
    }
    Coro<> sendfile(int file, std::uint64_t offset, std::uint64_t count) override {
        std::string piece(count, '\0');
        const ssize_t got = ::pread(file, piece.data(), count, static_cast<off_t>(offset));
        text.append(piece, 0, got > 0 ? static_cast<std::size_t>(got) : 0);
        files.emplace_back(offset, count);
        if (got != static_cast<ssize_t>(count)) throw RuntimeError("the file is shorter");
        co_await drain();
    }

    std::string text;
    std::vector<std::string> pieces;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> files;
    int drains = 0;
    bool fails = false;
    bool closed = false;
};

inline AsyncGenerator<std::string> generated(std::vector<std::string> pieces) {
    for (std::string& piece : pieces) {
        co_await sleep(Duration::zero());
        co_yield std::move(piece);
    }
}

inline StreamReader stream_with(std::string_view text) {
    StreamReader stream;
    stream.feed_data(text);
    stream.feed_eof();
    return stream;
}

}  // namespace aio::tests
