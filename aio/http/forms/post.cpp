// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/fs/tempfile.hpp>
#include <aio/http/body/stream_reader.hpp>
#include <aio/http/error.hpp>
#include <aio/http/fields/charset.hpp>
#include <aio/http/fields/content_type.hpp>
#include <aio/http/forms/multipart_reader.hpp>
#include <aio/http/forms/post.hpp>
#include <aio/http/forms/transfer_encoding_impl.hpp>
#include <aio/http/url/quoting.hpp>

#include <algorithm>
#include <limits>

namespace aio::http {
namespace {

constexpr std::string_view kCharsetField = "_charset_";

[[noreturn]] void raise_too_large(const std::string& what) { throw HttpProcessingError(413, what); }

void check_size(std::uint64_t size, const PostOptions& options) {
    if (options.max_size() > 0 && size > options.max_size()) {
        raise_too_large("the form has more than " + std::to_string(options.max_size()) + " bytes");
    }
}

void check_fields(std::size_t count, const PostOptions& options) {
    if (count > options.max_fields()) {
        raise_too_large("the form has more than " + std::to_string(options.max_fields()) + " fields");
    }
}

// An unknown name is no reason to refuse a form.
std::string known_charset(std::string name) { return is_charset(name) ? name : std::string("utf-8"); }

// "+" is a blank.
std::string unquoted(std::string_view text, const std::string& charset) {
    std::string bytes(text);
    std::replace(bytes.begin(), bytes.end(), '+', ' ');
    return decode(unquote_to_bytes(bytes), charset, "replace");
}

Coro<std::string> read_whole(StreamReader& content, PostOptions options) {
    const std::uint64_t most =
        options.max_size() > 0 ? options.max_size() : std::numeric_limits<std::uint64_t>::max();
    try {
        co_return co_await content.read_all(most);
    } catch (const LimitOverrunError&) {
        raise_too_large("the form has more than " + std::to_string(most) + " bytes");
    }
}

Coro<PostData> read_urlencoded(StreamReader& content, std::string charset, PostOptions options) {
    const std::string body = co_await read_whole(content, options);
    if (body.size() > options.max_text_size()) raise_too_large("the form has too much text");
    check_fields(static_cast<std::size_t>(std::count(body.begin(), body.end(), '&')) + 1, options);
    PostData data;
    for (std::string_view rest = body; !rest.empty();) {
        const std::size_t end = std::min(rest.find('&'), rest.size());
        const std::string_view field = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (field.empty()) continue;
        const std::size_t equals = std::min(field.find('='), field.size());
        const std::string_view value = field.substr(std::min(equals + 1, field.size()));
        data.add(unquoted(field.substr(0, equals), charset), unquoted(value, charset));
    }
    co_return data;
}

/// Reads a form part by part.
class FormReader {
public:
    FormReader(StreamReader& content, std::string_view content_type, std::string charset, PostOptions options)
        : options_(std::move(options)),
          reader_(content_type, content, reader_options(options_)),
          charset_(std::move(charset)),
          content_(content),
          before_(content.total_bytes()) {}

    Coro<PostData> read() {
        PostData data;
        for (;;) {
            std::optional<BodyPartReader> part = co_await reader_.next();
            check_size(content_.total_bytes() - before_, options_);
            if (!part) co_return data;
            check_fields(data.size() + 1, options_);
            const std::optional<std::string> name = part->name();
            if (!name) throw ValueError("a part of the form has no name");
            if (part->filename()) {
                FileField file = co_await read_file(*part, *name);
                data.add(*name, std::move(file));
            } else {
                std::string text = co_await read_text(*part, *name);
                data.add(*name, std::move(text));
            }
        }
    }

private:
    static MultipartOptions reader_options(const PostOptions& options) {
        return MultipartOptions()
            .max_parts(std::numeric_limits<std::size_t>::max())
            .max_part_size(options.max_text_size());
    }

    Coro<std::string> read_text(BodyPartReader part, std::string name) {
        std::string text;
        detail::TransferDecoder decoder(part.headers());
        for (;;) {
            std::string chunk = co_await next_chunk(part);
            if (chunk.empty()) break;
            if (chunk.size() > options_.max_text_size() - text_size_) {
                raise_too_large("the texts of the form have more than " +
                                std::to_string(options_.max_text_size()) + " bytes");
            }
            text_size_ += chunk.size();
            text += decoder.decode(std::move(chunk));
        }
        text += decoder.finish();
        const auto type = ContentType::parse(part.headers().get(hdrs::CONTENT_TYPE, "text/plain"));
        if (!type || type->type() != "text") co_return text;
        const auto own = type->charset();
        text = decode(std::move(text), own ? known_charset(*own) : charset_, "replace");
        if (name == kCharsetField) charset_ = known_charset(text);
        co_return text;
    }

    Coro<FileField> read_file(BodyPartReader part, std::string name) {
        if (++files_ > options_.max_files()) {
            raise_too_large("the form has more than " + std::to_string(options_.max_files()) + " files");
        }
        const std::size_t room = options_.spool_size() - std::min(options_.spool_size(), spooled_);
        const fs::File file = co_await fs::SpooledTemporaryFile(room, fs::TempOptions().dir(options_.dir()));
        std::size_t size = 0;
        detail::TransferDecoder decoder(part.headers());
        for (bool ended = false; !ended;) {
            std::string chunk = co_await next_chunk(part);
            ended = chunk.empty();
            chunk = ended ? decoder.finish() : decoder.decode(std::move(chunk));
            if (chunk.empty()) continue;
            size += chunk.size();
            co_await file.write(std::move(chunk));
        }
        if (!file.rolled()) spooled_ += size;
        co_await file.seek(0);
        std::string type(part.headers().get(hdrs::CONTENT_TYPE, "application/octet-stream"));
        co_return FileField(std::move(name), *part.filename(), file, std::move(type), part.headers());
    }

    Coro<std::string> next_chunk(BodyPartReader part) {
        std::string chunk = co_await part.read_chunk(std::size_t{64} * 1024);
        check_size(content_.total_bytes() - before_, options_);
        co_return chunk;
    }

    PostOptions options_;
    MultipartReader reader_;
    std::string charset_;
    StreamReader& content_;
    std::uint64_t before_;
    std::size_t text_size_ = 0;
    std::size_t spooled_ = 0;
    std::size_t files_ = 0;
};

Coro<PostData> read_multipart(StreamReader& content, std::string content_type, std::string charset,
                              PostOptions options) {
    try {
        FormReader reader(content, content_type, std::move(charset), std::move(options));
        co_return co_await reader.read();
    } catch (const ValueError& error) {
        throw BadHttpMessage(error.what());
    }
}

}  // namespace

Coro<PostData> read_post(StreamReader& content, std::string content_type, PostOptions options) {
    const auto type = ContentType::parse(content_type);
    if (!type) co_return PostData();
    std::string charset = known_charset(type->charset().value_or("utf-8"));
    if (type->essence() == "application/x-www-form-urlencoded") {
        co_return co_await read_urlencoded(content, std::move(charset), std::move(options));
    }
    if (type->essence() == "multipart/form-data") {
        co_return co_await read_multipart(content, std::move(content_type), std::move(charset),
                                          std::move(options));
    }
    co_return PostData();
}

}  // namespace aio::http
