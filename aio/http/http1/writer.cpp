// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/body/file_pieces_impl.hpp>
#include <aio/http/chunked.hpp>
#include <aio/http/http1/writer_impl.hpp>
#include <aio/transport/sendfile.hpp>

#include <array>
#include <cerrno>
#include <string>
#include <utility>

namespace aio::http::detail {
namespace {

/// A piece up to this size is copied behind the head, which is cheaper than one more piece for the system.
constexpr std::size_t kCopied = 4096;

/// What the system says of a peer that answers nothing any more is no ConnectionError.
bool is_of_connection(const OSError& error) noexcept {
    const int number = error.error_number();
    return dynamic_cast<const ConnectionError*>(&error) || number == ETIMEDOUT || number == EHOSTUNREACH ||
           number == ENETUNREACH || number == ENETDOWN;
}

}  // namespace

void Http1Writer::begin_body(Framing framing, std::uint64_t length) {
    framing_ = framing;
    left_ = framing == Framing::length ? length : 0;
    output_size_ = 0;
    compressor_.reset();
    ended_ = false;
    holds_back_ = broken_ = false;
}

void Http1Writer::compress(ContentCoding coding, std::optional<int> level) {
    if (framing_ != Framing::none) compressor_.emplace(coding, level);
}

void Http1Writer::check_length(std::uint64_t size) const {
    if (ended_) throw RuntimeError("the body was ended before");
    if (framing_ == Framing::length && size > left_) {
        throw RuntimeError(std::to_string(size - left_) + " bytes more are written than Content-Length says");
    }
}

// What was sent. Of what fails or is cancelled in the middle something stays left, so that nobody takes the
// body for complete.
void Http1Writer::count(std::uint64_t size) noexcept {
    if (framing_ == Framing::length) left_ -= size;
}

void Http1Writer::write(BytesView data) {
    if (data.empty()) return;
    if (compressor_) {
        check_length(0);
        std::string coded;
        compressor_->compress(data, coded);
        holds_back_ = true;
        if (!coded.empty()) send_piece(coded);
        return;
    }
    check_length(data.size());
    if (framing_ == Framing::none) return;
    send_piece(data);
    count(data.size());
}

void Http1Writer::flush() {
    if (!compressor_ || !std::exchange(holds_back_, false)) return;
    std::string coded;
    compressor_->flush(coded);
    if (!coded.empty()) send_piece(coded);
}

void Http1Writer::send_piece(BytesView data) {
    const std::size_t head = out_.size();
    if (framing_ != Framing::chunked) {
        output_size_ += data.size();
        send(data);
        return;
    }
    append_chunk_begin(out_, data.size());
    output_size_ += out_.size() - head + data.size() + kChunkEnd.size();
    if (data.size() <= kCopied) {
        out_.append(data.text());
        out_.append(kChunkEnd);
        writer_.write(BytesView(out_));
    } else {
        const std::array<BytesView, 3> pieces{BytesView(out_), data, BytesView(kChunkEnd)};
        writer_.writelines(std::span<const BytesView>(pieces));
    }
    out_.clear();
}

void Http1Writer::send(BytesView data) {
    if (out_.empty()) return writer_.write(data);
    if (data.size() <= kCopied) {
        out_.append(data.text());
        writer_.write(BytesView(out_));
    } else {
        const std::array<BytesView, 2> pieces{BytesView(out_), data};
        writer_.writelines(std::span<const BytesView>(pieces));
    }
    out_.clear();
}

void Http1Writer::send_head() {
    if (!out_.empty()) send({});
}

Coro<> Http1Writer::drain() {
    send_head();
    co_await writer_.drain();
}

Coro<> Http1Writer::sendfile(int file, std::uint64_t offset, std::uint64_t count) {
    check_length(count);
    if (count == 0 || framing_ == Framing::none) co_return;
    if (compressor_ || framing_ == Framing::chunked) {
        co_await write_pieces_of(*this, file, offset, count);
        co_return;
    }
    send_head();
    std::uint64_t sent = 0;
    try {
        sent = co_await writer_.sendfile(file, SendfileOptions().offset(offset).count(count));
    } catch (const OSError& e) {
        broken_ = is_of_connection(e);  // else it is the file's
        throw;
    }
    output_size_ += sent;
    this->count(sent);
    if (sent < count) throw RuntimeError(ended_early(count - sent));
}

void Http1Writer::end(const Headers* trailers) {
    if (ended_) return;
    if (compressor_) {
        std::string coded;
        compressor_->finish(coded);
        compressor_.reset();
        if (!coded.empty()) send_piece(coded);
    }
    if (framing_ == Framing::chunked) {
        const std::size_t head = out_.size();
        append_last_chunk(out_, trailers ? *trailers : Headers());
        output_size_ += out_.size() - head;
    }
    ended_ = true;
    send_head();
}

}  // namespace aio::http::detail
