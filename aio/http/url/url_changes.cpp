// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/url/host_impl.hpp>
#include <aio/http/url/query.hpp>
#include <aio/http/url/url_impl.hpp>
#include <aio/http/url/url_parts.hpp>
#include <aio/http/url/url_quoting_impl.hpp>

namespace aio::http {
namespace {

using detail::UrlViews;

void require_host(const URL& url, const char* what) {
    if (!url.is_absolute())
        throw ValueError(std::string(what) + " replacement is not allowed for relative URLs");
}

// The URL with another path, and without what followed it.
URL with_new_path(UrlViews url, std::string_view path) {
    url.path = path;
    url.query = {};
    url.fragment = {};
    return url.url();
}

URL with_new_query(UrlViews url, std::string_view query) {
    url.query = query;
    return url.url();
}

// The part of a path up to its last slash, with it.
std::string_view folder(std::string_view path) noexcept { return path.substr(0, path.rfind('/') + 1); }

}  // namespace

URL URL::build(const URLParts& parts) {
    if (parts.host_.empty() && (!parts.user_.empty() || parts.password_ || parts.port_)) {
        throw ValueError("Can't build URL with \"user\", \"password\" or \"port\" but without \"host\".");
    }
    if (!parts.query_.empty() && !parts.query_string_.empty()) {
        throw ValueError("Only one of \"query\" or \"query_string\" should be passed");
    }
    const std::string scheme = detail::checked_scheme(parts.scheme_);
    const std::string user = detail::kUserQuoter.quote(parts.user_);
    const std::string password = detail::kUserQuoter.quote(parts.password_.value_or(""));
    if (parts.host_.empty() && detail::default_port(scheme) >= 0) {
        throw ValueError("Invalid URL: host is required for absolute urls");
    }
    const std::string host = parts.host_.empty() ? "" : detail::encode_host(parts.host_);
    std::string path = detail::kPathQuoter.quote(parts.path_);
    const std::string query = parts.query_.empty() ? detail::kQueryQuoter.quote(parts.query_string_)
                                                   : detail::encode_query(parts.query_);
    const std::string fragment = detail::kFragmentQuoter.quote(parts.fragment_);
    if (!host.empty()) {
        if (!path.empty() && path.front() != '/') {
            throw ValueError("Path in a URL with authority should start with a slash ('/') if set");
        }
        if (detail::has_dots(path)) path = detail::without_dots(path);
    }
    UrlViews url;
    url.scheme = scheme;
    url.has_authority = !host.empty();
    url.user = user;
    url.has_password = parts.password_.has_value();
    url.password = password;
    url.host = host;
    url.port = parts.port_ ? std::int32_t{*parts.port_} : -1;
    url.path = path;
    url.query = query;
    url.fragment = fragment;
    return url.url();
}

URL URL::parent() const {
    const std::string_view path = raw_path();
    if (path.empty() || path == "/") return with_new_path(views(), view(marks_.path, marks_.path_end));
    return with_new_path(views(), path.substr(0, folder(path).empty() ? 0 : path.rfind('/')));
}

URL URL::origin() const {
    if (!is_absolute()) throw ValueError("URL should be absolute");
    if (scheme().empty()) throw ValueError("URL should have scheme");
    UrlViews url = views();
    url.user = url.password = {};
    url.has_password = false;
    return with_new_path(url, {});
}

URL URL::relative() const {
    if (!is_absolute()) throw ValueError("URL should be absolute");
    UrlViews url;
    url.path = raw_path();
    url.query = raw_query_string();
    url.fragment = raw_fragment();
    return url.url();
}

URL URL::with_scheme(std::string_view scheme) const {
    require_host(*this, "scheme");
    const std::string checked = detail::checked_scheme(scheme);
    UrlViews url = views();
    url.scheme = checked;
    return url.url();
}

URL URL::with_user(std::optional<std::string_view> user) const {
    require_host(*this, "user");
    const std::string quoted = detail::kUserQuoter.quote(user.value_or(""));
    UrlViews url = views();
    url.user = quoted;
    if (!user) {
        url.password = {};
        url.has_password = false;
    }
    return url.url();
}

URL URL::with_password(std::optional<std::string_view> password) const {
    require_host(*this, "password");
    const std::string quoted = detail::kUserQuoter.quote(password.value_or(""));
    UrlViews url = views();
    url.password = quoted;
    url.has_password = password.has_value();
    return url.url();
}

URL URL::with_host(std::string_view host) const {
    require_host(*this, "host");
    if (host.empty()) throw ValueError("host removing is not allowed");
    const std::string encoded_host = detail::encode_host(host);
    UrlViews url = views();
    url.host = encoded_host;
    return url.url();
}

URL URL::with_port(std::optional<std::uint16_t> port) const {
    require_host(*this, "port");
    UrlViews url = views();
    url.port = port ? std::int32_t{*port} : -1;
    return url.url();
}

URL URL::with_path(std::string_view path) const {
    std::string quoted = detail::kPathQuoter.quote(path);
    if (!quoted.empty() && quoted.front() != '/') quoted.insert(0, 1, '/');
    if (is_absolute() && detail::has_dots(quoted)) quoted = detail::without_dots(quoted);
    return with_new_path(views(), quoted);
}

URL URL::with_path(std::string_view path, encoded_t) const {
    detail::check_encoded(path, "path", "?#");
    const std::string rooted =
        path.empty() || path.front() == '/' ? std::string(path) : "/" + std::string(path);
    return with_new_path(views(), rooted);
}

URL URL::with_query(std::string_view query) const {
    return with_new_query(views(), detail::kQueryQuoter.quote(query));
}

URL URL::with_query(const MultiDict& query) const {
    return with_new_query(views(), detail::encode_query(query));
}

URL URL::update_query(std::string_view query) const {
    return update_query(
        parse_qsl(detail::kQueryQuoter.quote(query), ParseQslOptions().keep_blank_values(true)));
}

URL URL::update_query(const MultiDict& query) const {
    MultiDict all = this->query();
    all.update(query);
    return with_query(all);
}

URL URL::with_fragment(std::string_view fragment) const {
    const std::string quoted = detail::kFragmentQuoter.quote(fragment);
    UrlViews url = views();
    url.fragment = quoted;
    return url.url();
}

URL URL::with_name(std::string_view name) const {
    if (name.find('/') != name.npos) throw ValueError("Slash in name is not allowed");
    if (name == "." || name == "..") throw ValueError(". and .. values are forbidden");
    return with_new_path(views(), std::string(folder(raw_path())) + detail::kPathQuoter.quote(name));
}

URL URL::with_suffix(std::string_view suffix) const {
    if ((!suffix.empty() && suffix.front() != '.') || suffix == "." || suffix.find('/') != suffix.npos) {
        throw ValueError("Invalid suffix '" + detail::kPathQuoter.quote(suffix) + "'");
    }
    const std::string_view name = raw_name();
    if (name.empty()) throw ValueError("URL('" + text_ + "') has an empty name");
    const std::string_view stem = name.substr(0, name.size() - raw_suffix().size());
    return with_new_path(views(),
                         std::string(folder(raw_path())).append(stem) + detail::kPathQuoter.quote(suffix));
}

URL URL::child(std::string_view name) const {
    if (name.starts_with('/')) throw ValueError("Appending a path that begins with a slash is forbidden");
    std::string path(raw_path());
    const bool was_empty = path.empty();
    while (path.ends_with('/')) path.pop_back();
    if (!was_empty) path += '/';
    path += detail::kPathQuoter.quote(name);
    if (is_absolute() && detail::has_dots(path)) path = detail::without_dots(path);
    return with_new_path(views(), path);
}

URL URL::join(const URL& url) const {
    UrlViews joined = url.views();
    if (!joined.scheme.empty()) return url;
    joined.scheme = scheme();
    if (joined.has_authority) return joined.url();
    const std::string_view base = raw_path();
    std::string path;
    if (joined.path.empty()) {
        path = base;
        if (joined.query.empty()) joined.query = raw_query_string();
    } else {
        if (!joined.path.starts_with('/')) path = folder(base);
        path += joined.path;
        if (detail::has_dots(path)) path = detail::without_dots(path);
    }
    UrlViews mine = views();
    mine.path = path;
    mine.query = joined.query;
    mine.fragment = joined.fragment;
    return mine.url();
}

}  // namespace aio::http
