// SPDX-License-Identifier: MIT
#include <aio/http/body/decoded_source_impl.hpp>
#include <aio/http/syntax_impl.hpp>
#include <aio/task/sleep.hpp>

#include <algorithm>

namespace aio::http::detail {
namespace {

constexpr std::size_t kInput = std::size_t{16} * 1024;
// What little data becomes may keep a reader busy for long; others have a turn after so many bytes.
constexpr std::size_t kTurn = std::size_t{1} << 20;

}  // namespace

std::optional<std::vector<ContentCoding>> parse_content_encoding(std::string_view value) {
    std::vector<ContentCoding> codings;
    while (const auto name = syntax::next_element(value)) {
        const auto coding = find_coding(*name);
        if (!coding) return std::nullopt;
        if (*coding == ContentCoding::identity) continue;
        if (codings.size() == kMostCodings) return std::nullopt;
        codings.push_back(*coding);
    }
    return codings;
}

// Whether something came out.
bool DecodedSource::decode(std::string& out, std::size_t most) {
    const std::size_t before = out.size();
    while (begin_ < input_.size() || decompressor_.data_available()) {
        const std::string_view rest = std::string_view(input_).substr(begin_);
        const std::size_t taken = decompressor_.decompress(rest, out, most);
        begin_ += taken;
        if (out.size() > before) return true;
        if (taken == 0) break;
    }
    return false;
}

BodySource::State DecodedSource::take(std::string& out, std::size_t most) {
    if (ended_) return State::end;
    if (without_wait_ >= kTurn) return State::wait;
    most = std::max<std::size_t>(most, 1);
    const std::size_t before = out.size();
    for (;;) {
        if (decode(out, most)) {
            without_wait_ += out.size() - before;
            return State::data;
        }
        if (coded_ended_) {
            decompressor_.feed_eof();
            ended_ = true;
            return State::end;
        }
        input_.erase(0, begin_);
        begin_ = 0;
        const State state = coded_.take(input_, kInput);
        if (state == State::wait) return state;
        coded_ended_ = state == State::end;
    }
}

Coro<> DecodedSource::wait() {
    if (without_wait_ >= kTurn) {
        co_await sleep(Duration::zero());
    } else {
        co_await coded_.wait();
    }
    without_wait_ = 0;
}

bool DecodedSource::ends_chunk() const noexcept {
    return begin_ == input_.size() && !decompressor_.data_available() && coded_.ends_chunk();
}

std::unique_ptr<BodySource> make_decoded_source(BodySource& source, std::span<const ContentCoding> codings,
                                                const DecompressorOptions& options) {
    std::unique_ptr<BodySource> decoded = std::make_unique<DecodedSource>(source, codings.back(), options);
    for (std::size_t left = codings.size() - 1; left > 0; --left) {
        decoded = std::make_unique<DecodedSource>(std::move(decoded), codings[left - 1], options);
    }
    return decoded;
}

std::string decode_content(std::string data, std::span<const ContentCoding> codings,
                           const DecompressorOptions& options) {
    for (std::size_t left = codings.size(); left > 0; --left) {
        Decompressor decompressor(codings[left - 1], options);
        std::string decoded;
        decompressor.decompress(data, decoded);
        decompressor.feed_eof();
        data = std::move(decoded);
    }
    return data;
}

}  // namespace aio::http::detail
