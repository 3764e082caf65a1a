// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/compose/gather.hpp>
#include <aio/pipe/pipe_transport_impl.hpp>
#include <aio/streams/stream_protocol.hpp>
#include <aio/subprocess/process_state_impl.hpp>
#include <aio/subprocess/spawn_impl.hpp>

#include <csignal>
#include <utility>

namespace aio {
namespace detail {
namespace {

using subprocess::Child;

StreamReader no_reader() {
    StreamReader reader;
    const StreamReader moved(std::move(reader));
    return reader;  // NOLINT: empty is what is wanted
}

}  // namespace

// --- the state ----------------------------------------------------------------------------------------

ProcessState::ProcessState(EventLoop& loop, const subprocess::Options& options,
                           const std::vector<std::string>& argv)
    : outputs{no_reader(), no_reader()} {
    subprocess::check_descriptors(options, argv);
    subprocess::Pipes pipes = subprocess::make_pipes(options);
    child = Child::start(loop, options, argv, pipes.streams);
    try {
        connect(loop, pipes, options.get_limit());
    } catch (...) {
        child->kill_quietly();
        close_pipes();
        throw;
    }
    child->listener = this;
}

void ProcessState::connect(EventLoop& loop, subprocess::Pipes& pipes, std::size_t limit) {
    if (pipes.ours[0]) {
        auto protocol = std::make_shared<StreamReaderProtocol>(StreamReader());
        const auto transport =
            make_pipe_transport(loop, std::move(pipes.ours[0]), protocol, PipeEnd::writing);
        input = StreamWriter(*transport, std::move(protocol));
    }
    for (const std::size_t i : {0U, 1U}) {
        if (!pipes.ours[i + 1]) continue;
        outputs[i] = StreamReader(limit);
        auto protocol = std::make_shared<StreamReaderProtocol>(outputs[i]);
        sources[i] =
            make_pipe_transport(loop, std::move(pipes.ours[i + 1]), std::move(protocol), PipeEnd::reading);
    }
}

ProcessState::~ProcessState() { child->listener = nullptr; }

void ProcessState::exited() {
    while (WaitProcess* const waiter = waiters.front()) waiter->wake_up();
}

void ProcessState::close_pipes() const {
    if (input) input.close();
    for (const auto& source : sources) {
        if (source) source->close();
    }
}

ProcessRef::ProcessRef(ProcessState* state) noexcept : state_(state) {
    if (state_) ++state_->refs;
}

ProcessRef::~ProcessRef() {
    if (state_ && --state_->refs == 0) delete state_;
}

// --- wait ---------------------------------------------------------------------------------------------

bool WaitProcess::await_ready(SourceLocation at) const {
    check_fresh();
    const Child& child = *process_->child;
    if (child.returncode()) return true;
    if (child.loop().is_closed()) throw_at(at, RuntimeError("Event loop is closed"));
    if (&get_running_loop() != &child.loop()) {
        throw_at(at, RuntimeError("Process.wait() in another loop than that of the process"));
    }
    return false;
}

void WaitProcess::join() noexcept { process_->waiters.push_back(*this); }

int WaitProcess::await_resume() {
    end();
    return process_->child->returncode().value();
}

}  // namespace detail

namespace subprocess {

// --- the handle ---------------------------------------------------------------------------------------

const StreamWriter& Process::stdin() const { return state_.checked("Process.stdin()").input; }
const StreamReader& Process::stdout() const { return state_.checked("Process.stdout()").outputs[0]; }
const StreamReader& Process::stderr() const { return state_.checked("Process.stderr()").outputs[1]; }
int Process::pid() const { return state_.checked("Process.pid()").child->pid(); }
std::optional<int> Process::returncode() const {
    return state_.checked("Process.returncode()").child->returncode();
}
void Process::send_signal(int number) const {
    state_.checked("Process.send_signal()").child->send_signal(number);
}
void Process::terminate() const { state_.checked("Process.terminate()").child->send_signal(SIGTERM); }
void Process::kill() const { state_.checked("Process.kill()").child->send_signal(SIGKILL); }
std::string Process::repr() const { return "<Process " + std::to_string(pid()) + ">"; }

namespace {

// A read that is cancelled takes nothing, and what it gave is kept at once.
Coro<> collect(detail::ProcessRef process, std::size_t output) {
    std::string text = co_await process->outputs[output].read();
    process->collected[output] += text;
}

Coro<Output> communicate_with(detail::ProcessRef process, std::string input) {
    if (process->input && !process->input.is_closing()) {
        // Closing sends what waits, so nobody has to wait for it here, and a broken pipe is nobody's error.
        if (!input.empty()) process->input.write(std::move(input));
        process->input.close();
    }
    const bool out = static_cast<bool>(process->outputs[0]);
    const bool err = static_cast<bool>(process->outputs[1]);
    if (out && err) {
        co_await gather(collect(process, 0), collect(process, 1));
    } else if (out || err) {
        co_await collect(process, out ? 0 : 1);
    }
    co_await detail::WaitProcess(process);
    co_return Output(std::exchange(process->collected[0], std::string()),
                     std::exchange(process->collected[1], std::string()));
}

}  // namespace

Coro<Output> Process::communicate(std::string input) const {
    if (!state_.checked("Process.communicate()").input && !input.empty()) {
        throw ValueError("Process.communicate(): there is input, and standard input is no PIPE");
    }
    return communicate_with(state_, std::move(input));
}

Coro<Process> Process::aenter() const { co_return *this; }

Coro<> Process::aexit(std::exception_ptr error) const {
    const Process process = *this;
    detail::ProcessState& state = process.state_.checked("Process.aexit()");
    state.close_pipes();
    if (error) state.child->kill_quietly();
    std::exception_ptr cancelled;
    try {
        co_await process.wait();
    } catch (const CancelledError&) {
        cancelled = std::current_exception();
    }
    if (!cancelled) co_return;
    state.child->kill_quietly();
    co_await process.wait();
    std::rethrow_exception(cancelled);
}

}  // namespace subprocess
}  // namespace aio
