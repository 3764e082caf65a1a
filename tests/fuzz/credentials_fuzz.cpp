// SPDX-License-Identifier: MIT
// What servers say in WWW-Authenticate, cookies that they set again and again, and files of passwords.
#include <aio/client/auth/digest_auth.hpp>
#include <aio/client/auth/netrc.hpp>
#include <aio/client/cookies/cookie_jar.hpp>

#include "fuzz/fuzz.hpp"

#include <span>
#include <string>

namespace aio::tests {
namespace {

void challenge(std::string_view text) {
    const http::URL url("http://a.test/x");
    http::DigestAuth auth("me", "secret");
    const std::string_view fields[] = {text};
    if (!auth.answer(fields, url)) return;
    require(auth.covers(url) || !auth.challenge()->domain.empty(), "it covers what it was asked for");
    require(!auth.covers(http::URL("http://b.test/x")), "and no other origin");
    may_refuse([&] {
        const std::string answer = auth.authorization("GET", url);
        require(!breaks_lines(answer), "what is answered is one line");
        const auto again = http::parse_challenges(answer);
        require(again.size() == 1 && again[0].get("realm") == auth.challenge()->realm &&
                    again[0].get("nonce") == auth.challenge()->nonce,
                "and says what was asked");
    });
}

void read_passwords(std::string_view text) {
    try {
        const http::Netrc netrc(text);
        netrc.authenticators("a.test");
    } catch (const http::NetrcParseError&) {
    }
}

// Each line is a field Set-Cookie, in turn of two hosts.
void keep_cookies(std::string_view text) {
    const http::URL hosts[] = {"https://sub.a.test/dir/x", "http://b.test/"};
    http::CookieJar jar;
    for (std::size_t turn = 0; !text.empty(); ++turn) {
        const std::string_view line[] = {text.substr(0, text.find('\n'))};
        text.remove_prefix(line[0].size() < text.size() ? line[0].size() + 1 : text.size());
        jar.update_cookies_from_headers(line, hosts[turn % 2]);
    }
    require(jar.cookie_header(http::URL("http://c.test/")).empty(), "nobody sets a cookie for another");
    require(jar.size() <= 2 * http::CookieJar::kMostPerDomain, "there are only so many");
    for (const http::URL& url : hosts)
        require(!breaks_lines(jar.cookie_header(url)), "the field is one line");
}

}  // namespace
}  // namespace aio::tests

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace aio::tests;
    const std::string_view text = text_of(data, size);
    challenge(text);
    read_passwords(text);
    keep_cookies(text);
    return 0;
}
