// SPDX-License-Identifier: MIT
#pragma once

#include <support/fd.hpp>

#include <aio/aio.hpp>
#include <aio/testing/memory_pipe.hpp>

#include <gtest/gtest.h>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Foreign code that does its worst: whatever the library calls may call back into what called it.
///
/// A place is one such call: a test sets it up and has it happen. An action is what the foreign code does
/// then. everything() runs a place with every action, and with every two of them one after the other.
namespace aio::tests {

class World;

/// What a place has, so which actions make sense there. A set of bits.
namespace has {
inline constexpr std::uint32_t nothing = 0;
inline constexpr std::uint32_t transport = 1;
inline constexpr std::uint32_t server = 2;
inline constexpr std::uint32_t descriptor = 4;
inline constexpr std::uint32_t signal = 8;
inline constexpr std::uint32_t future = 16;
inline constexpr std::uint32_t sync = 32;
inline constexpr std::uint32_t generator = 64;
inline constexpr std::uint32_t pipe = 128;
/// The place may let exceptions out. Without it, it is a destructor or the like.
inline constexpr std::uint32_t exceptions = 1024;
/// For actions: the loop must be there.
inline constexpr std::uint32_t loop = 2048;
}  // namespace has

struct Action {
    const char* name;
    std::uint32_t needs;
    void (*run)(World&);
};

/// All of them (actions.hpp).
const std::vector<Action>& all_actions();

/// Where the foreign code strikes: a loop, and what a place may have besides.
class World {
public:
    /// `struck` is set when the foreign code is called.
    World(const char* place, const Action* first, const Action* second, bool& struck);
    World(const World&) = delete;
    World& operator=(const World&) = delete;
    ~World();

    /// The foreign code was called as `what`, which may happen `at_most` times: does what it does.
    void strike(const char* what, int at_most = 1000);

    /// Whether the loop can still be used.
    bool up() const noexcept { return loop && !loop->is_closed(); }
    /// That many iterations, or until the loop is gone.
    void turns(int count = 5);
    /// Lets go of all handles.
    void drop();
    /// The peer of a connection is gone.
    void close_peer();
    /// The loop must go on as if nothing had happened.
    void check_loop();
    const std::string& name() const noexcept { return name_; }

    EventLoopPtr loop;
    Handle handle;
    TimerHandle timer;
    Future<> future;
    AnyFuture any;  // of another type
    AnyTask task;
    DoneCallback callback;
    Ref<Transport> transport;
    std::shared_ptr<BaseProtocol> other_protocol;  // to switch to
    std::optional<Server> server;
    Fd ours, peer;
    Ref<Transport> far;  // the peer of a connection in memory
    std::optional<testing::MemoryPipe> pipe;
    std::optional<AsyncGenerator<int>> generator;
    Event event;
    Lock lock;
    Queue<int> queue{2};
    std::vector<std::function<void()>> let_go;  // more that drop() does

    int reports = 0;
    int interrupts = 0;  // that left run_forever()
    int thrown = 0;
    int errors = 0;       // that came out elsewhere
    bool handled = true;  // reports are counted
    int thrown_interrupts = 0;

private:
    void act(const Action& action);

    std::string name_;
    bool& struck_;
    const Action* actions_[2];
    int strikes_left_ = 3;
    std::map<std::string, int> calls_;
};

/// What is alive of it is counted; strikes when it is destroyed.
class Hostile {
public:
    static inline int alive = 0;

    explicit Hostile(World& world, const char* what = "destructor") : world_(&world), what_(what) { ++alive; }
    Hostile(Hostile&& other) noexcept : world_(std::exchange(other.world_, nullptr)), what_(other.what_) {
        ++alive;
    }
    Hostile& operator=(Hostile&& other) noexcept {
        Hostile old(std::move(*this));
        world_ = std::exchange(other.world_, nullptr);
        what_ = other.what_;
        return *this;
    }
    ~Hostile() {
        --alive;
        if (world_) std::exchange(world_, nullptr)->strike(what_, 1);
    }
    /// From now on it is like any other object.
    void disarm() noexcept { world_ = nullptr; }

private:
    World* world_;
    const char* what_;
};

/// Runs `place` with every action, and with every two, that make sense where there is `what`.
void everything(std::uint32_t what, const std::function<void(World&)>& place);

}  // namespace aio::tests
