// SPDX-License-Identifier: MIT
#include <aio/http/coding/coding_impl.hpp>
#include <aio/websocket/deflate_impl.hpp>
#include <aio/websocket/message.hpp>

#include <algorithm>
#include <limits>
#include <new>
#include <utility>

#include <zlib.h>

namespace aio::http::detail {
namespace {

/// What a flush ends with. It is not sent: the end of the message says the same.
constexpr std::string_view kTail("\0\0\xFF\xFF", 4);

void set_input(z_stream& stream, std::string_view data) {
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
    stream.avail_in = static_cast<uInt>(data.size());
}

/// No more than zlib can count.
std::string_view take_piece(std::string_view& data) {
    const std::string_view piece = data.substr(0, std::numeric_limits<uInt>::max());
    data.remove_prefix(piece.size());
    return piece;
}

}  // namespace

MessageDeflater::MessageDeflater(int window_bits, bool takes_over) noexcept
    : window_bits_(window_bits), takes_over_(takes_over) {}
MessageDeflater::MessageDeflater(MessageDeflater&&) noexcept = default;
MessageDeflater::~MessageDeflater() = default;

void MessageDeflater::End::operator()(z_stream* stream) const noexcept {
    deflateEnd(stream);
    delete stream;
}

void MessageDeflater::isolate(int window_bits) noexcept {
    stream_.reset();
    isolated_bits_ = std::min(window_bits, window_bits_);
}

void MessageDeflater::forget() noexcept {
    stream_.reset();
    isolated_bits_ = 0;
}

void MessageDeflater::feed(std::string_view piece, bool is_last, std::string& out) {
    if (!stream_) {
        auto fresh = std::make_unique<z_stream>();
        const int level = check_level(std::nullopt, 0, 9, 6);
        const int bits = isolated_bits_ ? isolated_bits_ : window_bits_;
        if (deflateInit2(fresh.get(), level, Z_DEFLATED, -bits, 8, Z_DEFAULT_STRATEGY) != Z_OK)
            throw std::bad_alloc();
        stream_.reset(fresh.release());
    }
    z_stream& stream = *stream_;
    do {
        set_input(stream, take_piece(piece));
        const int flush = is_last && piece.empty() ? Z_SYNC_FLUSH : Z_NO_FLUSH;
        do {
            char room[kPiece];
            stream.next_out = reinterpret_cast<Bytef*>(room);
            stream.avail_out = kPiece;
            deflate(&stream, flush);
            out.append(room, kPiece - stream.avail_out);
        } while (stream.avail_out == 0);
    } while (!piece.empty());
    if (!is_last) return;
    if (out.empty()) {
        out += '\0';  // a flush after a flush gives nothing (RFC 7692, 7.2.3.6)
    } else {
        out.resize(out.size() - kTail.size());
    }
    if (isolated_bits_ || !takes_over_) forget();
}

MessageInflater::MessageInflater(int window_bits, bool takes_over) noexcept
    : window_bits_(window_bits), takes_over_(takes_over) {}
MessageInflater::MessageInflater(MessageInflater&&) noexcept = default;
MessageInflater::~MessageInflater() = default;

void MessageInflater::End::operator()(z_stream* stream) const noexcept {
    inflateEnd(stream);
    delete stream;
}

void MessageInflater::inflate(std::string_view piece, std::string& out, std::size_t most) {
    if (!stream_) {
        auto fresh = std::make_unique<z_stream>();
        if (inflateInit2(fresh.get(), -window_bits_) != Z_OK) throw std::bad_alloc();
        stream_.reset(fresh.release());
    }
    z_stream& stream = *stream_;
    while (!piece.empty()) {
        set_input(stream, take_piece(piece));
        do {
            char room[kPiece];
            // One byte more than may come tells whether there is more.
            const std::size_t size = std::min(kPiece, most - out.size() + 1);
            stream.next_out = reinterpret_cast<Bytef*>(room);
            stream.avail_out = static_cast<uInt>(size);
            const int result = ::inflate(&stream, Z_SYNC_FLUSH);
            if (result == Z_MEM_ERROR) throw std::bad_alloc();
            const std::size_t given = size - stream.avail_out;
            const std::size_t fits = std::min(given, most - out.size());
            out.append(room, fits);
            if (given > fits) {
                throw WebSocketError(WSCloseCode::message_too_big,
                                     "a message has more than " + std::to_string(most) + " bytes");
            }
            if (result != Z_OK && result != Z_BUF_ERROR && result != Z_STREAM_END) {
                throw WebSocketError(
                    WSCloseCode::invalid_text,
                    std::string("corrupted compressed message: ") + (stream.msg ? stream.msg : "no deflate"));
            }
            // A block that calls itself the last one need not be it (RFC 7692, 7.2.3.5).
            ended_ = result == Z_STREAM_END;
            if (ended_) inflateReset(&stream);
            if (result == Z_BUF_ERROR) break;
        } while (stream.avail_in > 0 || stream.avail_out == 0);
    }
}

void MessageInflater::finish(std::string& out, std::size_t most) {
    if (!std::exchange(ended_, false)) inflate(kTail, out, most);
    if (!takes_over_) stream_.reset();
}

}  // namespace aio::http::detail
