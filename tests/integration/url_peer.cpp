// SPDX-License-Identifier: MIT
// Takes URLs apart for url_test.py: reads a line of hexadecimal digits for each, and prints for each a line
// of "name=value" in the same digits, or "refused".
#include "hex.hpp"

#include <aio/base/error.hpp>
#include <aio/http.hpp>

#include <iostream>
#include <string>
#include <string_view>

namespace {

using aio::http::MultiDict;
using aio::http::URL;

void print(const char* name, std::string_view value) { std::cout << name << '=' << hex(value) << ' '; }

template <class Text>
void print(const char* name, const std::optional<Text>& value) {
    if (value) print(name, std::string_view(*value));
}

void print(const char* name, const std::vector<std::string>& values) {
    for (const std::string& value : values) print(name, value);
}

void print(const char* name, const MultiDict& values) {
    for (const auto& [key, value] : values) {
        print(name, key);
        print(name, value);
    }
}

void take_apart(const URL& url) {
    print("str", url.str());
    print("scheme", url.scheme());
    print("raw_user", url.raw_user());
    print("user", url.user());
    print("raw_password", url.raw_password());
    print("password", url.password());
    print("raw_host", url.raw_host());
    print("host", url.host());
    if (const auto port = url.port()) print("port", std::to_string(*port));
    if (const auto port = url.explicit_port()) print("explicit_port", std::to_string(*port));
    print("raw_path", url.raw_path());
    print("path", url.path());
    print("raw_query_string", url.raw_query_string());
    print("query_string", url.query_string());
    print("query", url.query());
    print("raw_fragment", url.raw_fragment());
    print("fragment", url.fragment());
    print("parts", url.parts());
    print("name", url.name());
    print("suffix", url.suffix());
    print("suffixes", url.suffixes());
    print("human_repr", url.human_repr());
    print("parent", url.parent().str());
    print("div", (url / "x y").str());
    print("with_path", url.with_path("/x y%").str());
    print("with_query", url.with_query({{"a b", "é&="}, {"n", 1.5}}).str());
    print("update_query", url.update_query("x=9&z=1").str());
    print("with_fragment", url.with_fragment("f f").str());
}

}  // namespace

int main() {
    for (std::string line; std::getline(std::cin, line);) {
        try {
            take_apart(URL(unhex(line)));
        } catch (const aio::ValueError&) {
            std::cout << "refused";
        }
        std::cout << '\n';
    }
}
