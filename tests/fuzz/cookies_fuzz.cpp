// SPDX-License-Identifier: MIT
// Cookies from outside, and cookies that are set to texts from outside.
#include <aio/http/cookie.hpp>

#include "fuzz/fuzz.hpp"

#include <span>
#include <string>

namespace aio::tests {
namespace {

void receive(std::string_view text) {
    for (const http::CookiePair& pair : http::parse_cookie_header(text)) {
        require(!pair.name.empty() && pair.name.find_first_of("=; \t\"") == std::string::npos,
                "names are names");
    }
    const auto cookie = http::parse_set_cookie(text);
    if (!cookie) return;
    const std::string sent = http::format_cookie_header(std::span(&*cookie, 1));
    require(!breaks_lines(sent) && sent.find(';') == std::string::npos, "one cookie is sent back");
    const auto again = http::parse_cookie_header(sent);
    require(again.size() == 1 && again[0].name == cookie->name() && again[0].value == cookie->value(),
            "the same one");
    require(!breaks_lines(cookie->domain()) && !breaks_lines(cookie->path()), "attributes are one line");
    http::domain_match(text, cookie->domain());
    http::path_match(text, cookie->path());
}

void set(std::string_view name, std::string_view value, std::string_view path) {
    const http::Cookie cookie = http::Cookie(name, value).path(path).domain(name);
    require(!breaks_lines(cookie.str()), "what is set is one line");
    const auto again = http::parse_set_cookie(cookie.str());
    if (cookie.str().size() > 1000) return;
    require(again && again->name() == name && again->value() == value, "what is set is received");
    require(!again->secure() && !again->httponly() && !again->samesite(), "and nothing besides");
}

}  // namespace
}  // namespace aio::tests

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace aio::tests;
    const std::string_view text = text_of(data, size);
    receive(text);
    may_refuse([text] { set("n", text, "/"); });
    may_refuse([text] { set("n", "v", text); });
    may_refuse([text] { set(text.substr(0, text.find('=')), text.substr(text.find('=') + 1), "/x"); });
    return 0;
}
