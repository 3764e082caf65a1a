// SPDX-License-Identifier: MIT
#include <aio/base/at_fork_impl.hpp>
#include <aio/base/error.hpp>
#include <aio/base/traceback.hpp>

#include <unwind.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>
#include <ranges>
#include <unordered_map>
#include <utility>

namespace aio {
namespace detail {
namespace {

// What stands before a thrown object, from the C++ ABI that gcc and clang share (itanium-cxx-abi, "Exception
// Objects"). Only of 64-bit machines: elsewhere there are no tracebacks.
struct ThrownHeader {
    const std::type_info* type;
    void (*destroy)(void*);  // of the object; null if there is nothing to do
    void (*unexpected_handler)();
    void (*terminate_handler)();
    void* next;
    int handler_count;
    int handler_switch_value;
    const void* action_record;
    const void* language_specific_data;
    void* catch_temp;
    void* adjusted;
    _Unwind_Exception unwind_header;
};

// Null if this is another ABI after all.
ThrownHeader* header_of(const std::exception_ptr& error) noexcept {
    if (sizeof(void*) != 8 || !error) return nullptr;
    ThrownHeader* header = static_cast<ThrownHeader*>(object_of(error)) - 1;
    return header->type == error.__cxa_exception_type() ? header : nullptr;
}

// Steps form a tree: errors that several have awaited branch where they were kept.
struct Step {
    Step* inner;
    std::uint32_t references;  // with the lock of their exception's shard
    std::uint32_t depth;
    SourceLocation location;
    std::uint32_t line;
    ErrorPlace place;
};
constexpr std::uint32_t kDeepest = 1000;

Step* shared(Step* step) noexcept {
    if (step) ++step->references;
    return step;
}

void drop(Step* step) noexcept {
    while (step && --step->references == 0) delete std::exchange(step, step->inner);
}

struct Entry {
    void (*destroy_object)(void*) = nullptr;
    Step* last = nullptr;
    bool inside = false;  // of the coroutine that the last step names: it has not left it yet
    bool called = false;  // thrown by a call last, such as Future::result()
    std::unordered_map<const void*, Step*> kept;
};

struct Shard {
    std::mutex mutex;
    std::unordered_map<const void*, Entry>* entries = nullptr;
};
constexpr std::size_t kShards = 16;
constinit Immortal<std::array<Shard, kShards>> shards;

Shard& shard_of(const void* object) noexcept {
    return shards.value[(reinterpret_cast<std::uintptr_t>(object) >> 7) % kShards];
}

[[gnu::init_priority(60000)]] const AtFork at_fork(
    [] {
        for (Shard& shard : shards.value) shard.mutex.lock();
    },
    [] {
        for (Shard& shard : shards.value) shard.mutex.unlock();
    },
    [] {
        for (Shard& shard : shards.value) shard.mutex.unlock();
    });

// In the place of the destructor of an object that has an entry.
#ifdef __clang__
[[clang::no_sanitize("function")]]  // a destructor is called by what the ABI calls it by
#endif
void
destroy_with_entry(void* object) {
    Shard& shard = shard_of(object);
    std::unordered_map<const void*, Entry>::node_type node;
    {
        const std::lock_guard lock(shard.mutex);
        node = shard.entries->extract(object);
    }
    Entry& entry = node.mapped();
    drop(entry.last);
    for (auto& [holder, step] : entry.kept) drop(step);
    if (entry.destroy_object) entry.destroy_object(object);
}

// With the lock. Null if there is none, and none is made.
Entry* find_entry(Shard& shard, const void* object) noexcept {
    if (!shard.entries) return nullptr;
    const auto place = shard.entries->find(object);
    return place == shard.entries->end() ? nullptr : &place->second;
}

Entry& entry_for(Shard& shard, void* object, ThrownHeader& header) {
    if (Entry* entry = find_entry(shard, object)) return *entry;
    if (!shard.entries) shard.entries = new std::unordered_map<const void*, Entry>;
    Entry& entry = (*shard.entries)[object];
    entry.destroy_object = std::exchange(header.destroy, destroy_with_entry);
    return entry;
}

void add_step(Entry& entry, const SourceLocation& location, unsigned line, ErrorPlace place) {
    if (entry.last && entry.last->depth == kDeepest) {  // the outermost is always there
        Step* const inner = shared(entry.last->inner);
        drop(std::exchange(entry.last, inner));
    }
    const std::uint32_t depth = entry.last ? entry.last->depth + 1 : 1;
    entry.last = new Step{entry.last, 1, depth, location, line, place};
}

// The error is thrown into the coroutine that awaits at `at`, or by a call if that has no line.
void enter(Entry& entry, SourceLocation at) {
    entry.inside = at.line() != 0;
    entry.called = !entry.inside;
    if (entry.inside) add_step(entry, at, at.line(), ErrorPlace::await);
}

// Whether an await in `at` is one of the function `coroutine`. Compilers do not always spell both alike.
bool same_function(SourceLocation at, SourceLocation coroutine) {
    if (at.function_name() == coroutine.function_name()) return true;
    if (std::strcmp(at.file_name(), coroutine.file_name()) != 0) return false;
    return std::strcmp(at.function_name(), coroutine.function_name()) == 0 ||
           function_name(at) == function_name(coroutine);
}

// Runs change(entry) with the lock; unless `only_old` also for what has no entry yet.
template <class F>
void change_entry(const std::exception_ptr& error, F change, bool only_old = false) noexcept {
    ThrownHeader* header = header_of(error);
    if (!header) return;
    void* const object = object_of(error);
    Shard& shard = shard_of(object);
    try {
        const std::lock_guard lock(shard.mutex);
        if (only_old && !find_entry(shard, object)) return;
        change(entry_for(shard, object, *header));
    } catch (const std::bad_alloc&) {  // the step is missing
    }
}

// Outermost first; without the coroutine that it is in, if that is to be left out.
std::vector<FrameSummary> steps_of(const std::exception_ptr& error, bool left_only = false) {
    std::vector<FrameSummary> steps;
    if (!header_of(error)) return steps;
    Shard& shard = shard_of(object_of(error));
    const std::lock_guard lock(shard.mutex);
    const Entry* entry = find_entry(shard, object_of(error));
    if (!entry) return steps;
    const Step* const last = left_only && entry->inside && entry->last ? entry->last->inner : entry->last;
    for (const Step* step = last; step; step = step->inner) {
        steps.push_back({step->location, step->line, step->place});
    }
    return steps;
}

}  // namespace

// Where cancellations are not written down from the beginning, they are not at all.
void note_thrown_at(SourceLocation at, const std::exception_ptr& error) noexcept {
    change_entry(error, [&](Entry& entry) { enter(entry, at); }, is_cancelled_error(error));
}

void inherit_traceback(const std::exception_ptr& error, const std::exception_ptr& cause) noexcept {
    try {
        const std::vector<FrameSummary> way = steps_of(cause, true);
        if (way.empty()) return;
        change_entry(error, [&](Entry& entry) {
            for (const FrameSummary& frame : std::views::reverse(way))
                add_step(entry, frame.location, frame.line, frame.place);
        });
    } catch (const std::bad_alloc&) {  // the steps are missing
    }
}

void note_left_by(SourceLocation coroutine, unsigned await_line, bool stands_in,
                  const std::exception_ptr& error) noexcept {
    install_terminate_handler();
    change_entry(error, [&](Entry& entry) {
        const bool known = std::exchange(entry.inside, false) && entry.last &&
                           (stands_in || same_function(entry.last->location, coroutine));
        if (known) return;
        if (await_line == 0) {
            add_step(entry, coroutine, coroutine.line(), ErrorPlace::somewhere);
        } else {
            const bool cancelled = is_cancelled_error(error) && !entry.called;  // thrown by what waits
            add_step(entry, coroutine, await_line, cancelled ? ErrorPlace::await : ErrorPlace::after_await);
        }
    });
}

void keep_traceback(const void* holder, const std::exception_ptr& error) noexcept {
    change_entry(error, [&](Entry& entry) {
        Step*& way = entry.kept[holder];
        drop(std::exchange(way, shared(entry.last)));
    });
}

void forget_traceback(const void* holder, const std::exception_ptr& error) noexcept {
    if (!header_of(error)) return;
    Shard& shard = shard_of(object_of(error));
    const std::lock_guard lock(shard.mutex);
    Entry* entry = find_entry(shard, object_of(error));
    if (!entry) return;
    const auto place = entry->kept.find(holder);
    if (place == entry->kept.end()) return;
    drop(place->second);
    entry->kept.erase(place);
}

void note_kept(const void* holder, SourceLocation at, const std::exception_ptr& error) noexcept {
    change_entry(error, [&](Entry& entry) {
        const auto place = entry.kept.find(holder);
        if (place != entry.kept.end()) drop(std::exchange(entry.last, shared(place->second)));
        enter(entry, at);
    });
}

std::size_t live_tracebacks() noexcept {
    std::size_t count = 0;
    for (Shard& shard : shards.value) {
        const std::lock_guard lock(shard.mutex);
        if (shard.entries) count += shard.entries->size();
    }
    return count;
}

}  // namespace detail

std::vector<FrameSummary> traceback(const std::exception_ptr& error) {
    std::vector<FrameSummary> frames = detail::steps_of(error);
    std::erase_if(frames, [](const FrameSummary& frame) { return detail::is_in_detail(frame.location); });
    return frames;
}

}  // namespace aio
