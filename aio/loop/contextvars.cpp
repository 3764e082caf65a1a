// SPDX-License-Identifier: MIT
#include <aio/base/ref.hpp>
#include <aio/loop/contextvars.hpp>

#include <algorithm>
#include <vector>

namespace aio {
namespace detail {

// Immutable once it is visible. Programs have a handful of variables, so a flat array that is copied
// on every set() beats a tree.
class ContextMap {
public:
    struct Entry {
        std::uint64_t id;
        std::shared_ptr<const void> value;
    };

    explicit ContextMap(std::vector<Entry> entries) : entries_(std::move(entries)) {}

    const std::vector<Entry>& entries() const noexcept { return entries_; }
    void add_ref() const noexcept { refs_.fetch_add(1, std::memory_order_relaxed); }
    void release() const noexcept {
        if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
    }

private:
    ~ContextMap() = default;
    mutable std::atomic<std::uint32_t> refs_{1};
    std::vector<Entry> entries_;
};

namespace {

ContextObject* shared_object(std::uintptr_t bits) noexcept {
    return reinterpret_cast<ContextObject*>(bits & ~std::uintptr_t{1});
}

}  // namespace

ContextSlot ContextSlot::share(const Context& context) {
    ContextSlot slot;
    context.object("a Context argument").add_ref();
    slot.bits_ = reinterpret_cast<std::uintptr_t>(context.object_) | kShared;
    return slot;
}

Context ContextSlot::to_context() {
    if (!(bits_ & kShared)) {
        auto* object = new ContextObject(reinterpret_cast<const ContextMap*>(bits_));
        object->identity = this;
        if (bits_) reinterpret_cast<const ContextMap*>(bits_)->release();  // the object holds its own now
        bits_ = reinterpret_cast<std::uintptr_t>(object) | kShared;
    }
    ContextObject* object = shared_object(bits_);
    object->add_ref();
    return Context(object);
}

void ContextSlot::assign(const ContextMap* map) noexcept {
    if (bits_ & kShared) {
        shared_object(bits_)->slot.assign(map);
        return;
    }
    if (map) map->add_ref();
    const std::uintptr_t old = std::exchange(bits_, reinterpret_cast<std::uintptr_t>(map));
    if (old) reinterpret_cast<const ContextMap*>(old)->release();  // last: values' destructors may look here
}

const void* ContextSlot::identity() const noexcept {
    return bits_ & kShared ? shared_object(bits_)->identity : this;
}

void ContextSlot::drop() noexcept {
    const std::uintptr_t old = std::exchange(bits_, 0);
    if (old & kShared) {
        shared_object(old)->release();
    } else {
        reinterpret_cast<const ContextMap*>(old)->release();
    }
}

ContextSlot& current_context_slot() {
    if (!here.context) {
        thread_local ContextSlot root;  // the context of code outside any loop
        here.context = &root;
    }
    return *here.context;
}

std::uint64_t next_context_variable_id() noexcept {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
}

std::shared_ptr<const void> context_get(const ContextSlot& slot, std::uint64_t id) {
    if (const ContextMap* map = slot.map()) {
        for (const ContextMap::Entry& entry : map->entries()) {
            if (entry.id == id) return entry.value;
        }
    }
    return nullptr;
}

void context_set(ContextSlot& slot, std::uint64_t id, std::shared_ptr<const void> value) {
    std::vector<ContextMap::Entry> entries;
    if (const ContextMap* map = slot.map()) entries = map->entries();
    const auto same = [id](const ContextMap::Entry& entry) { return entry.id == id; };
    const auto found = std::find_if(entries.begin(), entries.end(), same);
    if (found != entries.end()) {
        if (value) {
            found->value = std::move(value);
        } else {
            entries.erase(found);
        }
    } else if (value) {
        entries.push_back({id, std::move(value)});
    }
    const ContextMap* map = entries.empty() ? nullptr : new ContextMap(std::move(entries));
    slot.assign(map);
    if (map) map->release();
}

std::size_t context_size(const ContextSlot& slot) noexcept {
    const ContextMap* map = slot.map();
    return map ? map->entries().size() : 0;
}

}  // namespace detail

Context::Context() : object_(new detail::ContextObject(nullptr)) {}

Context::Context(const Context& other) noexcept : object_(other.object_) {
    if (object_) object_->add_ref();
}

Context::~Context() {
    if (object_) object_->release();
}

detail::ContextObject& Context::object(const char* call) const {
    if (!object_) detail::raise_empty_handle(call);
    return *object_;
}

Context Context::copy() const {
    return Context(new detail::ContextObject(object("Context.copy()").slot.map()));
}

std::shared_ptr<const void> Context::lookup(std::uint64_t id) const {
    return detail::context_get(object("Context.get()").slot, id);
}

std::size_t Context::size() const { return detail::context_size(object("Context.size()").slot); }

Context::Entered::Entered(Context& context) : object(&context.object("Context.run()")) {
    if (object->entered) throw RuntimeError("cannot enter context: it is already entered");
    object->add_ref();
    object->entered = true;
    previous = std::exchange(detail::here.context, &object->slot);
}

Context::Entered::~Entered() {
    detail::here.context = previous;
    object->entered = false;
    object->release();
}

Context copy_context() {
    const detail::ContextSlot* current = detail::here.context;
    return Context(new detail::ContextObject(current ? current->map() : nullptr));
}

}  // namespace aio
