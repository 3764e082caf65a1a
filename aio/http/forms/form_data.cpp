// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/fields/mimetypes.hpp>
#include <aio/http/forms/form_data.hpp>
#include <aio/http/url/query.hpp>

namespace aio::http {
namespace {

// As the standard of HTML has it (4.10.21.8), and browsers send it. Other control characters are refused by
// Headers.
std::string quoted(std::string_view name) {
    std::string text = "\"";
    for (const char c : name) {
        if (c == '"') {
            text += "%22";
        } else if (c == '\\') {
            text += "\\\\";
        } else if (c == '\r') {
            text += "%0D";
        } else if (c == '\n') {
            text += "%0A";
        } else {
            text += c;
        }
    }
    return text + '"';
}

Headers headers_of(std::string_view name, const FieldOptions& options) {
    std::string disposition = "form-data; name=" + quoted(name);
    if (options.filename()) disposition += "; filename=" + quoted(*options.filename());
    Headers headers;
    headers.add(hdrs::CONTENT_DISPOSITION, disposition);
    if (options.content_type()) {
        headers.add(hdrs::CONTENT_TYPE, *options.content_type());
    } else if (options.filename()) {
        headers.add(hdrs::CONTENT_TYPE,
                    guess_type(*options.filename()).type.value_or("application/octet-stream"));
    }
    return headers;
}

}  // namespace

void FormData::add_field(std::string_view name, QueryVar value) {
    fields_.push_back({std::string(name), std::move(value).text(), FieldOptions()});
}

void FormData::add_field(std::string_view name, std::string value, const FieldOptions& options) {
    fields_.push_back({std::string(name), std::move(value), options});
    is_multipart_ = is_multipart_ || options.filename() || options.content_type();
}

void FormData::add_field(std::string_view name, AsyncGenerator<std::string> value,
                         const FieldOptions& options) {
    fields_.push_back({std::string(name), std::move(value), options});
    is_multipart_ = true;
}

void FormData::add_field(std::string_view name, StreamReader value, const FieldOptions& options) {
    fields_.push_back({std::string(name), std::move(value), options});
    is_multipart_ = true;
}

void FormData::add_fields(const MultiDict& fields) {
    for (const auto& [name, value] : fields) add_field(name, value);
}

std::string FormData::urlencoded() const {
    if (is_multipart_) throw RuntimeError("a form with files is sent as multipart/form-data");
    MultiDict fields;
    for (const Field& field : fields_) fields.add(field.name, std::get<std::string>(field.value));
    return urlencode(fields);
}

MultipartWriter FormData::multipart() && {
    MultipartWriter writer("form-data");
    for (Field& field : fields_) {
        Headers headers = headers_of(field.name, field.options);
        std::visit([&](auto& value) { writer.append(std::move(value), std::move(headers)); }, field.value);
    }
    return writer;
}

}  // namespace aio::http
