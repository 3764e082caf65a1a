// SPDX-License-Identifier: MIT
// What cannot be JSON.
#include <aio/aio.hpp>
#include <aio/http/json.hpp>

#include <string>
#include <vector>

struct Plain {
    int number = 0;
};
enum class PlainEnum { one };

// case: a struct that nobody has described becomes JSON
// says: aio: this type cannot become JSON. Describe it by BOOST_DESCRIBE_STRUCT or BOOST_DESCRIBE_ENUM, or
// specialise aio::json::Codec for it.
std::string program(const Plain& plain) { return aio::json::dumps(plain); }

// case: an enumeration that nobody has described comes from JSON
// says: aio: JSON cannot become this type. Describe it by BOOST_DESCRIBE_STRUCT or BOOST_DESCRIBE_ENUM, or
// specialise aio::json::Codec for it.
void program() { (void)aio::json::loads<std::vector<PlainEnum>>("[]"); }
