// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/header_name.hpp>
#include <aio/http/syntax_impl.hpp>
#include <aio/websocket/handshake_impl.hpp>

#include <openssl/evp.h>
#include <sys/random.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>

namespace aio::http::detail {
namespace {

constexpr std::size_t kKeyBytes = 16;
constexpr std::size_t kKeyText = 24;
constexpr std::string_view kName = "permessage-deflate";
constexpr std::string_view kServerTakeover = "server_no_context_takeover";
constexpr std::string_view kClientTakeover = "client_no_context_takeover";
constexpr std::string_view kServerBits = "server_max_window_bits";
constexpr std::string_view kClientBits = "client_max_window_bits";

std::string base64(const unsigned char* bytes, std::size_t size) {
    std::string text((size + 2) / 3 * 4 + 1, '\0');  // OpenSSL adds a zero byte
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes, static_cast<int>(size));
    text.pop_back();
    return text;
}

/// One element of Sec-WebSocket-Extensions: its parameters in order, each at most once. None if it is
/// malformed or another extension.
struct Offer {
    bool is_deflate = false;
    bool well_formed = true;
    std::optional<std::string> server_takeover;
    std::optional<std::string> client_takeover;
    std::optional<std::string> server_bits;
    std::optional<std::string> client_bits;

    explicit Offer(std::string_view element) {
        const auto name = syntax::next_element(element, ';');
        is_deflate = name && equal_ignoring_case(*name, kName);
        while (const auto parameter = syntax::next_element(element, ';')) take(*parameter);
    }

private:
    void take(std::string_view parameter) {
        std::string_view rest = parameter;
        const std::string_view name = syntax::take_token(rest);
        std::optional<std::string>* const known =
            equal_ignoring_case(name, kServerTakeover)   ? &server_takeover
            : equal_ignoring_case(name, kClientTakeover) ? &client_takeover
            : equal_ignoring_case(name, kServerBits)     ? &server_bits
            : equal_ignoring_case(name, kClientBits)     ? &client_bits
                                                         : nullptr;
        if (!known || *known) {
            well_formed = false;
            return;
        }
        rest = syntax::trim(rest);
        std::string value;
        if (rest.starts_with('=')) {
            rest = syntax::trim(rest.substr(1));
            const auto quoted = syntax::take_quoted(rest);
            value = quoted ? *quoted : std::string(syntax::take_token(rest));
            well_formed = well_formed && !value.empty();
        }
        well_formed = well_formed && syntax::trim(rest).empty();
        *known = std::move(value);
    }
};

/// 8 to 15; none if it is no such number.
std::optional<int> bits_of(std::string_view text) noexcept {
    if (text.empty() || text.size() > 2 || text.front() == '0') return std::nullopt;
    const auto number = syntax::parse_digits(text);
    if (!number || *number < 8 || *number > DeflateParams::kMostBits) return std::nullopt;
    return static_cast<int>(*number);
}

std::optional<DeflateParams> accept(const Offer& offer, int window_bits) {
    if (!offer.is_deflate || !offer.well_formed) return std::nullopt;
    DeflateParams params;
    if (offer.server_takeover.value_or("") != "" || offer.client_takeover.value_or("") != "")
        return std::nullopt;
    params.server_no_context_takeover = offer.server_takeover.has_value();
    params.client_no_context_takeover = offer.client_takeover.has_value();
    params.server_max_window_bits = window_bits;
    if (offer.server_bits) {
        const auto bits = bits_of(*offer.server_bits);
        if (!bits || *bits < DeflateParams::kLeastBits) return std::nullopt;
        params.server_max_window_bits = std::min(window_bits, *bits);
    }
    if (offer.client_bits && !offer.client_bits->empty()) {
        const auto bits = bits_of(*offer.client_bits);
        if (!bits) return std::nullopt;
        params.client_max_window_bits = *bits;
    }
    return params;
}

}  // namespace

