// SPDX-License-Identifier: MIT
#include <aio/http/fields/charset.hpp>
#include <aio/http/fields/charset_impl.hpp>
#include <aio/http/url/utf8_impl.hpp>

#include <iconv.h>
#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <new>

namespace aio::http {
namespace {

using detail::Charset;
using detail::CharsetKind;

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kMark = "\xEF\xBB\xBF";

enum class Errors : std::uint8_t { strict, replace, ignore };

/// What is done with what cannot be converted.
class Policy {
public:
    Policy(std::string_view charset, std::string_view errors, bool encoding)
        : charset_(charset), encoding_(encoding) {
        if (errors == "replace") {
            errors_ = Errors::replace;
        } else if (errors == "ignore") {
            errors_ = Errors::ignore;
        } else if (errors != "strict") {
            throw LookupError("unknown error handler name '" + std::string(errors) + "'");
        }
    }
    /// Whether something stands for it; throws if it may not be.
    bool replaces(std::size_t at, std::string_view reason) const {
        if (errors_ == Errors::strict && encoding_) throw UnicodeEncodeError(charset_, at, reason);
        if (errors_ == Errors::strict) throw UnicodeDecodeError(charset_, at, reason);
        return errors_ == Errors::replace;
    }

private:
    std::string_view charset_;
    Errors errors_ = Errors::strict;
    bool encoding_;
};

Charset charset_of(std::string_view name) {
    auto charset = detail::find_charset(name);
    if (!charset) throw LookupError("unknown encoding: " + std::string(name.substr(0, 40)));
    return *std::move(charset);
}

// How many bytes at the beginning are ASCII.
std::size_t ascii_prefix(std::string_view text) noexcept {
    std::size_t size = 0;
    for (; size + 8 <= text.size(); size += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + size, sizeof word);
        if (word & 0x8080'8080'8080'8080U) break;
    }
    while (size < text.size() && static_cast<signed char>(text[size]) >= 0) ++size;
    return size;
}

// How many bytes at the beginning are UTF-8.
std::size_t utf8_prefix(std::string_view text) noexcept {
    std::size_t size = 0;
    for (;;) {
        size += ascii_prefix(text.substr(size));
        if (size == text.size()) return size;
        const detail::Utf8Step step = detail::utf8_step(text.substr(size));
        if (!step.valid) return size;
        size += step.size;
    }
}

std::string checked_utf8(std::string text, const Policy& policy, std::string_view replacement) {
    std::size_t good = utf8_prefix(text);
    if (good == text.size()) return text;
    std::string result;
    std::string_view rest = text;
    for (;;) {
        result += rest.substr(0, good);
        rest.remove_prefix(good);
        if (rest.empty()) return result;
        if (policy.replaces(text.size() - rest.size(), "invalid UTF-8")) result += replacement;
        rest.remove_prefix(detail::utf8_step(rest).size);
        good = utf8_prefix(rest);
    }
}

std::string decode_latin_1(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size());
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80) {
            text += c;
        } else {
            text += static_cast<char>(0xC0 | (byte >> 6));
            text += static_cast<char>(0x80 | (byte & 0x3F));
        }
    }
    return text;
}

std::string decode_ascii(std::string bytes, const Policy& policy) {
    if (ascii_prefix(bytes) == bytes.size()) return bytes;
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (static_cast<signed char>(bytes[i]) >= 0) {
            text += bytes[i];
        } else if (policy.replaces(i, "not in range(128)")) {
            text += kReplacement;
        }
    }
    return text;
}

// Characters below `end`, one byte each; it is 128 or 256, so that two bytes of UTF-8 are the longest.
std::string encode_small(std::string text, unsigned end, const Policy& policy) {
    if (ascii_prefix(text) == text.size()) return text;
    std::string bytes;
    for (std::string_view rest = text; !rest.empty();) {
        const detail::Utf8Step step = detail::utf8_step(rest);
        const auto first = static_cast<unsigned char>(rest[0]);
        if (step.valid && step.size == 1) {
            bytes += rest[0];
        } else if (step.valid && end > 128 && first <= 0xC3) {
            bytes += static_cast<char>(((first & 3) << 6) | (static_cast<unsigned char>(rest[1]) & 0x3F));
        } else if (policy.replaces(
                       text.size() - rest.size(),
                       step.valid ? "not in range(" + std::to_string(end) + ")" : "invalid UTF-8")) {
            bytes += '?';
        }
        rest.remove_prefix(step.size);
    }
    return bytes;
}

/// A conversion of the system's.
class Iconv {
public:
    Iconv(const std::string& to, const std::string& from) : cd_(::iconv_open(to.c_str(), from.c_str())) {
        if (cd_ == iconv_t(-1))
            throw LookupError("unknown encoding: this system has no " + to + " or " + from);
    }
    Iconv(const Iconv&) = delete;
    Iconv& operator=(const Iconv&) = delete;
    ~Iconv() { ::iconv_close(cd_); }

