// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/client/exchange/upload_impl.hpp>
#include <aio/compose/wait.hpp>
#include <aio/loop/event_loop.hpp>

#include <string>
#include <utility>
#include <vector>

namespace aio::http::detail {

void Upload::start() {
    task_ = create_task(&Upload::run, state_);
    // The head goes with the first piece, but does not wait for it.
    get_running_loop().call_soon([state = state_] { state->writer.send_head(); });
}

/// Tells the hooks of what was written whenever the writing may wait.
class Upload::TracedWriter final : public BodyWriter {
public:
    explicit TracedWriter(State& state) noexcept : state_(state) {}
    void write(BytesView data) override {
        state_.writer.write(data);
        pieces_.emplace_back(data.text());
    }
    Coro<> drain() override {
        const std::vector<std::string> pieces = std::exchange(pieces_, {});
        const Trace& trace = *state_.trace;
        for (const std::string& piece : pieces) {
            const TraceRequestChunkSentParams chunk{trace.method, trace.url, piece};
            co_await trace.tracers->send(&TraceConfig::on_request_chunk_sent, chunk);
        }
        co_await state_.writer.drain();
    }
    Coro<> sendfile(int file, std::uint64_t offset, std::uint64_t count) override {
        return state_.writer.sendfile(file, offset, count);
    }

private:
    State& state_;
    std::vector<std::string> pieces_;
};

Coro<> Upload::send_body(State& state) {
    if (!state.trace) {
        co_await state.body->write(state.writer);
    } else {
        TracedWriter writer(state);
        co_await state.body->write(writer);
        co_await writer.drain();
    }
}

Coro<> Upload::run(std::shared_ptr<State> state) {
    try {
        co_await send_body(*state);
        state->writer.write_eof();
        if (!state->writer.complete())
            throw RuntimeError("the body has ended before the length that Content-Length says");
        co_await state->writer.drain();
        state->complete = true;
    } catch (const std::exception&) {
        failed(*state, std::current_exception());
    }
}

// An answer that came before the connection broke is still read: its end says enough.
void Upload::failed(State& state, std::exception_ptr error) {
    if (state.writer.stream().is_closing() && exception_ptr_cast<ConnectionError>(error)) return;
    state.error = error;
    state.reader.set_exception(std::move(error));
}

Coro<> Upload::stop() {
    const Task<> task = task_;
    cancel();
    if (!task || task.done()) co_return;
    const std::vector<AnyFuture> all{task};
    co_await wait(all);
}

void Upload::cancel() noexcept {
    try {
        if (task_ && !task_.done()) task_.cancel();
    } catch (const RuntimeError&) {  // the loop is closed, and the task will never go on
    }
    task_ = {};
}

}  // namespace aio::http::detail
