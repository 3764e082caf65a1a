// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/error.hpp>
#include <aio/http/compression.hpp>
#include <aio/http/error.hpp>
#include <aio/http/parser.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What parsers and decompressors make of bytes that come in pieces; without GoogleTest, for fuzzers too.
namespace aio::tests {

inline std::string kind_of(const http::BadHttpMessage& error) {
    using namespace http;
    if (dynamic_cast<const BadHttpMethod*>(&error)) return "BadHttpMethod";
    if (dynamic_cast<const BadStatusLine*>(&error)) return "BadStatusLine";
    if (dynamic_cast<const InvalidURLError*>(&error)) return "InvalidURLError";
    if (dynamic_cast<const LineTooLong*>(&error)) return "LineTooLong";
    if (dynamic_cast<const InvalidHeader*>(&error)) return "InvalidHeader";
    if (dynamic_cast<const TransferEncodingError*>(&error)) return "TransferEncodingError";
    if (dynamic_cast<const ContentLengthError*>(&error)) return "ContentLengthError";
    return "BadHttpMessage";
}

inline std::string text_of(std::span<const http::Field> fields) {
    std::string text;
    for (const http::Field& field : fields)
        text.append(field.name).append("=").append(field.value).append("|");
    return text;
}

inline std::string text_of(const http::MessageHead& head) {
    std::string text = head.version == http::kHttpVersion11 ? "1.1 " : "1.0 ";
    if (head.keep_alive) text += "keep ";
    if (head.chunked) text += "chunked ";
    if (head.upgrade) text += "upgrade ";
    if (head.content_length) text += "length " + std::to_string(*head.content_length) + " ";
    return text + text_of(head.fields);
}

inline std::string text_of(const http::RequestHead& head) {
    return std::string(head.method) + " " + std::string(head.target) + " @" + std::string(head.host) +
           (head.expect_continue ? " expect " : " ") + text_of(static_cast<const http::MessageHead&>(head));
}

inline std::string text_of(const http::ResponseHead& head) {
    return std::to_string(head.status) + " '" + std::string(head.reason) +
           (head.until_close ? "' until_close " : "' ") +
           text_of(static_cast<const http::MessageHead&>(head));
}

/// Feeds a parser pieces that end at `cuts`, each time from new memory, as a reader's buffer may move, and
/// writes down what it tells: "head; body; end; ..." or an error.
template <class Parser>
class Delivery {
public:
    explicit Delivery(const http::ParserOptions& options = http::ParserOptions()) : parser_(options) {}

    std::string run(std::string_view wire, const std::vector<std::size_t>& cuts,
                    const char* method = nullptr) {
        method_ = method;
        if constexpr (requires { parser_.next("GET"); }) {
            if (method) parser_.next(method);
        }
        try {
            std::size_t begin = 0;
            for (const std::size_t cut : cuts) {
                arrive(wire.substr(begin, cut - begin));
                begin = cut;
            }
            arrive(wire.substr(begin));
            flush();
            if (parser_.feed_eof()) log_ += "eof ends it; ";
        } catch (const http::BadHttpMessage& error) {
            flush();
            log_ += kind_of(error) + " " + std::to_string(error.code()) + " " + error.what();
            sound_ = sound_ && refuses_more();
            return log_;
        }
        return log_ + "left " + std::to_string(left_.size());
    }

    /// Whether the parser went no further after an error, and never asked for bytes that it had.
    bool is_sound() const noexcept { return sound_; }

private:
    using Step = http::MessageParser::Step;

    void arrive(std::string_view piece) {
        left_ += piece;
        for (;;) {
            const std::unique_ptr<char[]> memory(new char[left_.size()]);
            left_.copy(memory.get(), left_.size());
            const Step step = parser_.parse({memory.get(), left_.size()});
            log(step);
            left_.erase(0, parser_.consumed());
            if (step == Step::need_data) {
                sound_ = sound_ && parser_.wanted() > left_.size();
                return;
            }
        }
    }

    bool refuses_more() {
        try {
            parser_.parse("GET");
            return false;
        } catch (const RuntimeError&) {
            return true;
        }
    }

    void log(Step step) {
        if (step == Step::body) {
            body_ += parser_.body();
        } else if (step == Step::head) {
            log_ += text_of(parser_.head()) + "; ";
        } else if (step == Step::end) {
            flush();
            log_ += "end " + text_of(parser_.trailers()) + "; ";
            if constexpr (requires { parser_.next("GET"); }) {
                parser_.next(method_ ? method_ : "GET");
            } else {
                parser_.next();
            }
        }
    }

    void flush() {
        if (!body_.empty()) log_ += "body " + body_ + "; ";
        body_.clear();
    }

    Parser parser_;
    const char* method_ = nullptr;
    std::string left_;
    std::string body_;
    std::string log_;
    bool sound_ = true;
};

/// A parser of requests that keeps heads, and knows the one before: it must tell the same as one that does
/// not.
class KeepingRequestParser {
public:
    explicit KeepingRequestParser(const http::ParserOptions& options) : parser_(options) {
        parser_.keep_in(memory_);
    }
    http::MessageParser::Step parse(BytesView data) { return parser_.parse(data); }
    std::size_t consumed() const noexcept { return parser_.consumed(); }
    std::size_t wanted() const noexcept { return parser_.wanted(); }
    bool feed_eof() { return parser_.feed_eof(); }
    std::string_view body() const noexcept { return parser_.body(); }
    std::span<const http::Field> trailers() const noexcept { return parser_.trailers(); }
    const http::RequestHead& head() const noexcept { return parser_.head(); }
    void next() { parser_.next(); }

private:
    std::string memory_;
    http::RequestParser parser_;
};

/// Decodes by pieces of `step` bytes, at most `most` bytes at a time. `made` is told after each call how many
/// bytes it gave, and how many there are by then.
template <class Made>
std::string decoded_in_pieces(http::Decompressor& decompressor, std::string_view data, std::size_t step,
                              std::size_t most, Made made) {
    std::string out;
    while (!data.empty()) {
        std::string_view piece = data.substr(0, step);
        data.remove_prefix(piece.size());
        while (!piece.empty() || decompressor.data_available()) {
            const std::size_t before = out.size();
            piece.remove_prefix(decompressor.decompress(piece, out, most));
            made(out.size() - before, out.size());
        }
    }
    decompressor.feed_eof();
    return out;
}

}  // namespace aio::tests
