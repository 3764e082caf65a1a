// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/memory.hpp>
#include <aio/client/exchange/tracers_impl.hpp>
#include <aio/http/body/payload.hpp>
#include <aio/http/http1/writer_impl.hpp>
#include <aio/http/url/url.hpp>
#include <aio/streams/stream_reader.hpp>
#include <aio/task/task.hpp>

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace aio::http::detail {

/// A body that is sent by a task of its own, because the answer may come before its end. When the sending
/// fails for a reason that is not the connection's, whoever waits for the answer hears of it.
class Upload {
public:
    Upload() noexcept = default;
    Upload(std::shared_ptr<const Payload> body, aio::StreamWriter writer, aio::StreamReader reader)
        : state_(std::make_shared<State>(std::move(body), std::move(writer), std::move(reader))) {}
    /// Who is told of each piece.
    void trace(std::shared_ptr<Tracers> tracers, std::string method, URL url) {
        state_->trace.emplace(Trace{std::move(tracers), std::move(method), std::move(url)});
    }
    Upload(Upload&&) noexcept = default;
    Upload& operator=(Upload&& other) noexcept {
        cancel();
        state_ = std::move(other.state_);
        task_ = std::move(other.task_);
        return *this;
    }
    ~Upload() { cancel(); }

    explicit operator bool() const noexcept { return static_cast<bool>(state_); }
    /// To be given the head, and to begin the body, before start().
    Http1Writer& writer() noexcept { return state_->writer; }
    void start();
    /// There is one, and it was not started.
    bool pending() const noexcept { return state_ && !task_; }

    /// Everything was sent, or there is nothing to be sent.
    bool complete() const noexcept { return !state_ || state_->complete; }
    std::uint64_t output_size() const noexcept { return state_ ? state_->writer.output_size() : 0; }
    /// Why it was not; null for the connection's own reasons.
    std::exception_ptr error() const noexcept { return state_ ? state_->error : nullptr; }
    void cancel() noexcept;
    /// The same, and waits until the body's clean-up has run.
    Coro<> stop();

private:
    struct Trace {
        std::shared_ptr<Tracers> tracers;
        std::string method;
        URL url;
    };
    class TracedWriter;
    struct State {
        State(std::shared_ptr<const Payload> payload, aio::StreamWriter stream, aio::StreamReader answers)
            : body(std::move(payload)), writer(std::move(stream)), reader(std::move(answers)) {}
        std::shared_ptr<const Payload> body;
        Http1Writer writer;
        aio::StreamReader reader;
        std::optional<Trace> trace;
        std::exception_ptr error;
        bool complete = false;
    };
    static Coro<> send_body(State& state);
    static Coro<> run(std::shared_ptr<State> state);
    static void failed(State& state, std::exception_ptr error);

    std::shared_ptr<State> state_;
    Task<> task_;
};

}  // namespace aio::http::detail
