// SPDX-License-Identifier: MIT
#include <aio/http/coding/coding_impl.hpp>
#include <aio/http/error.hpp>

#include <new>

#include <zstd.h>

namespace aio::http::detail {
namespace {

// What RFC 9659 lets a sender take, and so what a reader must have: 8 MiB.
constexpr int kWindowLog = 23;

struct Free {
    void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
    void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
};

class ZstdEncoder final : public Encoder {
public:
    explicit ZstdEncoder(int level) : context_(ZSTD_createCCtx()) {
        if (!context_) throw std::bad_alloc();
        ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, level);
        ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
        if (level > 16) ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_windowLog, kWindowLog);
    }

    void encode(std::string_view data, Until until, std::string& out) override {
        const ZSTD_EndDirective directive = until == Until::more      ? ZSTD_e_continue
                                            : until == Until::flushed ? ZSTD_e_flush
                                                                      : ZSTD_e_end;
        ZSTD_inBuffer in{data.data(), data.size(), 0};
        for (;;) {
            char piece[kPiece];
            ZSTD_outBuffer to{piece, sizeof piece, 0};
            const std::size_t left = ZSTD_compressStream2(context_.get(), &to, &in, directive);
            if (ZSTD_isError(left)) throw std::bad_alloc();
            out.append(piece, to.pos);
            if (until == Until::more ? in.pos == in.size : left == 0) return;
        }
    }

private:
    std::unique_ptr<ZSTD_CCtx, Free> context_;
};

class ZstdDecoder final : public Decoder {
public:
    ZstdDecoder() : context_(ZSTD_createDCtx()) {
        if (!context_) throw std::bad_alloc();
        ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, kWindowLog);
    }

    Progress decode(std::string_view data, std::span<char> room) override {
        ZSTD_inBuffer in{data.data(), data.size(), 0};
        ZSTD_outBuffer out{room.data(), room.size(), 0};
        const std::size_t hint = ZSTD_decompressStream(context_.get(), &out, &in);
        if (ZSTD_isError(hint)) {
            throw ContentEncodingError(std::string("corrupted zstd data: ") + ZSTD_getErrorName(hint));
        }
        State state = out.pos == out.size ? State::needs_room : State::needs_data;
        if (hint == 0) state = State::end;
        return {state, in.pos, out.pos};
    }
    bool may_continue() const noexcept override { return true; }

private:
    std::unique_ptr<ZSTD_DCtx, Free> context_;
};

}  // namespace

std::unique_ptr<Encoder> make_zstd_encoder(std::optional<int> level) {
    return std::make_unique<ZstdEncoder>(check_level(level, 1, 19, 3));
}

std::unique_ptr<Decoder> make_zstd_decoder() { return std::make_unique<ZstdDecoder>(); }

}  // namespace aio::http::detail
