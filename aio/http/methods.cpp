// SPDX-License-Identifier: MIT
#include <aio/http/methods.hpp>

namespace aio::http {

bool is_safe(std::string_view method) noexcept {
    return method == hdrs::METH_GET || method == hdrs::METH_HEAD || method == hdrs::METH_OPTIONS ||
           method == hdrs::METH_TRACE;
}

bool is_idempotent(std::string_view method) noexcept {
    return is_safe(method) || method == hdrs::METH_PUT || method == hdrs::METH_DELETE;
}

}  // namespace aio::http
