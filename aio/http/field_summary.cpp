// SPDX-License-Identifier: MIT
#include <aio/base/detail/repr.hpp>
#include <aio/http/error.hpp>
#include <aio/http/head_impl.hpp>
#include <aio/http/header_name.hpp>
#include <aio/http/syntax_impl.hpp>

#include <cstddef>
#include <cstring>
#include <limits>

namespace aio::http::detail {
namespace {

using aio::detail::repr_of;

/// Those of which different readers would use different ones if there were two.
enum Single : unsigned {
    kHost = 1,
    kContentLength = 2,
    kContentType = 4,
    kContentRange = 8,
    kContentLocation = 16,
    kAuthorization = 32,
    kMaxForwards = 64,
    kUserAgent = 128
};

// Whether a name of `N` - 1 characters, which must be a token, is `literal`, which has lower-case letters
// and '-' only. Of what tokens are made of, only the letter itself differs from such a character by nothing
// but 0x20. Whole words are compared because this is asked of each field of each message.
template <std::size_t N>
bool is_name(const char* name, const char (&literal)[N]) noexcept {
    constexpr std::size_t kSize = N - 1;
    std::uint64_t different = 0;
    std::size_t i = 0;
    const auto compare = [&]<class Word>(Word mask) {
        Word a;
        Word b;
        std::memcpy(&a, name + i, sizeof a);
        std::memcpy(&b, literal + i, sizeof b);
        different |= static_cast<Word>((a | mask) ^ b);
        return sizeof a;
    };
    while (kSize - i >= 8) i += compare(std::uint64_t{0x2020202020202020});
    if (kSize - i >= 4) i += compare(std::uint32_t{0x20202020});
    if (kSize - i >= 2) i += compare(std::uint16_t{0x2020});
    if (kSize - i >= 1) compare(std::uint8_t{0x20});
    return different == 0;
}

void take_connection(FieldSummary& summary, std::string_view value) noexcept {
    while (const auto token = syntax::next_element(value)) {
        if (equal_ignoring_case(*token, "keep-alive")) summary.keep_alive = true;
        if (equal_ignoring_case(*token, "close")) summary.close = true;
        if (equal_ignoring_case(*token, "upgrade")) summary.connection_upgrade = true;
    }
}

void take_transfer_encoding(FieldSummary& summary, std::string_view value) noexcept {
    summary.transfer_encoding = true;
    while (const auto coding = syntax::next_element(value)) {
        ++summary.codings;
        summary.chunked_last = equal_ignoring_case(*coding, "chunked");
        if (summary.chunked_last) ++summary.chunked;
    }
}

}  // namespace

// By length first: most fields are none of these, and each message has several of them.
void FieldSummary::take(const Field& field) noexcept {
    const char* const name = field.name.data();
    unsigned single = 0;
    switch (field.name.size()) {
        case 4:
            if (!is_name(name, "host")) return;
            single = kHost;
            host = field.value;
            break;
        case 6:
            if (!is_name(name, "expect")) return;
            // What else is expected beside it would be overlooked.
            expect_continue =
                (expect_continue || !expect) && equal_ignoring_case(field.value, "100-continue");
            expect = true;
            return;
        case 7:
            if (is_name(name, "upgrade") && !field.value.empty()) upgrade = true;
            return;
        case 10:
            if (is_name(name, "connection")) return take_connection(*this, field.value);
            if (!is_name(name, "user-agent")) return;
            single = kUserAgent;
            break;
        case 12:
            single = is_name(name, "content-type")   ? kContentType
                     : is_name(name, "max-forwards") ? kMaxForwards
                                                     : 0U;
            break;
        case 13:
            single = is_name(name, "authorization")   ? kAuthorization
                     : is_name(name, "content-range") ? kContentRange
                                                      : 0U;
            break;
        case 14:
            if (!is_name(name, "content-length")) return;
            single = kContentLength;
            content_length = field.value;
            break;
        case 16:
            if (is_name(name, "content-location")) single = kContentLocation;
            break;
        case 17:
            if (is_name(name, "transfer-encoding")) take_transfer_encoding(*this, field.value);
            return;
        default:
            return;
    }
    if (seen_ & single) repeated = field.name;
    seen_ |= single;
}

FieldSummary summarize(std::span<const Field> fields) noexcept {
    FieldSummary summary;
    for (const Field& field : fields) summary.take(field);
    return summary;
}

std::optional<std::uint64_t> FieldSummary::length() const {
    if (!content_length) return std::nullopt;
    // The largest number also stands for all that are larger.
    const auto number = syntax::parse_digits(*content_length);
    if (!number || *number == std::numeric_limits<std::uint64_t>::max()) {
        throw ContentLengthError("not a Content-Length: " + repr_of(*content_length));
    }
    return number;
}

void FieldSummary::check_transfer_encoding(HttpVersion version) const {
    if (version < kHttpVersion11) throw TransferEncodingError("Transfer-Encoding in a message of HTTP/1.0");
    if (content_length) throw TransferEncodingError("both Transfer-Encoding and Content-Length");
    if (codings == 0 || chunked > 1)
        throw TransferEncodingError("Transfer-Encoding is empty or chunked twice");
}

}  // namespace aio::http::detail