std::string make_websocket_key() {
    std::array<unsigned char, kKeyBytes> bytes;
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
        raise_os_error(errno, "getrandom");
    return base64(bytes.data(), bytes.size());
}

bool is_websocket_key(std::string_view key) noexcept {
    if (key.size() != kKeyText || !key.ends_with("==")) return false;
    for (const char c : key.substr(0, kKeyText - 2)) {
        if (!syntax::is_alpha(c) && !syntax::is_digit(c) && c != '+' && c != '/') return false;
    }
    return true;
}

std::string websocket_accept(std::string_view key) {
    std::string text(key);
    text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    if (EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha1(), nullptr) != 1)
        throw RuntimeError("OpenSSL cannot compute the digest");
    return base64(digest, size);
}

std::string deflate_offer(int window_bits) {
    std::string text(kName);
    text.append("; ").append(kClientBits);
    if (window_bits == DeflateParams::kMostBits) return text;
    text.append("=").append(std::to_string(window_bits));
    return text.append("; ").append(kServerBits).append("=").append(std::to_string(window_bits));
}

std::optional<DeflateParams> accept_deflate(std::string_view extensions, int window_bits) {
    while (const auto element = syntax::next_element(extensions)) {
        if (auto params = accept(Offer(*element), window_bits)) return params;
    }
    return std::nullopt;
}

std::string deflate_answer(const DeflateParams& params) {
    std::string text(kName);
    const auto add = [&text](std::string_view name, int bits) {
        text.append("; ").append(name);
        if (bits > 0) text.append("=").append(std::to_string(bits));
    };
    if (params.server_no_context_takeover) add(kServerTakeover, 0);
    if (params.client_no_context_takeover) add(kClientTakeover, 0);
    if (params.server_max_window_bits < DeflateParams::kMostBits)
        add(kServerBits, params.server_max_window_bits);
    if (params.client_max_window_bits < DeflateParams::kMostBits)
        add(kClientBits, params.client_max_window_bits);
    return text;
}

std::optional<DeflateParams> read_deflate_answer(std::string_view extensions, int window_bits) {
    const auto first = syntax::next_element(extensions);
    if (!first) return std::nullopt;
    const Offer answer(*first);
    const auto refuse = [&] {
        syntax::raise_bad_text("not an answer to the extensions that were offered", *first);
    };
    if (syntax::next_element(extensions) || !answer.is_deflate || !answer.well_formed) refuse();
    DeflateParams params;
    if (answer.server_takeover.value_or("") != "" || answer.client_takeover.value_or("") != "") refuse();
    params.server_no_context_takeover = answer.server_takeover.has_value();
    params.client_no_context_takeover = answer.client_takeover.has_value();
    params.client_max_window_bits = window_bits;
    if (answer.server_bits) {
        const auto bits = bits_of(*answer.server_bits);
        if (!bits || *bits > window_bits) refuse();
        params.server_max_window_bits = *bits;
    } else if (window_bits < DeflateParams::kMostBits) {
        refuse();
    }
    if (answer.client_bits) {
        const auto bits = bits_of(*answer.client_bits);
        if (!bits || *bits < DeflateParams::kLeastBits || *bits > window_bits) refuse();
        params.client_max_window_bits = *bits;
    }
    return params;
}

std::string checked_protocol(std::string name) {
    if (!is_token(name)) syntax::raise_bad_text("not the name of a subprotocol", name);
    return name;
}

TimeLimit checked_heartbeat(TimeLimit interval) {
    if (interval.delay() && *interval.delay() <= Duration::zero())
        throw ValueError("heartbeat has to be longer than 0");
    return interval;
}

std::optional<std::string_view> choose_protocol(std::string_view offered,
                                                std::span<const std::string> known) noexcept {
    while (const auto protocol = syntax::next_element(offered)) {
        const auto found = std::ranges::find(known, *protocol);
        if (found != known.end()) return std::string_view(*found);
    }
    return std::nullopt;
}

}  // namespace aio::http::detail
