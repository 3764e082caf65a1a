// SPDX-License-Identifier: MIT
#include <aio/http/coding/coding_impl.hpp>
#include <aio/http/error.hpp>

#include <cstdint>
#include <new>

#include <brotli/decode.h>
#include <brotli/encode.h>

namespace aio::http::detail {
namespace {

struct Destroy {
    void operator()(BrotliEncoderState* state) const noexcept { BrotliEncoderDestroyInstance(state); }
    void operator()(BrotliDecoderState* state) const noexcept { BrotliDecoderDestroyInstance(state); }
};

class BrotliEncoder final : public Encoder {
public:
    explicit BrotliEncoder(int level) : state_(BrotliEncoderCreateInstance(nullptr, nullptr, nullptr)) {
        if (!state_) throw std::bad_alloc();
        BrotliEncoderSetParameter(state_.get(), BROTLI_PARAM_QUALITY, static_cast<std::uint32_t>(level));
        // A window of 512 KiB: few bodies gain from more, and each sender and each reader has one.
        BrotliEncoderSetParameter(state_.get(), BROTLI_PARAM_LGWIN, 19);
    }

    void encode(std::string_view data, Until until, std::string& out) override {
        const BrotliEncoderOperation operation = until == Until::more      ? BROTLI_OPERATION_PROCESS
                                                 : until == Until::flushed ? BROTLI_OPERATION_FLUSH
                                                                           : BROTLI_OPERATION_FINISH;
        const auto* in = reinterpret_cast<const std::uint8_t*>(data.data());
        std::size_t left = data.size();
        do {
            std::size_t none = 0;
            if (!BrotliEncoderCompressStream(state_.get(), operation, &left, &in, &none, nullptr, nullptr)) {
                throw std::bad_alloc();
            }
            std::size_t size = 0;
            const std::uint8_t* const piece = BrotliEncoderTakeOutput(state_.get(), &size);
            out.append(reinterpret_cast<const char*>(piece), size);
        } while (left > 0 || BrotliEncoderHasMoreOutput(state_.get()) ||
                 (until == Until::end && !BrotliEncoderIsFinished(state_.get())));
    }

private:
    std::unique_ptr<BrotliEncoderState, Destroy> state_;
};

class BrotliDecoder final : public Decoder {
public:
    BrotliDecoder() : state_(BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)) {
        if (!state_) throw std::bad_alloc();
    }

    Progress decode(std::string_view data, std::span<char> room) override {
        const auto* in = reinterpret_cast<const std::uint8_t*>(data.data());
        auto* out = reinterpret_cast<std::uint8_t*>(room.data());
        std::size_t input = data.size();
        std::size_t output = room.size();
        State state = State::end;
        switch (BrotliDecoderDecompressStream(state_.get(), &input, &in, &output, &out, nullptr)) {
            case BROTLI_DECODER_RESULT_SUCCESS:
                break;
            case BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT:
                state = State::needs_data;
                break;
            case BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT:
                state = State::needs_room;
                break;
            case BROTLI_DECODER_RESULT_ERROR:
                throw ContentEncodingError(std::string("corrupted br data: ") +
                                           BrotliDecoderErrorString(BrotliDecoderGetErrorCode(state_.get())));
        }
        return {state, data.size() - input, room.size() - output};
    }

private:
    std::unique_ptr<BrotliDecoderState, Destroy> state_;
};

}  // namespace

std::unique_ptr<Encoder> make_brotli_encoder(std::optional<int> level) {
    return std::make_unique<BrotliEncoder>(check_level(level, 0, 11, 4));
}

std::unique_ptr<Decoder> make_brotli_decoder() { return std::make_unique<BrotliDecoder>(); }

}  // namespace aio::http::detail
