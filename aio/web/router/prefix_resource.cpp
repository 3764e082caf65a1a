// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/methods.hpp>
#include <aio/web/router/domain_impl.hpp>
#include <aio/web/router/match_info.hpp>
#include <aio/web/router/pattern/path_shape_impl.hpp>
#include <aio/web/router/pattern/path_text_impl.hpp>
#include <aio/web/router/prefix_resource.hpp>
#include <aio/web/router/url_dispatcher.hpp>

#include <algorithm>
#include <utility>

namespace aio::web {
namespace {

// Whether ".." leads out of where the tail of a path begins, if only for a moment.
bool leads_out(std::string_view tail) noexcept {
    std::size_t depth = 0;
    while (!tail.empty()) {
        const std::size_t slash = std::min(tail.find('/'), tail.size());
        const std::string_view segment = tail.substr(0, slash);
        if (segment == "..") {
            if (depth-- == 0) return true;
        } else if (!segment.empty() && segment != ".") {
            ++depth;
        }
        tail.remove_prefix(std::min(slash + 1, tail.size()));
    }
    return false;
}

const std::vector<std::string>& names_of_static() {
    static const std::vector<std::string> names = {"filename"};
    return names;
}

}  // namespace

StaticResource::StaticResource(UrlDispatcher& router, std::string_view prefix, const Handler& handler,
                               const StaticRouteOptions& options)
    : AbstractResource(router),
      expect_handler_(options.expect_handler()),
      version_(options.version()),
      append_version_(options.append_version()) {
    StaticResource::add_prefix(prefix);
    append_route(http::hdrs::METH_GET, handler, expect_handler_);
    append_route(http::hdrs::METH_HEAD, handler, expect_handler_);
}

void StaticResource::add_prefix(std::string_view prefix) {
    prefix_.insert(0, detail::requote_path(prefix));
    safe_prefix_ = detail::safe_path(prefix_);
}

detail::PathShape StaticResource::shape() const { return detail::PathShape::of(safe_prefix_, true); }

bool StaticResource::fits(UrlMappingMatchInfo& match) const {
    const std::string_view path = match.path();
    if (!path.starts_with(safe_prefix_)) return false;
    const std::string_view tail = path.substr(safe_prefix_.size());
    if ((!tail.empty() && tail.front() != '/') || leads_out(tail)) return false;
    detail::PathSpan& filename = *match.values(names_of_static());
    filename.end = static_cast<std::uint32_t>(path.size());
    filename.begin = std::min(static_cast<std::uint32_t>(safe_prefix_.size()) + 1, filename.end);
    return true;
}

http::URL StaticResource::url_for(const http::MultiDict& parts) const {
    return url_for(parts.getone("filename"));
}

http::URL StaticResource::url_for(std::string_view filename, std::optional<bool> append_version) const {
    while (filename.starts_with('/')) filename.remove_prefix(1);
    const std::string path = prefix_ + "/" + detail::quote_path(filename);
    const http::URL url = http::URL().with_path(path, http::encoded);
    if (!append_version.value_or(append_version_) || !version_) return url;
    const std::optional<std::string> version = version_(filename);
    return version ? url.with_query(http::MultiDict{{"v", *version}}) : url;
}

Route& StaticResource::set_options_route(Handler handler) {
    check_not_frozen();
    const std::vector<Route*> known = routes();
    if (std::any_of(known.begin(), known.end(),
                    [](const Route* route) { return route->method() == http::hdrs::METH_OPTIONS; })) {
        throw RuntimeError("OPTIONS route was set already");
    }
    return append_route(http::hdrs::METH_OPTIONS, std::move(handler), expect_handler_);
}

PrefixedSubAppResource::PrefixedSubAppResource(UrlDispatcher& router, std::string_view prefix,
                                               UrlDispatcher& subrouter)
    : AbstractResource(router, &subrouter), prefix_(detail::requote_path(prefix)) {
    if (!prefix.empty()) subrouter.add_prefix(prefix);
}

std::vector<Route*> PrefixedSubAppResource::routes() const { return subrouter().routes(); }

std::string PrefixedSubAppResource::index_key() const { return detail::safe_path(prefix_); }

detail::PathShape PrefixedSubAppResource::shape() const {
    return detail::PathShape::of(detail::safe_path(prefix_), true);
}

void PrefixedSubAppResource::add_prefix(std::string_view prefix) {
    prefix_.insert(0, detail::requote_path(prefix));
    subrouter().add_prefix(prefix);
}

http::URL PrefixedSubAppResource::url_for(const http::MultiDict&) const {
    throw RuntimeError(".url_for() is not supported by sub-application root");
}

MatchedSubAppResource::MatchedSubAppResource(UrlDispatcher& router, std::string domain,
                                             UrlDispatcher& subrouter)
    : PrefixedSubAppResource(router, "", subrouter), domain_(std::move(domain)) {}

bool MatchedSubAppResource::fits_host(std::string_view host) const noexcept {
    return detail::is_of_domain(host, domain_);
}

}  // namespace aio::web
