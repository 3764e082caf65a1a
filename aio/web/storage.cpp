// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/web/storage.hpp>

#include <string>

namespace aio::web::detail {

void Storage::put(const std::type_info& type, std::shared_ptr<void> value) {
    for (Value& there : values_) {
        if (*there.type == type) {
            std::swap(there.value, value);  // the old one goes last
            return;
        }
    }
    values_.push_back({&type, std::move(value)});
}

void* Storage::find(const std::type_info& type) const noexcept {
    for (const Value& there : values_) {
        if (*there.type == type) return there.value.get();
    }
    return nullptr;
}

void Storage::raise_missing(const char* whose, const std::type_info& type) {
    throw LookupError(std::string(whose) + " has no " + aio::type_name(type));
}

}  // namespace aio::web::detail
