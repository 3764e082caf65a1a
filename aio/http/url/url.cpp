// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/url/host_impl.hpp>
#include <aio/http/url/query.hpp>
#include <aio/http/url/url_impl.hpp>
#include <aio/http/url/url_parts.hpp>
#include <aio/http/url/url_quoting_impl.hpp>

#include <algorithm>
#include <tuple>

namespace aio::http {
namespace {

using detail::default_port;
using detail::UrlViews;

std::optional<std::uint16_t> as_port(std::int32_t port) noexcept {
    if (port < 0) return std::nullopt;
    return static_cast<std::uint16_t>(port);
}

void check_size(std::size_t size) {
    if (size <= detail::kMaxUrlSize) return;
    throw ValueError("Invalid URL: longer than " + std::to_string(detail::kMaxUrlSize) + " bytes");
}

bool is_lower(std::string_view text) noexcept {
    return std::none_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

// A URL whose parts are those of a text, or what was made of them.
class Reader {
public:
    explicit Reader(std::string_view text) : text_(checked(text)), url_(detail::split_url(text_)) {}

    URL read() {
        if (!detail::kUserQuoter.is_quoted(url_.user) || !detail::kUserQuoter.is_quoted(url_.password) ||
            !detail::kPathQuoter.is_quoted(url_.path) || !detail::kQueryQuoter.is_quoted(url_.query) ||
            !detail::kFragmentQuoter.is_quoted(url_.fragment)) {
            requote();
        }
        read_host();
        if (url_.has_host() && detail::has_dots(url_.path)) {
            url_.path = path_ = detail::without_dots(url_.path);
        }
        return url_.url();
    }
    URL read_encoded() {
        detail::check_encoded(text_, "URL", {});
        detail::check_encoded(url_.user, "user", "@");
        detail::check_encoded(url_.password, "password", "@");
        read_host();
        return url_.url();
    }

private:
    static std::string_view checked(std::string_view text) {
        check_size(text.size());
        text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
        return text;
    }

    void requote() {
        detail::refuse_control_characters(text_);
        url_.user = user_ = detail::kUserQuoter.requote(url_.user);
        url_.password = password_ = detail::kUserQuoter.requote(url_.password);
        url_.path = path_ = detail::kPathQuoter.requote(url_.path);
        url_.query = query_ = detail::kQueryQuoter.requote(url_.query);
        url_.fragment = fragment_ = detail::kFragmentQuoter.requote(url_.fragment);
    }

    void read_host() {
        if (!is_lower(url_.scheme)) url_.scheme = scheme_ = detail::checked_scheme(url_.scheme);
        if (!url_.has_host()) {
            // "///host" is a path for some, and for browsers a host.
            const bool no_host_needed =
                url_.scheme.empty() ? !url_.has_authority : default_port(url_.scheme) < 0;
            if (no_host_needed) return;
            throw ValueError("Invalid URL: host is required for absolute urls");
        }
        if (detail::is_plain_host(url_.host)) return;
        detail::refuse_control_characters(text_);
        url_.host = host_ = detail::encode_host(url_.host);
    }

    std::string_view text_;
    UrlViews url_;
    std::string scheme_, user_, password_, host_, path_, query_, fragment_;
};

// What has to stand before a path without authority, so that it is not taken for a host or a scheme.
std::string_view guard_of(std::string_view path, bool has_scheme) noexcept {
    if (path.starts_with("//")) return "/.";
    return !has_scheme && detail::scheme_size(path) != 0 ? "./" : std::string_view();
}

// Such a guard is no part of the path, and nor is the slash in the place of an empty one.
std::string_view path_guard(const UrlViews& url) noexcept {
    if (url.has_host()) return url.path.empty() && !(url.query.empty() && url.fragment.empty()) ? "/" : "";
    return url.has_authority ? std::string_view() : guard_of(url.path, !url.scheme.empty());
}

// Whatever it was made of, a URL is the same as when its text is read.
UrlViews as_read(UrlViews url) noexcept {
    if (url.has_host()) return url;
    if (!url.path.starts_with('/')) url.has_authority = false;
    if (url.has_authority || url.path.size() < 2) return url;
    const std::string_view rest = url.path.substr(2);
    const std::string_view guard = guard_of(rest, !url.scheme.empty());
    if (!guard.empty() && url.path.starts_with(guard)) url.path = rest;
    return url;
}

std::uint32_t size_of(const std::string& text) noexcept { return static_cast<std::uint32_t>(text.size()); }

}  // namespace

URL::URL(std::string_view text) : URL(Reader(text).read()) {}

URL::URL(std::string_view text, encoded_t) : URL(Reader(text).read_encoded()) {}

URL::URL(const UrlViews& views) {
    const UrlViews url = as_read(views);
    const std::string port = url.port < 0 ? std::string() : ":" + std::to_string(url.port);
    const std::size_t size = url.scheme.size() + url.user.size() + url.password.size() + url.host.size() +
                             port.size() + url.path.size() + url.query.size() + url.fragment.size();
    check_size(size);
    text_.reserve(size + 10);
    if (!url.scheme.empty()) {
        text_.append(url.scheme);
        marks_.scheme = size_of(text_);
        text_ += ':';
    }
    if (url.has_authority) text_ += "//";
    marks_.has_authority = url.has_authority;
    marks_.has_password = url.has_password;
    marks_.authority = size_of(text_);
    marks_.user_end = size_of(text_.append(url.user));
    if (url.has_password) text_ += ':';
    marks_.password = size_of(text_);
    marks_.password_end = size_of(text_.append(url.password));
    if (marks_.password_end != marks_.authority) text_ += '@';
    marks_.host = size_of(text_);
    marks_.host_end = size_of(text_.append(url.host));
    marks_.port = url.port;
    marks_.authority_end = size_of(text_.append(port));
    marks_.path = size_of(text_.append(path_guard(url)));
    marks_.path_end = size_of(text_.append(url.path));
    if (!url.query.empty()) text_.append(1, '?').append(url.query);
    marks_.query_end = size_of(text_);
    if (!url.fragment.empty()) text_.append(1, '#').append(url.fragment);
}

UrlViews URL::views() const noexcept {
    UrlViews url;
    url.scheme = scheme();
    url.user = view(marks_.authority, marks_.user_end);
    url.password = view(marks_.password, marks_.password_end);
    url.host = view(marks_.host, marks_.host_end);
    url.path = view(marks_.path, marks_.path_end);
    url.query = raw_query_string();
    url.fragment = raw_fragment();
    url.port = marks_.port;
    url.has_authority = marks_.has_authority;
    url.has_password = marks_.has_password;
    return url;
}

bool URL::is_default_port() const noexcept {
    const auto scheme_port = as_port(default_port(scheme()));
    return is_absolute() && scheme_port && port() == scheme_port;
}

std::string_view URL::raw_authority() const noexcept { return view(marks_.authority, marks_.authority_end); }

std::optional<std::string_view> URL::raw_user() const noexcept {
    if (marks_.user_end == marks_.authority) return std::nullopt;
    return view(marks_.authority, marks_.user_end);
}

std::optional<std::string_view> URL::raw_password() const noexcept {
    if (!marks_.has_password) return std::nullopt;
    return view(marks_.password, marks_.password_end);
}

std::optional<std::string_view> URL::raw_host() const noexcept {
    if (!is_absolute()) return std::nullopt;
    const std::string_view host = view(marks_.host, marks_.host_end);
    return host.starts_with('[') ? host.substr(1, host.size() - 2) : host;
}

std::optional<std::uint16_t> URL::explicit_port() const noexcept { return as_port(marks_.port); }

std::optional<std::uint16_t> URL::port() const noexcept {
    return as_port(marks_.port >= 0 ? marks_.port : default_port(scheme()));
}

std::string_view URL::raw_path() const noexcept {
    const std::string_view path = view(marks_.path, marks_.path_end);
    return path.empty() && is_absolute() ? std::string_view("/") : path;
}

std::string_view URL::raw_path_qs() const noexcept {
    if (marks_.path != marks_.path_end || !is_absolute()) return view(marks_.path, marks_.query_end);
    // The slash is in the text if a query is.
    return raw_query_string().empty() ? std::string_view("/") : view(marks_.authority_end, marks_.query_end);
}

std::string_view URL::raw_query_string() const noexcept {
    return marks_.query_end == marks_.path_end ? std::string_view()
                                               : view(marks_.path_end + 1, marks_.query_end);
}

std::string_view URL::raw_fragment() const noexcept {
    return marks_.query_end == text_.size() ? std::string_view() : view(marks_.query_end + 1, text_.size());
}

MultiDict URL::query() const {
    return parse_qsl(raw_query_string(), ParseQslOptions().keep_blank_values(true));
}

std::strong_ordering operator<=>(const URL& a, const URL& b) noexcept {
    const auto parts = [](const URL& url) {
        return std::tuple(url.scheme(), url.raw_authority(), url.raw_path(), url.raw_query_string(),
                          url.raw_fragment());
    };
    return parts(a) <=> parts(b);
}

}  // namespace aio::http

std::size_t std::hash<aio::http::URL>::operator()(const aio::http::URL& url) const noexcept {
    std::size_t sum = 0;
    for (const std::string_view part :
         {url.scheme(), url.raw_authority(), url.raw_path(), url.raw_query_string(), url.raw_fragment()}) {
        sum = sum * 31 + hash<string_view>()(part);
    }
    return sum;
}
