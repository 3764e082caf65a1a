// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

#include <memory>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

namespace aio::web::detail {

/// Values of different types, one of each, for applications and requests.
class Storage {
public:
    template <class T>
    T& set(T value) {
        auto made = std::make_shared<T>(std::move(value));
        T& kept = *made;
        put(typeid(T), std::move(made));
        return kept;
    }
    /// Throws LookupError: "WHOSE has no T".
    template <class T>
    T& get(const char* whose) const {
        if (void* const value = find(typeid(T))) return *static_cast<T*>(value);
        raise_missing(whose, typeid(T));
    }
    template <class T>
    T* find() const noexcept {
        return static_cast<T*>(find(typeid(T)));
    }
    void clear() noexcept { values_.clear(); }
    void* find(const std::type_info& type) const noexcept;
    [[noreturn]] static void raise_missing(const char* whose, const std::type_info& type);

private:
    struct Value {
        const std::type_info* type;
        std::shared_ptr<void> value;
    };
    void put(const std::type_info& type, std::shared_ptr<void> value);

    std::vector<Value> values_;
};

}  // namespace aio::web::detail
