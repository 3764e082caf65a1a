// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/body/payload_contents_impl.hpp>
#include <aio/http/body/stream_reader.hpp>
#include <aio/http/forms/multipart_writer.hpp>
#include <aio/streams/stream_reader.hpp>

#include <utility>

namespace aio::http::detail {
namespace {

class GeneratorContent final : public PayloadContent {
public:
    explicit GeneratorContent(AsyncGenerator<std::string> chunks) : chunks_(std::move(chunks)) {}
    std::optional<std::uint64_t> size() const override { return std::nullopt; }
    bool repeatable() const noexcept override { return false; }

    // Its clean-up has run when this ends, however it does.
    Coro<> write(BodyWriter& to) override {
        if (!chunks_) raise_sent_before();
        AsyncGenerator<std::string> chunks = std::move(*chunks_);
        chunks_.reset();
        std::exception_ptr error;
        try {
            for (;;) {
                const std::optional<std::string> chunk = co_await chunks.next();
                if (!chunk) break;
                to.write(*chunk);
                co_await to.drain();
            }
        } catch (...) {
            error = std::current_exception();
        }
        if (!error) co_return;
        co_await chunks.aclose();
        std::rethrow_exception(error);
    }

private:
    std::optional<AsyncGenerator<std::string>> chunks_;
};

// Of a stream that is read until its end.
class OnceContent : public PayloadContent {
public:
    std::optional<std::uint64_t> size() const override { return std::nullopt; }
    bool repeatable() const noexcept override { return false; }

protected:
    void begin() {
        if (std::exchange(sent_, true)) raise_sent_before();
    }

private:
    bool sent_ = false;
};

class StreamContent final : public OnceContent {
public:
    explicit StreamContent(aio::StreamReader stream) : stream_(std::move(stream)) {}
    Coro<> write(BodyWriter& to) override {
        begin();
        for (;;) {
            const BytesView data = co_await stream_.read_view();
            if (data.empty()) co_return;
            to.write(data);
            co_await to.drain();
        }
    }

private:
    aio::StreamReader stream_;
};

class BodyContent final : public OnceContent {
public:
    explicit BodyContent(StreamReader& body) : body_(body) {}
    Coro<> write(BodyWriter& to) override {
        begin();
        for (;;) {
            const std::optional<std::string> chunk = co_await body_.next_chunk();
            if (!chunk) co_return;
            to.write(*chunk);
            co_await to.drain();
        }
    }

private:
    StreamReader& body_;
};

class MultipartContent final : public PayloadContent {
public:
    explicit MultipartContent(MultipartWriter multipart) : multipart_(std::move(multipart)) {}
    std::optional<std::uint64_t> size() const override { return multipart_.content_length(); }
    bool repeatable() const noexcept override { return multipart_.repeatable(); }
    bool prepared() const noexcept override { return multipart_.prepared(); }
    Coro<> prepare() override { return multipart_.prepare(); }
    Coro<> write(BodyWriter& to) override { return multipart_.write(to); }

private:
    MultipartWriter multipart_;
};

}  // namespace

void raise_sent_before() { throw RuntimeError("the body was sent before, and can be sent only once"); }

PayloadRef content_of(AsyncGenerator<std::string> chunks) {
    return std::make_shared<GeneratorContent>(std::move(chunks));
}
PayloadRef content_of(aio::StreamReader stream) { return std::make_shared<StreamContent>(std::move(stream)); }
PayloadRef content_of(StreamReader& body) { return std::make_shared<BodyContent>(body); }
PayloadRef content_of(MultipartWriter multipart) {
    return std::make_shared<MultipartContent>(std::move(multipart));
}

}  // namespace aio::http::detail
