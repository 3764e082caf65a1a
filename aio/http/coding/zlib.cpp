// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/coding/coding_impl.hpp>
#include <aio/http/error.hpp>

#include <algorithm>
#include <limits>
#include <new>

#include <zlib.h>

namespace aio::http::detail {
namespace {

// What zlib adds to the size of its window to speak of gzip's format, or negates for none.
constexpr int kGzip = 16;

uInt part_of(std::size_t size) {
    return static_cast<uInt>(std::min<std::size_t>(size, std::numeric_limits<uInt>::max()));
}

void set_input(z_stream& stream, std::string_view data) {
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
    stream.avail_in = part_of(data.size());
}

class ZlibEncoder final : public Encoder {
public:
    ZlibEncoder(bool gzip, int level) {
        const int window = MAX_WBITS + (gzip ? kGzip : 0);
        if (deflateInit2(&stream_, level, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY) != Z_OK)
            throw std::bad_alloc();
    }
    ZlibEncoder(const ZlibEncoder&) = delete;
    ZlibEncoder& operator=(const ZlibEncoder&) = delete;
    ~ZlibEncoder() override { deflateEnd(&stream_); }

    void encode(std::string_view data, Until until, std::string& out) override {
        do {
            set_input(stream_, data);
            data.remove_prefix(stream_.avail_in);
            const int flush = !data.empty() || until == Until::more ? Z_NO_FLUSH
                              : until == Until::flushed             ? Z_SYNC_FLUSH
                                                                    : Z_FINISH;
            do {
                char piece[kPiece];
                stream_.next_out = reinterpret_cast<Bytef*>(piece);
                stream_.avail_out = kPiece;
                deflate(&stream_, flush);
                out.append(piece, kPiece - stream_.avail_out);
            } while (stream_.avail_out == 0);
        } while (!data.empty());
    }

private:
    z_stream stream_{};
};

class ZlibDecoder final : public Decoder {
public:
    explicit ZlibDecoder(ZlibFormat format) : format_(format) {
        const int window = format == ZlibFormat::gzip  ? MAX_WBITS + kGzip
                           : format == ZlibFormat::raw ? -MAX_WBITS
                                                       : MAX_WBITS;
        if (inflateInit2(&stream_, window) != Z_OK) throw std::bad_alloc();
    }
    ZlibDecoder(const ZlibDecoder&) = delete;
    ZlibDecoder& operator=(const ZlibDecoder&) = delete;
    ~ZlibDecoder() override { inflateEnd(&stream_); }

    Progress decode(std::string_view data, std::span<char> room) override {
        set_input(stream_, data);
        stream_.next_out = reinterpret_cast<Bytef*>(room.data());
        stream_.avail_out = part_of(room.size());
        const uInt input = stream_.avail_in;
        const uInt output = stream_.avail_out;
        const int result = inflate(&stream_, Z_NO_FLUSH);
        if (result == Z_MEM_ERROR) throw std::bad_alloc();
        if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
            throw ContentEncodingError(std::string("corrupted ") +
                                       (format_ == ZlibFormat::gzip ? "gzip" : "deflate") +
                                       " data: " + (stream_.msg ? stream_.msg : "a dictionary is needed"));
        }
        State state = stream_.avail_out == 0 ? State::needs_room : State::needs_data;
        if (result == Z_STREAM_END) {
            state = State::end;
            inflateReset(&stream_);
        }
        return {state, input - stream_.avail_in, output - stream_.avail_out};
    }
    bool may_continue() const noexcept override { return format_ == ZlibFormat::gzip; }

private:
    z_stream stream_{};
    ZlibFormat format_;
};

}  // namespace

std::unique_ptr<Encoder> make_zlib_encoder(bool gzip, std::optional<int> level) {
    return std::make_unique<ZlibEncoder>(gzip, check_level(level, 0, 9, 6));
}

std::unique_ptr<Decoder> make_zlib_decoder(ZlibFormat format) {
    return std::make_unique<ZlibDecoder>(format);
}

}  // namespace aio::http::detail
