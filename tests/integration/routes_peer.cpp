// SPDX-License-Identifier: MIT
// Matches paths for routes_test.py: reads lines of a route's path and a request's, both in hexadecimal
// digits. Prints the values of the variables in the same digits, each behind "=", or "none", or "refused" for
// a path that no route has.
#include "hex.hpp"

#include <aio/base/error.hpp>
#include <aio/web/request.hpp>
#include <aio/web/response.hpp>
#include <aio/web/router/url_dispatcher.hpp>

#include <iostream>
#include <string>
#include <string_view>

namespace {

aio::Coro<aio::web::Response> handler(aio::web::Request&) { co_return aio::web::Response(); }

std::string match(const std::string& route, const std::string& path) {
    aio::web::UrlDispatcher router;
    try {
        router.add_get(route, handler);
    } catch (const aio::ValueError&) {
        return "refused";
    }
    const aio::web::UrlMappingMatchInfo found = router.resolve("GET", "", path);
    if (!found) return "none";
    std::string values;
    for (std::size_t i = 0; i < found.size(); ++i) values += "=" + hex(found.item(i).second);
    return values;
}

}  // namespace

int main() {
    std::string route;
    std::string path;
    while (std::cin >> route >> path) std::cout << match(unhex(route), unhex(path)) << '\n';
}
