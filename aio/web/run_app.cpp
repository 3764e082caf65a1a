// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/compose/run.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/loop/loop_handle.hpp>
#include <aio/sync/event.hpp>
#include <aio/web/run_app.hpp>

#include <csignal>
#include <cstdio>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

#include <fcntl.h>

namespace aio::web {

RunOptions& RunOptions::workers(unsigned count) & {
    if (count == 0) throw ValueError("run_app() needs at least one worker");
    workers_ = count;
    return *this;
}

namespace detail {

Coro<Application> given(Application app) { co_return app; }

/// The loops that serve. The first one is run_app()'s own; it starts the others, each after the one before,
/// and tells them to stop.
class AppWorkers {
public:
    AppWorkers(AppFactory factory, RunOptions options)
        : factory_(std::move(factory)), options_(std::move(options)) {}
    int run();

private:
    /// A loop that serves. Its task and event belong to its thread, and are there as long as it serves.
    struct Worker {
        LoopHandle loop;
        AnyTask task;
        std::optional<Event> stopped;
    };

    Coro<> serve(unsigned number, std::function<void()> started);
    Coro<> start_sites(const AppRunner& runner, unsigned number);
    Coro<> lead(const AppRunner& runner);
    Coro<> start_thread(unsigned number);
    Worker& enter();
    void leave(Worker& worker) noexcept;
    void stop(bool at_once);
    void on_signal() { stop(std::exchange(signalled_, true)); }
    void print(const AppRunner& runner) const;

    const AppFactory factory_;
    const RunOptions options_;
    int port_ = 0;
    std::vector<int> unix_sockets_;
    std::vector<std::unique_ptr<Event>> started_;  ///< of the threads, in the first loop
    std::vector<std::thread> threads_;
    bool signalled_ = false;

    std::mutex mutex_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::exception_ptr error_;
    bool stopping_ = false;
};

int AppWorkers::run() {
    std::exception_ptr error;
    try {
        aio::run(serve(0, [] {}));
    } catch (const CancelledError&) {
        // By a second signal.
    } catch (...) {
        error = std::current_exception();
        stop(false);
    }
    for (std::thread& thread : threads_) thread.join();
    if (error) std::rethrow_exception(error);
    if (error_) std::rethrow_exception(error_);
    return 0;
}

AppWorkers::Worker& AppWorkers::enter() {
    auto made = std::make_unique<Worker>();
    Worker& worker = *made;
    worker.loop = get_running_loop().handle();
    worker.task = current_task();
    worker.stopped.emplace();
    const std::lock_guard lock(mutex_);
    workers_.push_back(std::move(made));
    if (stopping_) worker.stopped->set();
    return worker;
}

// In its own thread, to which task and event belong.
void AppWorkers::leave(Worker& worker) noexcept {
    const std::lock_guard lock(mutex_);
    worker.task = AnyTask();
    worker.stopped.reset();
}

void AppWorkers::stop(bool at_once) {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const std::unique_ptr<Worker>& worker : workers_) {
        if (!worker->stopped) continue;  // it has left
        worker->loop.call_soon_threadsafe([to = worker.get(), at_once] {
            if (!to->stopped) return;
            to->stopped->set();
            if (at_once) to->task.cancel();
        });
    }
}

Coro<> AppWorkers::serve(unsigned number, std::function<void()> started) {
    const Application app = co_await factory_();
    const AppRunner runner(app, options_.server_);
    runner.shutdown_timeout(options_.shutdown_timeout_);
    co_await runner.setup();
    Worker& worker = enter();
    std::exception_ptr error;
    try {
        co_await start_sites(runner, number);
        started();
        if (number == 0) co_await lead(runner);
        co_await worker.stopped->wait();
    } catch (...) {
        error = std::current_exception();
    }
    if (number == 0) stop(false);
    try {
        co_await runner.cleanup();
    } catch (...) {
        if (!error) error = std::current_exception();
    }
    leave(worker);
    if (error) std::rethrow_exception(error);
}

Coro<> AppWorkers::start_sites(const AppRunner& runner, unsigned number) {
    SiteOptions site = options_.site_;
    if (options_.workers_ > 1) site.reuse_port(true);
    if (number == 0) {
        for (const std::string& path : options_.paths_) co_await UnixSite(runner, path, site).start();
    } else {
        for (const int fd : unix_sockets_)
            co_await SockSite(runner, Socket(::fcntl(fd, F_DUPFD_CLOEXEC, 0)), site).start();
    }
    if (options_.hosts_.empty() && !options_.paths_.empty() && !options_.port_) co_return;
    const std::optional<int> port = number == 0 ? options_.port_ : port_;
    std::vector<std::string> hosts = options_.hosts_;
    if (hosts.empty()) hosts.emplace_back();
    for (const std::string& host : hosts) co_await TCPSite(runner, host, port, site).start();
}

/// What the first loop does when its own sites listen.
Coro<> AppWorkers::lead(const AppRunner& runner) {
    EventLoop& loop = get_running_loop();
    for (const SocketAddress& address : runner.addresses()) {
        if (address.port() != 0) port_ = address.port();
    }
    unix_sockets_ = runner.unix_sockets();
    if (options_.handle_signals_) {
        loop.add_signal_handler(SIGINT, [this] { on_signal(); });
        loop.add_signal_handler(SIGTERM, [this] { on_signal(); });
    }
    for (unsigned number = 1; number < options_.workers_; ++number) co_await start_thread(number);
    print(runner);
}

Coro<> AppWorkers::start_thread(unsigned number) {
    // An event belongs to its loop's thread: this one outlives the other thread, which has a pointer only.
    Event* const started = started_.emplace_back(std::make_unique<Event>()).get();
    const LoopHandle loop = get_running_loop().handle();
    threads_.emplace_back([this, number, loop, started] {
        const auto tell = [&] { loop.call_soon_threadsafe([started] { started->set(); }); };
        try {
            aio::run(serve(number, tell));
            return;
        } catch (const CancelledError&) {
            return;  // by a second signal
        } catch (...) {
            const std::lock_guard lock(mutex_);
            if (!error_) error_ = std::current_exception();
        }
        stop(false);
        try {
            tell();
        } catch (const RuntimeError&) {
            // Nobody waits any more.
        }
    });
    co_await started->wait();
}

void AppWorkers::print(const AppRunner& runner) const {
    if (!options_.prints_) return;
    std::string text = "======== Running on ";
    bool first = true;
    for (const std::string& name : runner.sites()) {
        if (!std::exchange(first, false)) text += ", ";
        text += name;
    }
    text += " ========\n(Press CTRL+C to quit)";
    if (options_.print_) return options_.print_(text);
    std::puts(text.c_str());
    std::fflush(stdout);
}

int run_app(AppFactory factory, RunOptions options) {
    return AppWorkers(std::move(factory), std::move(options)).run();
}

}  // namespace detail

int run_app(Application app, RunOptions options) {
    if (options.get_workers() > 1) {
        throw ValueError(
            "run_app() of an application has one worker: give it a function that makes applications");
    }
    return detail::run_app([app = std::move(app)] { return detail::given(app); }, std::move(options));
}

}  // namespace aio::web
