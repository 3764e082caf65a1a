// SPDX-License-Identifier: MIT
// Texts as URLs, and as parts of them; queries and what is quoted.
#include <aio/http/url/query.hpp>
#include <aio/http/url/quoting.hpp>
#include <aio/http/url/url.hpp>
#include <aio/http/url/url_parts.hpp>

#include "fuzz/fuzz.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace aio::tests {
namespace {

using http::URL;

// What holds of every URL, wherever it comes from.
void check(const URL& url) {
    const std::string& text = url.str();
    require(std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; }),
            "a URL is printable ASCII");
    const URL again(text);
    require(again.str() == text && again == url, "a URL is read as it is written");
    require(again.raw_host() == url.raw_host() && again.port() == url.port(), "there is one host");
    require(again.raw_path() == url.raw_path() && again.raw_user() == url.raw_user(), "there is one path");
    require(again.raw_query_string() == url.raw_query_string() && again.query() == url.query(),
            "there is one query");
}

void read_url(std::string_view text) {
    const URL url(text);
    check(url);
    check(url.parent());
    check(url.join(URL("../x?y")));
    check(URL("http://h/a/b?c").join(url));
    if (url.is_absolute()) {
        check(url.relative());
        check(url.with_host("[::1]").with_port(1).with_user("u").with_password("p"));
        if (!url.scheme().empty()) check(url.origin());
    }
    url.parts();
    url.suffixes();
    url.authority();
    url.path_qs();
    url.human_repr();
}

void read_encoded(std::string_view text) {
    const URL url(text, http::encoded);
    require(URL(url.str(), http::encoded).str() == url.str(), "what is encoded stays as it is");
}

void use_as_part(const URL& url, std::string_view text) {
    check(url.with_path(text));
    check(url.with_query(text));
    check(url.with_query({{"a", text}, {text, "b"}}));
    check(url.update_query(text));
    check(url.with_fragment(text));
    may_refuse([&] { check(url / text); });
    may_refuse([&] { check(url.with_name(text)); });
    may_refuse([&] { check(url.with_suffix(text)); });
    may_refuse([&] { check(url.with_host(text)); });
    may_refuse([&] { check(url.with_user(text).with_password(text)); });
    may_refuse([&] { check(url.with_scheme(text)); });
}

void build(std::string_view text) {
    may_refuse([&] { check(URL::build(http::URLParts().scheme("http").host(text))); });
    may_refuse([&] { check(URL::build(http::URLParts().scheme(text).path(text).query_string(text))); });
    may_refuse([&] { check(URL::build(http::URLParts().scheme("ws").host("h").user(text).password(text))); });
}

void read_query(std::string_view text) {
    const auto all = http::ParseQslOptions().keep_blank_values(true);
    const http::MultiDict fields = http::parse_qsl(text, all);
    require(http::parse_qsl(http::urlencode(fields), all) == fields, "a form is read as it is written");
    require(http::unquote_to_bytes(http::quote(text)) == text, "any bytes come back");
    require(http::unquote_plus(http::quote_plus(http::unquote_plus(text))) == http::unquote_plus(text),
            "any text comes back");
}

}  // namespace
}  // namespace aio::tests

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace aio::tests;
    const std::string_view text = text_of(data, size);
    may_refuse([text] { read_url(text); });
    may_refuse([text] { read_encoded(text); });
    constexpr std::array<std::string_view, 3> kBases = {"http://h/a.b", "a/b", "foo:a"};
    may_refuse([text, base = kBases[size % kBases.size()]] { use_as_part(base, text); });
    build(text);
    read_query(text);
    return 0;
}
