// SPDX-License-Identifier: MIT
// Multipart bodies from outside, in one piece and in two; and texts as contents and names of parts.
#include <aio/aio.hpp>
#include <aio/http/forms/form_data.hpp>
#include <aio/http/forms/multipart_reader.hpp>
#include <aio/http/forms/multipart_writer.hpp>

#include "fuzz/fuzz.hpp"

#include <optional>
#include <string>

namespace aio::tests {
namespace {

using http::BodyPartReader;
using http::MultipartReader;

const std::string kType = "multipart/form-data; boundary=b";
constexpr std::size_t kMostParts = 20;

template <class Fn>
void run_on_loop(Fn&& fn) {
    static Runner runner;
    runner.run(fn());
}

// All there is to a body, as text; after an error nothing.
Coro<std::string> describe(MultipartReader reader) {
    std::string result;
    for (std::size_t count = 0;; ++count) {
        std::optional<BodyPartReader> part = co_await reader.next();
        if (!part) co_return result;
        require(count < kMostParts, "there are as many parts as may be");
        require(!part->filename() || part->filename()->find('/') == std::string::npos,
                "a file is in no folder");
        result += "[" + part->name().value_or("") + "]";
        result.append(part->headers().text());
        if (part->is_multipart()) {
            result += co_await describe(part->multipart());
        } else {
            result += co_await part->read(true);
        }
    }
}

Coro<std::string> outcome(StreamReader stream, std::string type) {
    const auto options = http::MultipartOptions().max_parts(kMostParts).max_field_size(100);
    try {
        co_return co_await describe(MultipartReader(type, std::move(stream), options));
    } catch (const ValueError& error) {
        co_return std::string("refused: ") + error.what();
    }
}

Coro<> read(std::string_view text) {
    StreamReader whole;
    whole.feed_data(text);
    whole.feed_eof();
    const std::string expected = co_await outcome(whole, kType);
    StreamReader halves;
    const std::size_t cut = text.empty() ? 0 : static_cast<unsigned char>(text.back()) % text.size();
    halves.feed_data(text.substr(0, cut));
    auto task = create_task(outcome(halves, kType));
    co_await sleep(Duration::zero());
    co_await sleep(Duration::zero());
    halves.feed_data(text.substr(cut));
    halves.feed_eof();
    const std::string result = co_await task;
    require(result == expected, "the result does not depend on the segmentation");
}

Coro<> write(std::string_view text) {
    http::FormData form;
    form.add_field("a", std::string(text), http::FieldOptions().filename(text.substr(0, 20)));
    std::optional<http::MultipartWriter> writer;
    may_refuse([&] { writer.emplace(std::move(form).multipart()); });
    if (!writer) co_return;
    const auto length = writer->content_length();
    const std::string body = co_await writer->as_bytes();
    require(length == body.size(), "the length is known");
    StreamReader stream;
    stream.feed_data(body);
    stream.feed_eof();
    MultipartReader reader(writer->content_type(), stream);
    std::optional<BodyPartReader> part = co_await reader.next();
    require(part->name() == "a" && part->headers().size() == 2, "the head is one's own");
    const std::string content = co_await part->read();
    require(content == text, "a part is read as it is written");
    part = co_await reader.next();
    require(!part, "one part is one part");
}

}  // namespace
}  // namespace aio::tests

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace aio::tests;
    const std::string_view text = text_of(data, size);
    run_on_loop([text] { return read(text); });
    run_on_loop([text] { return write(text); });
    return 0;
}
