// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/methods.hpp>
#include <aio/http/syntax_impl.hpp>
#include <aio/web/router/match_info.hpp>
#include <aio/web/router/pattern/path_pattern_impl.hpp>
#include <aio/web/router/pattern/path_text_impl.hpp>
#include <aio/web/router/resource.hpp>
#include <aio/web/router/url_dispatcher.hpp>
#include <aio/web/router/word_impl.hpp>

#include <algorithm>
#include <utility>

namespace aio::web {
namespace {

constexpr std::string_view kAny = http::hdrs::METH_ANY;

std::string checked_method(std::string_view text) {
    std::string method(text);
    for (char& c : method) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    std::string_view rest = method;
    const bool token = !rest.empty() && http::syntax::take_token(rest).size() == method.size();
    if (!token) throw ValueError(method + " is not allowed HTTP method");
    return method;
}

// Up to seven bytes and their number, 0 for more.
std::uint64_t number_of(std::string_view method) noexcept {
    if (method.size() > 7) return 0;
    return std::uint64_t{method.size()} << 56 | detail::load_word(method.data(), method.size());
}

http::URL url_of(const std::string& path) { return http::URL().with_path(path, http::encoded); }

}  // namespace

Route::Route(AbstractResource& resource, std::string method, Handler handler, ExpectHandler expect_handler)
    : method_(std::move(method)),
      resource_(resource),
      handler_(std::move(handler)),
      expect_handler_(std::move(expect_handler)) {}

std::string_view Route::name() const noexcept { return resource_.name(); }

Route& Route::name(std::string_view text) {
    resource_.router_.set_name(resource_, text);
    return *this;
}

http::URL Route::url_for(const http::MultiDict& parts) const { return resource_.url_for(parts); }

std::string Route::repr() const { return "<ResourceRoute [" + method_ + "] " + resource_.repr() + ">"; }

AbstractResource::AbstractResource(UrlDispatcher& router, UrlDispatcher* subrouter)
    : router_(router), subrouter_(subrouter) {}

AbstractResource::~AbstractResource() = default;

std::vector<Route*> AbstractResource::routes() const {
    std::vector<Route*> routes;
    routes.reserve(routes_.size());
    for (const auto& route : routes_) routes.push_back(route.get());
    return routes;
}

std::string AbstractResource::repr() const {
    const std::string name = name_.empty() ? "" : "'" + name_ + "'";
    return "<" + std::string(kind()) + " " + name + " " + canonical() + ">";
}

void AbstractResource::check_not_frozen() const {
    if (router_.frozen()) throw RuntimeError("Cannot register a route into frozen router.");
}

Route& AbstractResource::append_route(std::string_view method, Handler handler,
                                      ExpectHandler expect_handler) {
    if (!handler) throw TypeError("a route needs a handler");
    routes_.emplace_back(
        new Route(*this, checked_method(method), std::move(handler), std::move(expect_handler)));
    const Route& route = *routes_.back();
    methods_.push_back({number_of(route.method()), &route});
    if (route.method() == kAny) any_ = &route;
    return *routes_.back();
}

const Route* AbstractResource::find_route(std::string_view method) const noexcept {
    const std::uint64_t number = number_of(method);
    for (const Method& one : methods_) {
        if (one.number == number && (number != 0 || one.route->method() == method)) return one.route;
    }
    return any_;
}

Route& Resource::add_route(std::string_view method, Handler handler, ExpectHandler expect_handler) {
    check_not_frozen();
    if (const Route* other = find_route(checked_method(method))) {
        throw RuntimeError("Added route will never be executed, method " + other->method() +
                           " is already registered");
    }
    return append_route(method, std::move(handler), std::move(expect_handler));
}

PlainResource::PlainResource(UrlDispatcher& router, std::string_view path) : Resource(router), path_(path) {
    add_prefix("");
}

std::string PlainResource::index_key() const { return safe_path_; }

detail::PathShape PlainResource::shape() const { return detail::PathShape::of(safe_path_, false); }

// "" is "/" where it is not below a prefix.
void PlainResource::add_prefix(std::string_view prefix) {
    path_.insert(0, prefix);
    safe_path_ = path_.empty() ? "/" : detail::safe_path(path_);
}

bool PlainResource::fits(UrlMappingMatchInfo& match) const { return match.path() == safe_path_; }

http::URL PlainResource::url_for(const http::MultiDict& parts) const {
    if (!parts.empty()) throw TypeError("url_for(): " + repr() + " has no variables");
    return url_of(detail::requote_path(path_.empty() ? "/" : path_));
}

DynamicResource::DynamicResource(UrlDispatcher& router, std::string_view path)
    : Resource(router),
      path_(path),
      pattern_(std::make_unique<detail::PathPattern>(path)),
      known_(DynamicResource::index_key().size()) {}

DynamicResource::~DynamicResource() = default;

std::string DynamicResource::canonical() const { return pattern_->canonical(); }

// Up to the last slash before the first variable: what stands between them is a part of a segment.
std::string DynamicResource::index_key() const {
    const std::string& prefix = pattern_->literal_prefix();
    return prefix.substr(0, prefix.find_last_not_of('/', prefix.rfind('/')) + 1);
}

detail::PathShape DynamicResource::shape() const { return pattern_->shape(); }

void DynamicResource::add_prefix(std::string_view prefix) {
    pattern_->add_prefix(prefix);
    known_ = index_key().size();
}

bool DynamicResource::fits(UrlMappingMatchInfo& match) const {
    return pattern_->match(match.path(), match.values(pattern_->names()), known_);
}

http::URL DynamicResource::url_for(const http::MultiDict& parts) const {
    const std::vector<std::string>& texts = pattern_->quoted_texts();
    std::string path = texts.front();
    for (std::size_t i = 0; i < pattern_->names().size(); ++i) {
        path += detail::quote_path(parts.getone(pattern_->names()[i]));
        path += texts[i + 1];
    }
    return url_of(path);
}

}  // namespace aio::web
