// SPDX-License-Identifier: MIT
// The settings in which every test must hold, because a program may have more loops than the one that it
// looks at. AIO_TEST_SETTING says which (./dev test settings):
//   reborn   each test's loop stands where another one died with work in it
//   in_turn  another loop of the thread lives on and runs before and after each test
//   beside   another thread runs a loop while the test runs
// and one for what connections are made of:
//   forwarded  another transport stands before each that connects or is accepted
// In all of them a test begins when the threads of look-ups that the last one has left to themselves have
// ended.
#include <aio/aio.hpp>
#include <support/fd.hpp>
#include <support/forwarding_transport.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

// A loop with something of all that can wait in one.
class OtherLoop {
public:
    OtherLoop() {
        loop->set_exception_handler([](EventLoop&, const ExceptionContext&) {});  // it dies with work in it
        loop->add_reader(pipe.a.fd, [this] { static_cast<void>(pipe.a.recv()); });
        loop->call_later(1h, [] {});
        keep([this] { return tick(); });
        iterate();
        keep([] { return sleep(1h); });
        keep([this] { return event.wait(); });
        keep([this] { return queue.get(); });
        keep([this] { return wait_for(event.wait(), 1h); });
    }
    /// `begun` is called when the first thread has worked. By then the loop's part of the process is in
    /// place; before, it looks into /sys for the number of processors, and tests count descriptors.
    void work_in_threads(std::function<void()> begun) {
        keep([this, begun] { return talk(begun); });
    }
    /// A few iterations. Throws if it did not go on by as many.
    void turn() {
        const int before = ticks;
        for (int i = 0; i < 3; ++i) iterate();
        if (ticks != before + 3) throw std::logic_error("the other loop was disturbed");
    }

    EventLoopPtr loop = new_event_loop();
    int ticks = 0;

private:
    void iterate() {
        pipe.b.send("!");
        loop->stop();
        loop->run_forever();
    }
    template <class F>
    void keep(F begin) {
        tasks.push_back(loop->create_task(std::move(begin)));
    }
    Coro<> tick() {
        for (;; ++ticks) co_await sleep(0s);
    }
    Coro<> talk(std::function<void()> begun) {
        co_await to_thread([] {});
        begun();
        for (;;) {
            co_await sleep(1ms);
            co_await to_thread([] {});
        }
    }

    SocketPair pipe;
    Event event;
    Queue<int> queue;
    std::vector<AnyTask> tasks;
};

class Reborn final : public ::testing::EmptyTestEventListener {
    void OnTestStart(const ::testing::TestInfo&) override {
        OtherLoop other;
        other.turn();
    }
};

class InTurn final : public ::testing::EmptyTestEventListener {
    void OnTestStart(const ::testing::TestInfo&) override { other_->turn(); }
    void OnTestEnd(const ::testing::TestInfo&) override { other_->turn(); }
    void OnTestProgramStart(const ::testing::UnitTest&) override { other_.emplace(); }
    void OnTestProgramEnd(const ::testing::UnitTest&) override { other_.reset(); }
    std::optional<OtherLoop> other_;
};

std::set<int> open_now() {
    std::set<int> open;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        open.insert(std::stoi(entry.path().filename()));
    }
    std::erase_if(open, [](int fd) { return ::fcntl(fd, F_GETFD) < 0; });  // the folder's own
    return open;
}

class Beside final : public ::testing::EmptyTestEventListener {
    void OnTestStart(const ::testing::TestInfo&) override {
        const std::set<int> before = open_now();
        std::promise<EventLoop*> begun;
        thread_ = new std::thread([&] {
            OtherLoop other;
            other.work_in_threads([&] { begun.set_value(other.loop.get()); });
            other.loop->run_forever();
            if (other.ticks == 0) ADD_FAILURE() << "the other loop stood still";
        });
        other_ = begun.get_future().get();
        its_descriptors_ = open_now();
        std::erase_if(its_descriptors_, [&](int fd) { return before.contains(fd); });
    }
    // A call that waits for its thread when the loop ends keeps the loop's inbox for a while, and the next
    // test counts descriptors. What is open after ten seconds stays, and is for that test to tell.
    void OnTestEnd(const ::testing::TestInfo&) override {
        other_->call_soon_threadsafe([loop = other_] { loop->stop(); });
        thread_->join();
        delete thread_;
        const auto open = [](int fd) { return ::fcntl(fd, F_GETFD) >= 0; };
        const auto end = std::chrono::steady_clock::now() + 10s;
        while (std::ranges::any_of(its_descriptors_, open) && std::chrono::steady_clock::now() < end)
            std::this_thread::yield();
    }
    std::thread* thread_ = nullptr;  // nothing that would be destroyed: a child may fork and exit in a test
    EventLoop* other_ = nullptr;
    std::set<int> its_descriptors_;
};

class ForwardedSetting final : public ::testing::EmptyTestEventListener {
    void OnTestProgramStart(const ::testing::UnitTest&) override {
        aio::detail::set_default_transport_factory(std::make_shared<ForwardingFactory>(counts_));
    }
    Forwarded counts_;
};

// A thread that looks up a name nobody waits for any more has a file or a socket open, and keeps its loop's
// inbox, while the next test counts descriptors. What goes on after ten seconds does, and is for that test to
// tell.
class LookUps final : public ::testing::EmptyTestEventListener {
    void OnTestEnd(const ::testing::TestInfo&) override {
        const auto end = std::chrono::steady_clock::now() + 10s;
        while (go_on() && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    }
    static bool go_on() {
        std::error_code ended;  // a thread, meanwhile
        for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task", ended)) {
            std::ifstream file(thread.path() / "comm");
            std::string name;
            if (std::getline(file, name) && name == "getaddrinfo") return true;
        }
        return false;
    }
};

::testing::TestEventListener* make_setting(std::string_view name) {
    if (name == "reborn") return new Reborn();
    if (name == "in_turn") return new InTurn();
    if (name == "beside") return new Beside();
    if (name == "forwarded") return new ForwardedSetting();
    throw std::invalid_argument("AIO_TEST_SETTING: there is no " + std::string(name));
}

const bool kSet = [] {
    ::testing::TestEventListeners& listeners = ::testing::UnitTest::GetInstance()->listeners();
    const char* const name = std::getenv("AIO_TEST_SETTING");
    if (name) listeners.Append(make_setting(name));
    listeners.Append(new LookUps());
    return name != nullptr;
}();

}  // namespace
}  // namespace aio::tests
