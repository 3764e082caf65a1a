// SPDX-License-Identifier: MIT
#pragma once

#include <hostile/world.hpp>

#include <csignal>
#include <stdexcept>

/// What foreign code may do when it is called. All of it is allowed everywhere: what makes no sense there is
/// refused with an error, which is dropped here.
namespace aio::tests {

namespace detail {

inline Coro<> one_turn() { co_await sleep(std::chrono::seconds(0)); }

// A protocol that does nothing, whatever it is called for.
struct Idle final : Protocol {};

inline void nothing(World&) {}
inline void raise(World& w) {
    ++w.thrown;
    throw std::runtime_error("hostile");
}
inline void interrupt(World& w) {
    ++w.thrown_interrupts;
    throw KeyboardInterrupt();
}
inline void stop(World& w) { w.loop->stop(); }
inline void close_loop(World& w) { w.loop->close(); }
inline void drop_loop(World& w) { w.loop = nullptr; }
inline void drop_handles(World& w) { w.drop(); }
inline void run_again(World& w) {
    if (!w.loop->is_running()) w.loop->stop();  // one iteration
    w.loop->run_forever();
}
inline void run_another(World&) {
    const EventLoopPtr other = new_event_loop();
    other->run_until_complete(one_turn());
}
inline void cancel_all(World& w) {
    w.handled = false;
    w.handle.cancel();
    w.timer.cancel();
    if (w.future) w.future.cancel();
    if (w.any) w.any.cancel();
    if (w.task) w.task.cancel();
}
inline void call_soon(World& w) {
    w.loop->call_soon([] {});
}
inline void call_threadsafe(World& w) {
    w.loop->call_soon_threadsafe([] {});
}
inline void call_later(World& w) {
    w.loop->call_later(std::chrono::seconds(0), [] {});
}
inline void make_task(World& w) { w.loop->create_task(one_turn()); }
inline void report(World& w) { w.loop->call_exception_handler(ExceptionContext("reported")); }
inline void no_handler(World& w) {
    w.handled = false;
    w.loop->set_exception_handler(nullptr);
}

inline void complete(World& w) { w.future.set_result(); }
inline void fail(World& w) { w.future.set_exception(ValueError("failed")); }
inline void add_callback(World& w) {
    if (w.any) w.any.add_done_callback([](const AnyFuture&) {});
    w.future.add_done_callback([](const AnyFuture&) {});
}
inline void remove_callback(World& w) {
    if (w.any) w.any.remove_done_callback(w.callback);
    w.future.remove_done_callback(w.callback);
}

inline void write(World& w) { w.transport->write("text"); }
inline void write_much(World& w) { w.transport->write(std::string(300'000, 'x')); }
inline void write_owned(World& w) {
    const auto owner = std::make_shared<std::string>(100'000, 'y');
    w.transport->write(BytesView(*owner), owner);
}
inline void writelines(World& w) { w.transport->writelines(std::vector<std::string>(3, "line")); }
inline void write_pieces(World& w) {
    const auto owner = std::make_shared<std::string>(100'000, 'y');
    w.transport->writelines({"head", std::string(2000, 'z'), {*owner, owner}});
}
inline void write_eof(World& w) { w.transport->write_eof(); }
inline void close(World& w) { w.transport->close(); }
inline void abort(World& w) { w.transport->abort(); }
inline void toggle_reading(World& w) {
    if (w.transport->is_reading()) {
        w.transport->pause_reading();
    } else {
        w.transport->resume_reading();
    }
}
inline void switch_protocol(World& w) { w.transport->set_protocol(std::make_shared<Idle>()); }
inline void no_limits(World& w) { w.transport->set_write_buffer_limits(0); }
inline void peer_closes(World& w) { w.close_peer(); }

using PipeEnd = testing::MemoryPipe::End;
inline void lose_pipe(World& w) { w.pipe->lose(); }
inline void hold_pipe(World& w) { w.pipe->hold(); }
inline void release_pipe(World& w) { w.pipe->release(); }
inline void half_close_pipe(World& w) { w.pipe->shut_down(PipeEnd::second); }
inline void narrow_pipe(World& w) {
    w.pipe->set_options(testing::MemoryPipeOptions().chunk_size(1).capacity(1));
}
inline void peer_writes(World& w) {
    if (w.far) w.far->write("answer");
}
inline void peer_ends(World& w) {
    if (w.far) w.far->close();
}

inline void close_server(World& w) { w.server->close(); }
inline void close_clients(World& w) { w.server->close_clients(); }
inline void abort_clients(World& w) { w.server->abort_clients(); }

inline void watch_again(World& w) {
    w.loop->add_reader(w.ours.fd, [] {});
    w.loop->add_writer(w.ours.fd, [] {});
}
inline void stop_watching(World& w) {
    w.loop->remove_reader(w.ours.fd);
    w.loop->remove_writer(w.ours.fd);
}
inline void close_watched(World& w) {
    stop_watching(w);
    w.ours.close();
}
inline void handle_signal(World& w) {
    w.loop->add_signal_handler(SIGUSR1, [] {});
}
inline void ignore_signal(World& w) { w.loop->remove_signal_handler(SIGUSR1); }

inline void set_event(World& w) { w.event.set(); }
inline void release_lock(World& w) { w.lock.release(); }
inline void put(World& w) { w.queue.put_nowait(1); }
inline void get(World& w) { w.queue.get_nowait(); }
inline void shut_queue(World& w) { w.queue.shutdown(true); }

}  // namespace detail

inline const std::vector<Action>& all_actions() {
    namespace d = detail;
    static const std::vector<Action> actions = {
        {"nothing", has::nothing, d::nothing},
        {"throw", has::exceptions, d::raise},
        {"interrupt", has::exceptions, d::interrupt},
        {"stop", has::loop, d::stop},
        {"close the loop", has::loop, d::close_loop},
        {"drop the loop", has::nothing, d::drop_loop},
        {"drop the handles", has::nothing, d::drop_handles},
        {"run the loop", has::loop, d::run_again},
        {"run another loop", has::nothing, d::run_another},
        {"cancel", has::nothing, d::cancel_all},
        {"call_soon", has::loop, d::call_soon},
        {"call_soon_threadsafe", has::loop, d::call_threadsafe},
        {"call_later", has::loop, d::call_later},
        {"create_task", has::loop, d::make_task},
        {"report", has::loop, d::report},
        {"remove the exception handler", has::loop, d::no_handler},
        {"set_result", has::future, d::complete},
        {"set_exception", has::future, d::fail},
        {"add_done_callback", has::future, d::add_callback},
        {"remove_done_callback", has::future, d::remove_callback},
        {"write", has::transport, d::write},
        {"write much", has::transport, d::write_much},
        {"write with an owner", has::transport, d::write_owned},
        {"writelines", has::transport, d::writelines},
        {"write pieces", has::transport, d::write_pieces},
        {"write_eof", has::transport, d::write_eof},
        {"close", has::transport, d::close},
        {"abort", has::transport, d::abort},
        {"pause or resume reading", has::transport, d::toggle_reading},
        {"switch the protocol", has::transport, d::switch_protocol},
        {"no write buffer", has::transport, d::no_limits},
        {"the peer closes", has::transport, d::peer_closes},
        {"lose the pipe", has::pipe, d::lose_pipe},
        {"hold the pipe", has::pipe, d::hold_pipe},
        {"release the pipe", has::pipe, d::release_pipe},
        {"half-close the pipe", has::pipe, d::half_close_pipe},
        {"narrow the pipe", has::pipe, d::narrow_pipe},
        {"the peer writes", has::pipe, d::peer_writes},
        {"the peer ends", has::pipe, d::peer_ends},
        {"close the server", has::server, d::close_server},
        {"close the clients", has::server, d::close_clients},
        {"abort the clients", has::server, d::abort_clients},
        {"watch again", has::descriptor | has::loop, d::watch_again},
        {"stop watching", has::descriptor | has::loop, d::stop_watching},
        {"close the descriptor", has::descriptor | has::loop, d::close_watched},
        {"handle the signal", has::signal | has::loop, d::handle_signal},
        {"ignore the signal", has::signal | has::loop, d::ignore_signal},
        {"set the event", has::sync, d::set_event},
        {"release the lock", has::sync, d::release_lock},
        {"put", has::sync, d::put},
        {"get", has::sync, d::get},
        {"shut the queue down", has::sync, d::shut_queue},
    };
    return actions;
}

// --- the world -------------------------------------------------------------------------------------

namespace detail {

/// What runs now, for the message of a crash.
inline std::string running_case;
extern "C" [[gnu::weak]] void __asan_set_death_callback(void (*)());  // NOLINT

inline void say_case_at_death() {
    static const bool said = [] {
        static const std::terminate_handler before = std::set_terminate([] {
            std::fprintf(stderr, "terminated in: %s\n", running_case.c_str());
            before();
        });
        if (__asan_set_death_callback) {
            __asan_set_death_callback([] { std::fprintf(stderr, "died in: %s\n", running_case.c_str()); });
        }
        return true;
    }();
    (void)said;
}

}  // namespace detail

inline World::World(const char* place, const Action* first, const Action* second, bool& struck)
    : loop(new_event_loop()), name_(place), struck_(struck), actions_{first, second} {
    name_ += std::string(": ") + first->name;
    if (second) name_ += std::string(", ") + second->name;
    detail::running_case = name_;
    detail::say_case_at_death();
    loop->set_exception_handler([this](EventLoop&, const ExceptionContext&) { ++reports; });
}

inline World::~World() {
    // A second time each, because destructors strike and may put something back.
    for (int i = 0; i < 2; ++i) {
        drop();
        loop = nullptr;
    }
}

inline void World::act(const Action& action) {
    // With what it needs gone there is nothing to do.
    if ((action.needs & has::loop) && !loop) return;
    if ((action.needs & has::transport) && !transport) return;
    if ((action.needs & has::server) && !server) return;
    if ((action.needs & has::future) && !future) return;
    if ((action.needs & has::pipe) && !pipe) return;
    if (action.needs & has::exceptions) {
        action.run(*this);
        return;
    }
    try {
        action.run(*this);
    } catch (const std::exception&) {  // refused
    }
}

inline void World::strike(const char* what, int at_most) {
    struck_ = true;
    EXPECT_LE(++calls_[what], at_most) << name_ << ": " << what;
    if (strikes_left_ == 0) return;
    --strikes_left_;
    for (const Action* action : actions_) {
        if (action) act(*action);
    }
}

inline void World::turns(int count) {
    for (; count > 0 && up(); --count) {
        loop->stop();
        try {
            loop->run_forever();
        } catch (const KeyboardInterrupt&) {
            ++interrupts;
        }
    }
}

inline void World::drop() {
    // From locals, so that what a destructor puts into the members is not lost.
    [](auto...) {}(std::exchange(handle, {}), std::exchange(timer, {}), std::exchange(callback, {}),
                   std::exchange(transport, {}), std::exchange(task, {}), std::exchange(future, {}),
                   std::exchange(any, {}), std::exchange(server, {}), std::exchange(generator, {}),
                   std::exchange(far, {}), std::exchange(pipe, {}));
    for (const auto& more : std::exchange(let_go, {})) more();
}

inline void World::close_peer() {
    peer.close();
    if (const Ref<Transport> gone = std::exchange(far, nullptr)) gone->abort();
}

inline void World::check_loop() {
    if (!up()) return;
    bool ran = false;
    loop->call_soon([&ran] { ran = true; });
    turns(4);
    EXPECT_TRUE(ran || !up()) << name_;
    if (!handled) return;
    EXPECT_TRUE(thrown_interrupts == 0 || interrupts > 0) << name_;
    EXPECT_TRUE(thrown == 0 || reports + errors > 0) << name_;
}

inline void everything(std::uint32_t what, const std::function<void(World&)>& place) {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    std::vector<const Action*> usable;
    for (const Action& action : all_actions()) {
        if ((action.needs & ~(what | has::loop)) == 0) usable.push_back(&action);
    }
    const auto run = [&](const Action* first, const Action* second) {
        Hostile::alive = 0;
        bool struck = false;
        {
            World world(info->name(), first, second, struck);
            place(world);
            world.check_loop();
        }
        EXPECT_TRUE(struck) << detail::running_case;
        EXPECT_EQ(Hostile::alive, 0) << detail::running_case;
    };
    for (const Action* first : usable) {
        run(first, nullptr);
        if (first->needs & has::exceptions) continue;
        for (const Action* second : usable) run(first, second);
    }
}

}  // namespace aio::tests
