// SPDX-License-Identifier: MIT
#include <aio/web/router/route_def.hpp>
#include <aio/web/router/url_dispatcher.hpp>

namespace aio::web {

void RouteDef::append_to(UrlDispatcher& router, std::vector<Route*>& routes) const {
    if (const auto* options = std::get_if<StaticRouteOptions>(&options_)) {
        const std::vector<Route*> added = router.add_static(path_, handler_, *options).routes();
        routes.insert(routes.end(), added.begin(), added.end());
        return;
    }
    const auto& options = std::get<RouteOptions>(options_);
    if (method_ == http::hdrs::METH_GET) {
        routes.push_back(&router.add_get(path_, handler_, options));
    } else {
        routes.push_back(&router.add_route(method_, path_, handler_, options));
    }
}

std::string RouteDef::repr() const {
    const bool is_static = std::holds_alternative<StaticRouteOptions>(options_);
    const std::string& name =
        is_static ? std::get<StaticRouteOptions>(options_).name() : std::get<RouteOptions>(options_).name();
    return (is_static ? "<StaticDef " : "<RouteDef " + method_ + " ") + path_ +
           (name.empty() ? "" : " name='" + name + "'") + ">";
}

}  // namespace aio::web
