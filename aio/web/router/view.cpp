// SPDX-License-Identifier: MIT
#include <aio/web/exceptions.hpp>
#include <aio/web/router/view.hpp>

namespace aio::web::detail {

void raise_method_not_allowed(const Request& request, std::vector<std::string> allowed) {
    throw HTTPMethodNotAllowed(request.method(), std::move(allowed));
}

}  // namespace aio::web::detail
