// SPDX-License-Identifier: MIT
// JSON from outside: as any value, and as a struct. What is accepted is written and read again as the same;
// and whatever is UTF-8 can be a text.
#include <aio/http/json.hpp>

#include "fuzz/fuzz.hpp"

#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace aio::tests {

BOOST_DEFINE_ENUM_CLASS(FuzzedKind, one, two)

struct Fuzzed {
    int a = 0;
    std::optional<unsigned char> b;
    double c = 0;
    std::string d;
    std::map<std::string, float> e;
    std::variant<std::monostate, bool, long, std::string, std::vector<Fuzzed>> f;
    std::optional<std::pair<FuzzedKind, bool>> g;
};
BOOST_DESCRIBE_STRUCT(Fuzzed, (), (a, b, c, d, e, f, g))

namespace {

template <class T>
void try_as(std::string_view text) {
    std::optional<std::string> written;
    may_refuse([&] {
        const T value = json::loads<T>(text);
        written = json::dumps(value);  // what was read can be written
    });
    if (!written) return;
    require(json::dumps(json::loads<T>(*written)) == *written, "what is written is read as the same");
}

}  // namespace
}  // namespace aio::tests

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace aio::tests;
    const std::string_view text = text_of(data, size);
    try_as<aio::json::Value>(text);
    try_as<Fuzzed>(text);
    try_as<std::vector<Fuzzed>>(text);
    may_refuse([&] {
        const std::string written = aio::json::dumps(text);
        require(aio::json::loads<std::string>(written) == text, "a text comes back");
    });
    return 0;
}
