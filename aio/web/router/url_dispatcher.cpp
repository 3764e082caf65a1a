// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/syntax_impl.hpp>
#include <aio/web/router/domain_impl.hpp>
#include <aio/web/router/route_def.hpp>
#include <aio/web/router/route_table_impl.hpp>
#include <aio/web/router/url_dispatcher.hpp>

#include <algorithm>
#include <utility>

namespace aio::web {
namespace {

bool is_identifier(std::string_view text) noexcept {
    const auto is_letter = [](char c) {
        return c == '_' || http::syntax::is_alpha(c) || static_cast<signed char>(c) < 0;
    };
    return !text.empty() && is_letter(text.front()) && std::all_of(text.begin(), text.end(), [&](char c) {
        return is_letter(c) || http::syntax::is_digit(c);
    });
}

bool is_route_name(std::string_view name) noexcept {
    for (;;) {
        const std::size_t end = std::min(name.find_first_of(".:-"), name.size());
        if (!is_identifier(name.substr(0, end))) return false;
        if (end == name.size()) return true;
        name.remove_prefix(end + 1);
    }
}

}  // namespace

// What is looked for, and what of it was found so far.
struct UrlDispatcher::Lookup {
    std::string_view method;
    std::string_view host;
    UrlMappingMatchInfo& match;
    bool collect = false;  // the methods of resources that have the path
};

UrlDispatcher::UrlDispatcher(void* owner) : owner_(owner) {}

UrlDispatcher::~UrlDispatcher() = default;

void UrlDispatcher::check_not_frozen() const {
    if (frozen_) throw RuntimeError("Cannot register a resource into frozen router.");
}

void UrlDispatcher::check_name(std::string_view name) const {
    if (!is_route_name(name)) {
        throw ValueError("Incorrect route name '" + std::string(name) +
                         "', the name should be a sequence of identifiers separated by dash, dot or colon");
    }
    if (const AbstractResource* other = find_named(name)) {
        throw ValueError("Duplicate '" + std::string(name) + "', already handled by " + other->repr());
    }
}

void UrlDispatcher::set_name(AbstractResource& resource, std::string_view name) {
    check_not_frozen();
    if (resource.name_ == name) return;
    if (!resource.name_.empty()) throw ValueError(resource.repr() + " has a name already");
    check_name(name);
    resource.name_ = name;
}

template <class R>
R& UrlDispatcher::append(std::unique_ptr<R> resource, std::string_view name) {
    if (!name.empty()) check_name(name);
    R& added = *resource;
    added.name_ = name;
    resources_.push_back(std::move(resource));
    table_.reset();
    return added;
}

Resource& UrlDispatcher::add_resource(std::string_view path, std::string_view name) {
    check_not_frozen();
    if (!path.empty() && path.front() != '/') throw ValueError("path should be started with / or be empty");
    if (!resources_.empty()) {
        AbstractResource& last = *resources_.back();
        if (last.name() == name && last.raw_match(path)) return static_cast<Resource&>(last);
    }
    if (path.find_first_of("{}") == path.npos) {
        return append(std::unique_ptr<PlainResource>(new PlainResource(*this, path)), name);
    }
    return append(std::unique_ptr<DynamicResource>(new DynamicResource(*this, path)), name);
}

Route& UrlDispatcher::add_route(std::string_view method, std::string_view path, Handler handler,
                                const RouteOptions& options) {
    return add_resource(path, options.name()).add_route(method, std::move(handler), options.expect_handler());
}

Route& UrlDispatcher::add_get(std::string_view path, Handler handler, const RouteOptions& options) {
    Resource& resource = add_resource(path, options.name());
    if (options.allow_head()) {
        resource.add_route(http::hdrs::METH_HEAD, handler, options.expect_handler());
    }
    return resource.add_route(http::hdrs::METH_GET, std::move(handler), options.expect_handler());
}

StaticResource& UrlDispatcher::add_static(std::string_view prefix, Handler handler,
                                          const StaticRouteOptions& options) {
    check_not_frozen();
    if (!prefix.starts_with('/')) throw ValueError("prefix should be started with /");
    if (prefix.ends_with('/')) prefix.remove_suffix(1);
    return append(
        std::unique_ptr<StaticResource>(new StaticResource(*this, prefix, std::move(handler), options)),
        options.name());
}

// The same application may serve several hosts, but be in one place only: its paths have one prefix.
void UrlDispatcher::adopt(UrlDispatcher& subrouter, bool by_host) {
    check_not_frozen();
    const bool again = by_host && subrouter.parent_ == this && !subrouter.below_prefix_;
    if (&subrouter == this || (subrouter.parent_ != nullptr && !again)) {
        throw RuntimeError("Cannot add a sub-application that is part of another one");
    }
    if (subrouter.frozen_ && !again) throw RuntimeError("Cannot add frozen application");
    subrouter.parent_ = this;
    subrouter.below_prefix_ = !by_host;
    subrouter.freeze();
}

PrefixedSubAppResource& UrlDispatcher::add_subapp(std::string_view prefix, UrlDispatcher& subrouter) {
    while (prefix.ends_with('/')) prefix.remove_suffix(1);
    if (prefix.empty()) throw ValueError("Prefix cannot be empty");
    if (prefix.front() != '/') throw ValueError("Prefix should be started with /");
    adopt(subrouter, false);
    return append(
        std::unique_ptr<PrefixedSubAppResource>(new PrefixedSubAppResource(*this, prefix, subrouter)), {});
}

MatchedSubAppResource& UrlDispatcher::add_domain(std::string_view domain, UrlDispatcher& subrouter) {
    std::string checked = detail::checked_domain(domain);
    adopt(subrouter, true);
    MatchedSubAppResource& resource = append(std::unique_ptr<MatchedSubAppResource>(new MatchedSubAppResource(
                                                 *this, std::move(checked), subrouter)),
                                             {});
    by_host_.push_back(&resource);
    return resource;
}

void UrlDispatcher::add_prefix(std::string_view prefix) {
    std::vector<const UrlDispatcher*> done;  // one that serves several hosts is in several resources
    for (const auto& resource : resources_) {
        const UrlDispatcher* inner = resource->subrouter_;
        if (inner != nullptr && std::find(done.begin(), done.end(), inner) != done.end()) continue;
        if (inner != nullptr) done.push_back(inner);
        resource->add_prefix(prefix);
    }
    table_.reset();
    if (frozen_) table();
}

std::vector<Route*> UrlDispatcher::add_routes(const std::vector<RouteDef>& table) {
    std::vector<Route*> routes;
    for (const RouteDef& definition : table) definition.append_to(*this, routes);
    return routes;
}

std::vector<Route*> UrlDispatcher::add_routes(std::initializer_list<RouteDef> table) {
    return add_routes(std::vector<RouteDef>(table));
}

std::vector<AbstractResource*> UrlDispatcher::resources() const {
    std::vector<AbstractResource*> resources;
    resources.reserve(resources_.size());
    for (const auto& resource : resources_) resources.push_back(resource.get());
    return resources;
}

std::vector<Route*> UrlDispatcher::routes() const {
    std::vector<Route*> all;
    for (const auto& resource : resources_) {
        const std::vector<Route*> routes = resource->routes();
        all.insert(all.end(), routes.begin(), routes.end());
    }
    return all;
}

std::vector<AbstractResource*> UrlDispatcher::named_resources() const {
    std::vector<AbstractResource*> named = resources();
    std::erase_if(named, [](const AbstractResource* resource) { return resource->name().empty(); });
    return named;
}

AbstractResource* UrlDispatcher::find_named(std::string_view name) const noexcept {
    const auto found = std::find_if(resources_.begin(), resources_.end(),
                                    [name](const auto& resource) { return resource->name() == name; });
    return found == resources_.end() ? nullptr : found->get();
}

AbstractResource& UrlDispatcher::operator[](std::string_view name) const {
    AbstractResource* resource = name.empty() ? nullptr : find_named(name);
    if (resource == nullptr) throw LookupError("no resource is named '" + std::string(name) + "'");
    return *resource;
}

bool UrlDispatcher::contains(std::string_view name) const noexcept {
    return !name.empty() && find_named(name) != nullptr;
}

void UrlDispatcher::freeze() {
    frozen_ = true;
    table();
}

const detail::RouteTable& UrlDispatcher::table() const {
    if (!table_) {
        std::vector<AbstractResource*> by_path = resources();
        std::erase_if(by_path, [this](const AbstractResource* resource) {
            return std::find(by_host_.begin(), by_host_.end(), resource) != by_host_.end();
        });
        table_ = std::make_unique<detail::RouteTable>(by_path);
    }
    return *table_;
}

UrlMappingMatchInfo UrlDispatcher::resolve(std::string_view method, std::string_view host,
                                           std::string_view path) const {
    UrlMappingMatchInfo match;
    resolve(method, host, path, match);
    return match;
}

void UrlDispatcher::resolve(std::string_view method, std::string_view host, std::string_view path,
                            UrlMappingMatchInfo& match) const {
    match.begin(path);
    Lookup lookup{method, host, match};
    find(lookup);
    if (match.route_ != nullptr) return match.decode_values();
    if (match.other_methods_) {
        lookup.collect = true;
        find(lookup);
        auto& allowed = match.allowed_;
        std::sort(allowed.begin(), allowed.end());
        allowed.erase(std::unique(allowed.begin(), allowed.end()), allowed.end());
    }
    match.count_ = 0;
}

void UrlDispatcher::find(Lookup& lookup) const {
    lookup.match.router_ = this;
    for (const MatchedSubAppResource* resource : by_host_) {
        if (resource->fits_host(lookup.host)) return resource->subrouter().find(lookup);
    }
    const detail::RouteTable& by_path = table();
    if (const AbstractResource* plain = by_path.plain(lookup.match.path())) {
        lookup.match.route_ = plain->find_route(lookup.method);
        if (lookup.match.route_ != nullptr) return;
    }
    by_path.visit(lookup.match.path(),
                  [&](const AbstractResource& resource) { return ask(resource, lookup); });
}

// Whether it is known what answers: a route, or a sub-application, which need not have one.
bool UrlDispatcher::ask(const AbstractResource& resource, Lookup& lookup) const {
    UrlMappingMatchInfo& match = lookup.match;
    if (const UrlDispatcher* subrouter = resource.subrouter_) {
        match.other_methods_ = false;  // as in aiohttp, it does not matter what others would have taken
        match.allowed_.clear();
        subrouter->find(lookup);
        return true;
    }
    match.count_ = 0;
    if (!resource.fits(match)) return false;
    match.route_ = resource.find_route(lookup.method);
    if (match.route_ != nullptr) return true;
    if (!resource.routes_.empty()) match.other_methods_ = true;
    if (lookup.collect) {
        for (const auto& route : resource.routes_) match.allowed_.push_back(route->method());
    }
    return false;
}

}  // namespace aio::web
