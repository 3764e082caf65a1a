// SPDX-License-Identifier: MIT
#include <aio/client/auth/digest_auth.hpp>

#include <algorithm>

namespace aio::http {
namespace {

bool is_token(char c) noexcept {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return letter || (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
}
// Of "Negotiate YII...==" (RFC 9110, 11.2).
bool is_token68(char c) noexcept { return is_token(c) || c == '/' || c == '='; }

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    }
    return result;
}

class Reader {
public:
    explicit Reader(std::string_view text) noexcept : rest_(text) {}

    bool at_end() const noexcept { return rest_.empty(); }
    bool at(char c) const noexcept { return rest_.starts_with(c); }
    bool skip(char c) noexcept {
        if (!at(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    void skip_spaces() noexcept {
        while (at(' ') || at('\t')) rest_.remove_prefix(1);
    }
    void skip_commas() noexcept {
        for (skip_spaces(); skip(','); skip_spaces()) {
        }
    }
    std::string_view take(bool (*wanted)(char) noexcept) noexcept {
        const auto end = std::find_if_not(rest_.begin(), rest_.end(), wanted);
        const std::string_view taken = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
        rest_.remove_prefix(taken.size());
        return taken;
    }
    /// A token, or a text in quotes; nothing if it does not end.
    std::optional<std::string> take_value() {
        if (!skip('"')) return std::string(take(&is_token));
        std::string value;
        while (!at_end()) {
            char c = rest_.front();
            rest_.remove_prefix(1);
            if (c == '"') return value;
            if (c == '\\' && !at_end()) {
                c = rest_.front();
                rest_.remove_prefix(1);
            }
            value += c;
        }
        return std::nullopt;
    }
    /// Whether a parameter follows, rather than another challenge or a token with "=" at its end.
    bool at_parameter() const noexcept {
        Reader ahead = *this;
        if (ahead.take(&is_token).empty()) return false;
        ahead.skip_spaces();
        if (!ahead.skip('=')) return false;
        ahead.skip_spaces();
        return ahead.at('"') || !ahead.take(&is_token).empty();
    }

private:
    std::string_view rest_;
};

// False if what follows is malformed.
bool take_parameters(Reader& reader, AuthChallenge& challenge) {
    while (reader.at_parameter()) {
        std::string name = lower(reader.take(&is_token));
        reader.skip_spaces();
        reader.skip('=');
        reader.skip_spaces();
        std::optional<std::string> value = reader.take_value();
        if (!value) return false;
        challenge.params.emplace_back(std::move(name), std::move(*value));
        reader.skip_spaces();
        if (!reader.at_end() && !reader.at(',')) return false;
        reader.skip_commas();
    }
    return true;
}

}  // namespace

std::optional<std::string_view> AuthChallenge::get(std::string_view name) const noexcept {
    for (const auto& [known, value] : params) {
        if (known == name) return value;
    }
    return std::nullopt;
}

std::vector<AuthChallenge> parse_challenges(std::string_view field) {
    std::vector<AuthChallenge> challenges;
    Reader reader(field);
    for (reader.skip_commas(); !reader.at_end(); reader.skip_commas()) {
        AuthChallenge challenge;
        challenge.scheme = lower(reader.take(&is_token));
        if (challenge.scheme.empty()) break;
        reader.skip_spaces();
        if (!take_parameters(reader, challenge)) break;
        if (challenge.params.empty()) challenge.token = reader.take(&is_token68);
        challenges.push_back(std::move(challenge));
    }
    return challenges;
}

}  // namespace aio::http