    /// Appends what becomes of the beginning of `rest`, which is taken from it: all but what is no text.
    void convert(std::string_view& rest, std::string& out) { run(&rest, out); }
    /// Appends what ends the text.
    void finish(std::string& out) { run(nullptr, out); }

private:
    void run(std::string_view* rest, std::string& out) {
        for (;;) {
            char piece[1024];
            char* to = piece;
            std::size_t room = sizeof piece;
            char* from = rest ? const_cast<char*>(rest->data()) : nullptr;
            std::size_t left = rest ? rest->size() : 0;
            const std::size_t result =
                ::iconv(cd_, rest ? &from : nullptr, rest ? &left : nullptr, &to, &room);
            const int error = result == std::size_t(-1) ? errno : 0;
            out.append(piece, to);
            if (rest) rest->remove_prefix(rest->size() - left);
            if (error != E2BIG) return;
        }
    }

    iconv_t cd_;
};

// What is left out of a text that goes on behind it.
std::size_t unit_of(std::string_view name) noexcept {
    return name.starts_with("UTF-16") ? 2 : name.starts_with("UTF-32") ? 4 : 1;
}

std::string decode_by_iconv(std::string_view bytes, const std::string& name, const Policy& policy) {
    Iconv iconv("UTF-8", name);
    std::string text;
    for (std::string_view rest = bytes; !rest.empty();) {
        iconv.convert(rest, text);
        if (rest.empty()) break;
        if (policy.replaces(bytes.size() - rest.size(), "illegal multibyte sequence")) text += kReplacement;
        rest.remove_prefix(std::min(unit_of(name), rest.size()));
    }
    return text;
}

std::string encode_by_iconv(std::string_view text, const std::string& name, const Policy& policy) {
    Iconv iconv(name, "UTF-8");
    std::string bytes;
    for (std::string_view rest = text; !rest.empty();) {
        iconv.convert(rest, bytes);
        if (rest.empty()) break;
        if (policy.replaces(text.size() - rest.size(), "character not in the character set")) {
            std::string_view mark = "?";
            iconv.convert(mark, bytes);
        }
        rest.remove_prefix(detail::utf8_step(rest).size);
    }
    iconv.finish(bytes);
    return bytes;
}

std::string text_of(std::string_view what, std::string_view charset, std::size_t start,
                    std::string_view reason) {
    return "'" + std::string(charset.substr(0, 40)) + "' codec can't " + std::string(what) + " in position " +
           std::to_string(start) + ": " + std::string(reason);
}

}  // namespace

UnicodeDecodeError::UnicodeDecodeError(std::string_view charset, std::size_t start, std::string_view reason)
    : ValueError(text_of("decode byte", charset, start, reason)), start_(start) {}
UnicodeEncodeError::UnicodeEncodeError(std::string_view charset, std::size_t start, std::string_view reason)
    : ValueError(text_of("encode character", charset, start, reason)), start_(start) {}

bool is_charset(std::string_view name) noexcept {
    try {
        return detail::find_charset(name).has_value();
    } catch (const std::bad_alloc&) {
        return false;
    }
}

std::string decode(std::string bytes, std::string_view charset, std::string_view errors) {
    const Charset from = charset_of(charset);
    const Policy policy(charset, errors, false);
    switch (from.kind) {
        case CharsetKind::utf_8_sig:
            if (bytes.starts_with(kMark)) bytes.erase(0, kMark.size());
            [[fallthrough]];
        case CharsetKind::utf_8:
            return checked_utf8(std::move(bytes), policy, kReplacement);
        case CharsetKind::latin_1:
            return ascii_prefix(bytes) == bytes.size() ? bytes : decode_latin_1(bytes);
        case CharsetKind::ascii:
            return decode_ascii(std::move(bytes), policy);
        case CharsetKind::iconv:
            break;
    }
    return decode_by_iconv(bytes, from.name, policy);
}

std::string encode(std::string text, std::string_view charset, std::string_view errors) {
    const Charset to = charset_of(charset);
    const Policy policy(charset, errors, true);
    switch (to.kind) {
        case CharsetKind::utf_8_sig:
            return std::string(kMark) + checked_utf8(std::move(text), policy, "?");
        case CharsetKind::utf_8:
            return checked_utf8(std::move(text), policy, "?");
        case CharsetKind::latin_1:
            return encode_small(std::move(text), 256, policy);
        case CharsetKind::ascii:
            return encode_small(std::move(text), 128, policy);
        case CharsetKind::iconv:
            break;
    }
    return encode_by_iconv(text, to.name, policy);
}

}  // namespace aio::http
