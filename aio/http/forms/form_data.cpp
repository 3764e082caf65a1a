// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/fs/file.hpp>
#include <aio/http/fields/charset.hpp>
#include <aio/http/fields/mimetypes.hpp>
#include <aio/http/forms/disposition_impl.hpp>
#include <aio/http/forms/form_data.hpp>
#include <aio/http/syntax_impl.hpp>
#include <aio/http/url/query.hpp>

namespace aio::http {
namespace {

constexpr std::string_view kOctets = "application/octet-stream";

// As the standard of HTML has it (4.10.21.8), and browsers send it.
std::string html_quoted(std::string_view name) {
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

std::string quoted(std::string_view name, bool html) {
    if (html) return html_quoted(name);
    std::string text;
    syntax::append_quoted(text, name);
    return text;
}

// The part of a path that is the file's own name.
std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

std::string detail::form_data_disposition(std::string_view name, std::optional<std::string_view> filename,
                                          bool html) {
    std::string disposition = "form-data; name=" + quoted(name, html);
    if (filename) disposition += "; filename=" + quoted(*filename, html);
    return disposition;
}

void FormData::add_field(std::string_view name, QueryVar value) {
    fields_.push_back({std::string(name), Payload(std::move(value).text()), FieldOptions(), true});
}

void FormData::add_field(std::string_view name, std::string value, const FieldOptions& options) {
    fields_.push_back({std::string(name), Payload(std::move(value)), options, !options.filename()});
    is_multipart_ = is_multipart_ || options.filename() || options.content_type();
}

void FormData::add_field(std::string_view name, AsyncGenerator<std::string> value,
                         const FieldOptions& options) {
    add_payload(name, Payload(std::move(value)).content_type(""), options);
}

void FormData::add_field(std::string_view name, aio::StreamReader value, const FieldOptions& options) {
    add_payload(name, Payload(std::move(value)).content_type(""), options);
}

void FormData::add_field(std::string_view name, fs::File value, const FieldOptions& options) {
    FieldOptions named = options;
    const std::string own(base_name(value.name()));
    if (!named.filename() && !own.empty()) named.filename(own);
    add_payload(name, Payload(std::move(value)).content_type(""), named);
}

void FormData::add_payload(std::string_view name, Payload value, const FieldOptions& options) {
    fields_.push_back({std::string(name), std::move(value), options, false});
    is_multipart_ = true;
}

void FormData::add_fields(const MultiDict& fields) {
    for (const auto& [name, value] : fields) add_field(name, value);
}

std::string FormData::content_type() const {
    std::string type = "application/x-www-form-urlencoded";
    if (!options_.charset().empty()) type += "; charset=" + options_.charset();
    return type;
}

std::string FormData::urlencoded() const {
    if (is_multipart_) throw RuntimeError("a form with files is sent as multipart/form-data");
    MultiDict fields;
    for (const Field& field : fields_) {
        if (options_.charset().empty()) {
            fields.add(field.name, *field.value.bytes());
        } else {
            fields.add(encode(field.name, options_.charset()),
                       encode(*field.value.bytes(), options_.charset()));
        }
    }
    return urlencode(fields);
}

void FormData::append_to(MultipartWriter& writer, std::string_view name, Payload value,
                         const FieldOptions& options, bool is_text) const {
    Headers headers;
    headers.add(hdrs::CONTENT_DISPOSITION,
                detail::form_data_disposition(name, options.filename(), options_.quote_fields()));
    if (options.content_type()) {
        value.content_type(*options.content_type());
    } else if (is_text && options_.charset().empty()) {
        value.content_type("");
    } else if (is_text) {
        value = Payload::text(*value.bytes(), options_.charset());
    } else if (options.filename() && (value.content_type().empty() || value.content_type() == kOctets)) {
        value.content_type(guess_type(*options.filename()).type.value_or(kOctets));
    }
    writer.append_payload(std::move(value), std::move(headers));
}

MultipartWriter FormData::multipart() const& {
    MultipartWriter writer("form-data");
    for (const Field& field : fields_) {
        append_to(writer, field.name, field.value, field.options, field.is_text);
    }
    return writer;
}

MultipartWriter FormData::multipart() && {
    MultipartWriter writer("form-data");
    for (Field& field : fields_) {
        append_to(writer, field.name, std::move(field.value), field.options, field.is_text);
    }
    return writer;
}

}  // namespace aio::http
