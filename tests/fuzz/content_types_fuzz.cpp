// SPDX-License-Identifier: MIT
// Content-Type and Content-Disposition, read and written.
#include <aio/http/fields/content_disposition.hpp>
#include <aio/http/fields/content_type.hpp>
#include <aio/http/fields/mimetypes.hpp>

#include "fuzz/fuzz.hpp"

namespace aio::tests {
namespace {

void read_type(std::string_view text) {
    const auto type = http::ContentType::parse(text);
    if (!type) return;
    require(!breaks_lines(type->str()), "a type is one line");
    require(http::ContentType::parse(type->str()) == type, "a type is read as it is written");
}

void read_disposition(std::string_view text) {
    const auto disposition = http::ContentDisposition::parse(text);
    if (!disposition) return;
    require(!breaks_lines(disposition->str()), "a disposition is one line");
    require(http::ContentDisposition::parse(disposition->str()) == disposition,
            "a disposition is read as it is written");
    const auto name = disposition->filename();
    if (!name) return;
    require(!name->empty() && *name != "." && *name != ".." &&
                name->find_first_of("/\\") == std::string::npos && !breaks_lines(*name),
            "a name is in its folder");
    http::guess_type(*name);
}

void write_name(std::string_view text) {
    http::ContentDisposition disposition("attachment");
    disposition.set_filename(text);
    require(!breaks_lines(disposition.str()), "a name is one line");
    const auto name = http::ContentDisposition::parse(disposition.str())->filename();
    if (text.find_first_of("/\\") == std::string_view::npos && !text.empty() && text != "." && text != "..") {
        require(name == text, "a name is read as it is written");
    }
}

void write_parameter(std::string_view name, std::string_view value) {
    http::ContentType type("text", "plain");
    type.parameters().set(name, value);
    require(!breaks_lines(type.str()), "a parameter is one line");
    require(http::ContentType::parse(type.str()) == type, "a parameter is read as it is written");
}

}  // namespace
}  // namespace aio::tests

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace aio::tests;
    const std::string_view text = text_of(data, size);
    read_type(text);
    read_disposition(text);
    may_refuse([text] { write_name(text); });
    may_refuse([text] { write_parameter("p", text); });
    may_refuse([text, size] { write_parameter(text.substr(0, size / 2), text.substr(size / 2)); });
    return 0;
}
