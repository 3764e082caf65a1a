// SPDX-License-Identifier: MIT
#pragma once

#include <aio/http/json/detail/kinds.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

/// How values become text.
namespace aio::json::detail {

/// In quotes. Throws ValueError if it is no UTF-8.
void write_text(std::string& out, std::string_view text);
void write_signed(std::string& out, std::int64_t number);
void write_unsigned(std::string& out, std::uint64_t number);
/// Throws ValueError if it is infinite or no number.
void write_double(std::string& out, double number);
void write_float(std::string& out, float number);
[[noreturn]] void raise_no_enumerator();
/// JSON without blanks, with line breaks and indents.
std::string indented(std::string_view json, std::size_t blanks);

template <class T>
void write(std::string& out, const T& value);

// Each of several with what precedes it.
class Separator {
public:
    void write(std::string& out) {
        if (!first_) out += ',';
        first_ = false;
    }

private:
    bool first_ = true;
};

template <class T>
void write_number(std::string& out, T value) {
    if constexpr (std::same_as<T, float>) {
        write_float(out, value);
    } else if constexpr (std::floating_point<T>) {
        write_double(out, static_cast<double>(value));
    } else if constexpr (std::is_signed_v<T>) {
        write_signed(out, value);
    } else {
        write_unsigned(out, value);
    }
}

template <class T>
void write_enum(std::string& out, const T& value) {
    const char* const name = boost::describe::enum_to_string(value, static_cast<const char*>(nullptr));
    if (!name) raise_no_enumerator();
    write_text(out, name);
}

template <class T>
void write_members(std::string& out, const T& value) {
    out += '{';
    Separator separator;
    boost::mp11::mp_for_each<Members<T>>([&](auto member) {
        separator.write(out);
        write_text(out, member.name);
        out += ':';
        write(out, value.*member.pointer);
    });
    out += '}';
}

template <class T>
void write_map(std::string& out, const T& value) {
    out += '{';
    Separator separator;
    for (const auto& [key, item] : value) {
        separator.write(out);
        write_text(out, key);
        out += ':';
        write(out, item);
    }
    out += '}';
}

template <class T, std::size_t... I>
void write_tuple(std::string& out, const T& value, std::index_sequence<I...>) {
    out += '[';
    Separator separator;
    ((separator.write(out), write(out, std::get<I>(value))), ...);
    out += ']';
}

template <class T>
void write_range(std::string& out, const T& value) {
    out += '[';
    Separator separator;
    for (const auto& item : value) {
        separator.write(out);
        // What stands for an item, as a std::vector<bool> has it.
        write(out, static_cast<const std::ranges::range_value_t<T>&>(item));
    }
    out += ']';
}

template <class T>
void write(std::string& out, const T& value) {
    if constexpr (std::same_as<T, Value>) {
        write_value(out, value);
    } else if constexpr (std::same_as<T, std::monostate> || std::same_as<T, std::nullptr_t>) {
        out += "null";
    } else if constexpr (std::convertible_to<const T&, std::string_view>) {
        write_text(out, std::string_view(value));
    } else if constexpr (CodedElsewhere<T>) {
        out += Codec<T>::dumps(value);
    } else if constexpr (std::same_as<T, bool>) {
        out += value ? "true" : "false";
    } else if constexpr (Integer<T> || std::floating_point<T>) {
        write_number(out, value);
    } else if constexpr (kIsOptional<T>) {
        value ? write(out, *value) : void(out += "null");
    } else if constexpr (kIsVariant<T>) {
        std::visit([&out](const auto& item) { write(out, item); }, value);
    } else if constexpr (DescribedEnum<T>) {
        write_enum(out, value);
    } else if constexpr (DescribedClass<T>) {
        write_members(out, value);
    } else if constexpr (Map<T>) {
        write_map(out, value);
    } else if constexpr (Tuple<T>) {
        write_tuple(out, value, std::make_index_sequence<std::tuple_size_v<T>>());
    } else if constexpr (std::ranges::range<const T>) {
        write_range(out, value);
    } else {
        static_assert(kFalse<T>,
                      "aio: this type cannot become JSON. Describe it by BOOST_DESCRIBE_STRUCT or "
                      "BOOST_DESCRIBE_ENUM, or specialise aio::json::Codec for it.");
    }
}

}  // namespace aio::json::detail
