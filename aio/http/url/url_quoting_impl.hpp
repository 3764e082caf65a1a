// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

/// How the parts of a URL are encoded, by the rules of yarl: which bytes each keeps, and which of these stay
/// encoded where they came encoded, because there they mean something else.
namespace aio::http::detail {

/// A set of bytes.
class Bytes {
public:
    constexpr explicit Bytes(std::string_view bytes) {
        for (const char c : bytes) has_[static_cast<unsigned char>(c)] = true;
    }
    constexpr bool has(char c) const noexcept { return has_[static_cast<unsigned char>(c)]; }
    friend constexpr Bytes operator|(Bytes a, const Bytes& b) noexcept {
        for (std::size_t i = 0; i < a.has_.size(); ++i) a.has_[i] |= b.has_[i];
        return a;
    }

private:
    std::array<bool, 256> has_{};
};

inline constexpr std::string_view kUnreserved =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

/// The byte that "%XX" at `i` stands for, -1 if there is none.
int encoded_byte(std::string_view text, std::size_t i) noexcept;
/// Appends `c` as "%XX".
void append_encoded(std::string& text, char c);

class Quoter {
public:
    /// Keeps `safe` beside the unreserved bytes and "!$'()*,"; `kept` are those of which the encoded form
    /// stays. In a query a blank is "+".
    constexpr Quoter(std::string_view safe, std::string_view kept, bool query = false)
        : safe_(Bytes(kUnreserved) | Bytes("!$'()*,") | Bytes(query ? "" : "+&=;") | Bytes(safe) |
                Bytes(kept)),
          kept_(kept),
          query_(query) {}

    /// Whether both functions below give `text` itself.
    bool is_quoted(std::string_view text) const noexcept {
        for (const char c : text) {
            if (!safe_.has(c)) return false;
        }
        return true;
    }
    /// Of a text in which "%" is an ordinary character.
    std::string quote(std::string_view text) const;
    /// Of a text that may be encoded already, in part or in another way.
    std::string requote(std::string_view text) const;

private:
    void append(std::string& result, char c) const;
    void append_again(std::string& result, int byte) const;

    Bytes safe_;
    Bytes kept_;
    bool query_;
};

inline constexpr Quoter kUserQuoter("", "");
inline constexpr Quoter kPathQuoter("@:", "/+");
inline constexpr Quoter kQueryQuoter("?/:@", "=+&;", true);
inline constexpr Quoter kQueryPartQuoter("?/:@", "", true);
inline constexpr Quoter kFragmentQuoter("?/:@", "");

/// `text` decoded for people. What does not come out as UTF-8 stays encoded.
std::string unquote_part(std::string_view text);
/// The same of a query, where "+" is a blank, and what would then read as a delimiter stays encoded.
std::string unquote_query(std::string_view text);

}  // namespace aio::http::detail
