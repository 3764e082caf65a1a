// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/base/pool.hpp>
#include <aio/loop/loop_parts_impl.hpp>
#include <aio/pipe/pipe_transport_impl.hpp>
#include <aio/subprocess/process_state_impl.hpp>
#include <aio/subprocess/spawn_impl.hpp>
#include <aio/subprocess/subprocess_transport.hpp>
#include <aio/task/future.hpp>
#include <aio/transport/transport_core_impl.hpp>

#include <csignal>
#include <utility>

namespace aio {

void SubprocessTransport::terminate() { send_signal(SIGTERM); }
void SubprocessTransport::kill() { send_signal(SIGKILL); }
void SubprocessProtocol::connection_made(SubprocessTransport&) {}
void SubprocessProtocol::pipe_data_received(int, BytesView) {}
void SubprocessProtocol::pipe_connection_lost(int, std::exception_ptr) {}
void SubprocessProtocol::process_exited() {}

namespace {

/// Rules, besides those of TransportCore:
/// 1. It is lost when the child has ended and every pipe is lost, and not before.
/// 2. Its own first turn is queued before those of its pipes, so that connection_made() comes first.
class ChildTransport final : public SubprocessTransport,
                             public detail::TransportCore,
                             public detail::CloseWatch,
                             private subprocess::ExitListener {
public:
    ChildTransport(EventLoop& loop, std::shared_ptr<BaseProtocol> protocol, UniqueFunction<void()> on_made)
        : TransportCore(loop, std::move(on_made)) {
        install(std::move(protocol));
    }
    /// Starts the child; the second half of the making, because the pipes' protocols refer to this.
    void begin(const subprocess::Options& options, const std::vector<std::string>& argv);

    // SubprocessTransport
    int get_pid() const override { return child_->pid(); }
    std::optional<int> get_returncode() const override { return child_->returncode(); }
    Ref<Transport> get_pipe_transport(int fd) const override {
        return fd >= 0 && fd < 3 ? pipes_[static_cast<std::size_t>(fd)] : nullptr;
    }
    void send_signal(int number) override { child_->send_signal(number); }

    // BaseTransport
    void close() override;
    std::any get_extra_info(std::string_view name) const override {
        return name == "subprocess" ? std::any(child_->pid()) : std::any();
    }
    std::string repr() const override;

    void pipe_lost(int fd, std::exception_ptr error);
    /// The protocol; null once the loop is closed.
    SubprocessProtocol* served() const noexcept { return served_; }

    void on_loop_closed() noexcept override { loop_closed(); }
    void run() override {
        state_ &= ~kQueued;
        const detail::ContextScope scope(context_);
        start();
    }

private:
    void install(std::shared_ptr<BaseProtocol> protocol) override;
    void call_connection_made() override { served_->connection_made(*this); }
    void open_channel() override { exited(); }
    void stop_channel() noexcept override { CloseWatch::unlink(); }
    void close_channel() noexcept override {}
    void left() noexcept override;
    void force_close(std::exception_ptr) override { close(); }
    const char* kind() const noexcept override { return "subprocess transport"; }
    std::any handle() override { return Ref<SubprocessTransport>(this); }

    void connect(subprocess::Pipes& pipes);
    void exited() override;
    void end_if_over();

    SubprocessProtocol* served_ = nullptr;
    Ref<subprocess::Child> child_;
    std::array<Ref<Transport>, 3> pipes_;
    unsigned open_pipes_ = 0;
    bool told_ = false;  ///< process_exited() was called
};

/// Between a pipe's transport and the process's protocol.
class PipeOfChild final : public Protocol {
public:
    PipeOfChild(ChildTransport& owner, int fd) noexcept : owner_(&owner), fd_(fd) {}
    void data_received(BytesView data) override {
        if (SubprocessProtocol* const protocol = owner_->served()) protocol->pipe_data_received(fd_, data);
    }
    void connection_lost(std::exception_ptr error) override { owner_->pipe_lost(fd_, std::move(error)); }
    void pause_writing() override {
        if (SubprocessProtocol* const protocol = owner_->served()) protocol->pause_writing();
    }
    void resume_writing() override {
        if (SubprocessProtocol* const protocol = owner_->served()) protocol->resume_writing();
    }

private:
    const Ref<ChildTransport> owner_;
    const int fd_;
};

void ChildTransport::begin(const subprocess::Options& options, const std::vector<std::string>& argv) {
    enqueue();  // rule 2; and first, because it may fail
    try {
        subprocess::check_descriptors(options, argv);
        subprocess::Pipes pipes = subprocess::make_pipes(options);
        child_ = subprocess::Child::start(loop(), options, argv, pipes.streams);
        connect(pipes);
    } catch (...) {
        loop_->ready().remove(*this);
        set_state(kClosing | kLost | kEnded);
        served_ = nullptr;
        if (child_) child_->kill_quietly();
        for (const auto& pipe : pipes_) {
            if (pipe) pipe->abort();
        }
        throw;
    }
    child_->listener = this;
    loop_->parts().close_watches.push_back(*this);
    add_ref();  // the loop's
}

void ChildTransport::connect(subprocess::Pipes& pipes) {
    for (int fd = 0; fd < 3; ++fd) {
        const auto i = static_cast<std::size_t>(fd);
        if (!pipes.ours[i]) continue;
        pipes_[i] =
            make_pipe_transport(loop(), std::move(pipes.ours[i]), std::make_shared<PipeOfChild>(*this, fd),
                                fd == 0 ? detail::PipeEnd::writing : detail::PipeEnd::reading);
        ++open_pipes_;
    }
}

void ChildTransport::install(std::shared_ptr<BaseProtocol> protocol) {
    auto* const served = dynamic_cast<SubprocessProtocol*>(protocol.get());
    if (!served) throw TypeError("a subprocess transport serves a SubprocessProtocol");
    protocol_ = std::move(protocol);
    served_ = served;
}

void ChildTransport::close() {
    if (state_ & kClosing) return;
    loop_->check_thread();
    set_state(kClosing);
    for (const auto& pipe : pipes_) {
        if (pipe) pipe->close();
    }
    child_->kill_quietly();
}

void ChildTransport::left() noexcept {
    child_->listener = nullptr;
    served_ = nullptr;
    const auto pipes = std::exchange(pipes_, {});
}

std::string ChildTransport::repr() const {
    std::string text = "<SubprocessTransport ";
    text += state_ & kEnded ? "closed" : state_ & kClosing ? "closing" : "open";
    text += " pid=" + std::to_string(get_pid());
    const std::optional<int> code = get_returncode();
    return text + (code ? " returncode=" + std::to_string(*code) : " running") + ">";
}

// The child has ended, or it is time to tell of it.
void ChildTransport::exited() {
    if ((state_ & (kUnopened | kLost)) || !child_->returncode()) return;
    const Ref<ChildTransport> keep(this);
    const detail::ContextScope scope(context_);
    if (!std::exchange(told_, true)) {
        try {
            served_->process_exited();
        } catch (...) {
            if (detail::handling_exit_exception()) {
                end_if_over();
                throw;
            }
            report(std::current_exception(), "Fatal error: protocol.process_exited() call failed.");
        }
    }
    end_if_over();
}

void ChildTransport::pipe_lost(int fd, std::exception_ptr error) {
    struct End {
        ChildTransport& transport;
        ~End() { transport.end_if_over(); }
    } const end{*this};
    --open_pipes_;
    if (served_) served_->pipe_connection_lost(fd, std::move(error));
}

void ChildTransport::end_if_over() {
    if ((state_ & (kUnopened | kLost)) || open_pipes_ > 0 || !child_->returncode()) return;
    lose(nullptr);
}

}  // namespace

namespace detail {

Coro<Ref<SubprocessTransport>> attach_subprocess(std::shared_ptr<SubprocessProtocol> protocol,
                                                 subprocess::Options options, std::vector<std::string> argv) {
    EventLoop& loop = get_running_loop();
    if (!options.get_stream(0)) options.stdin(subprocess::PIPE);
    if (!options.get_stream(1)) options.stdout(subprocess::PIPE);
    if (!options.get_stream(2)) options.stderr(subprocess::PIPE);
    Future<> made = loop.create_future<>();
    UniqueFunction<void()> on_made = [made] {
        if (!made.done()) made.set_result();
    };
    const Ref<ChildTransport> transport(new ChildTransport(loop, std::move(protocol), std::move(on_made)));
    transport->begin(options, argv);
    try {
        co_await made;
    } catch (...) {
        transport->close();
        throw;
    }
    co_return transport;
}

}  // namespace detail
}  // namespace aio
