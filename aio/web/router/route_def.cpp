// SPDX-License-Identifier: MIT
#include <aio/web/router/route_def.hpp>
#include <aio/web/router/url_dispatcher.hpp>

namespace aio::web {

void RouteDef::append_to(UrlDispatcher& router, std::vector<Route*>& routes) const {
    const auto add_all = [&](const StaticResource& resource) {
        const std::vector<Route*> added = resource.routes();
        routes.insert(routes.end(), added.begin(), added.end());
    };
    if (const auto* of_handler = std::get_if<StaticRouteOptions>(&options_)) {
        return add_all(router.add_static(path_, handler_, *of_handler));
    }
    if (const auto* of_folder = std::get_if<StaticOptions>(&options_)) {
        return add_all(router.add_static(path_, directory_, *of_folder));
    }
    const auto& options = std::get<RouteOptions>(options_);
    if (method_ == http::hdrs::METH_GET) {
        routes.push_back(&router.add_get(path_, handler_, options));
    } else {
        routes.push_back(&router.add_route(method_, path_, handler_, options));
    }
}

std::string RouteDef::repr() const {
    const std::string& name =
        std::visit([](const auto& options) -> const std::string& { return options.name(); }, options_);
    return (method_.empty() ? "<StaticDef " : "<RouteDef " + method_ + " ") + path_ +
           (name.empty() ? "" : " name='" + name + "'") + ">";
}

}  // namespace aio::web
