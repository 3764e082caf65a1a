// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/invoke.hpp>
#include <aio/base/error.hpp>
#include <aio/base/memory.hpp>
#include <aio/loop/detail/here.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

/// Context variables: values that follow a task instead of a thread. Mirrors the module contextvars.
///
/// They live in the loop's layer because every handle carries a context.
namespace aio {

class Context;

namespace detail {

class ContextMap;  // immutable set of (variable, value); shared by reference count, also across threads
class ContextObject;

/// Where running code finds its context: one word that holds a map of its own or a shared Context.
///
/// A task and a handle have one each. Copying an empty one costs nothing.
class ContextSlot {
public:
    ContextSlot() noexcept = default;
    ContextSlot(ContextSlot&& other) noexcept : bits_(std::exchange(other.bits_, 0)) {}
    ContextSlot& operator=(ContextSlot&& other) noexcept {
        std::swap(bits_, other.bits_);
        return *this;
    }
    ~ContextSlot() {
        if (bits_) drop();
    }

    /// A copy of what the calling thread runs in (copy_context()).
    static ContextSlot copy_current();
    /// The very same context, so that changes show in it (the context= arguments).
    static ContextSlot share(const Context& context);

    /// The Context object of this slot; from now on both are the same.
    Context to_context();

    const ContextMap* map() const noexcept;
    void assign(const ContextMap* map) noexcept;  // shares the map
    const void* identity() const noexcept;

private:
    static constexpr std::uintptr_t kShared = 1;
    void drop() noexcept;
    std::uintptr_t bits_ = 0;  // 0, or a ContextMap*, or a ContextObject* with bit 0 set
};

ContextSlot& current_context_slot();

/// A mutable place for a map, shared by everybody who holds the same Context.
class ContextObject {
public:
    explicit ContextObject(const ContextMap* map) noexcept { slot.assign(map); }
    void add_ref() noexcept { refs_.fetch_add(1, std::memory_order_relaxed); }
    void release() noexcept {
        if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
    }

    ContextSlot slot;
    const void* identity = this;  ///< that of the slot it was made of: tokens from before stay valid
    bool entered = false;

private:
    ~ContextObject() = default;
    std::atomic<std::uint32_t> refs_{1};
};

inline const ContextMap* ContextSlot::map() const noexcept {
    if (bits_ & kShared) return reinterpret_cast<const ContextObject*>(bits_ & ~kShared)->slot.map();
    return reinterpret_cast<const ContextMap*>(bits_);
}

inline ContextSlot ContextSlot::copy_current() {
    ContextSlot copy;
    if (here.context && here.context->bits_) {  // run() gives its main task a shared Context
        if (const ContextMap* map = here.context->map()) [[unlikely]]
            copy.assign(map);
    }
    return copy;
}

/// Makes `slot` the current context for a scope.
class ContextScope {
public:
    explicit ContextScope(ContextSlot& slot) noexcept : previous_(std::exchange(here.context, &slot)) {}
    ContextScope(const ContextScope&) = delete;
    ContextScope& operator=(const ContextScope&) = delete;
    ~ContextScope() { here.context = previous_; }

private:
    ContextSlot* previous_;
};

// Values are shared and never changed, so a copied context costs one reference.
std::uint64_t next_context_variable_id() noexcept;
std::shared_ptr<const void> context_get(const ContextSlot& slot, std::uint64_t id);
void context_set(ContextSlot& slot, std::uint64_t id, std::shared_ptr<const void> value);
std::size_t context_size(const ContextSlot& slot) noexcept;

}  // namespace detail

template <class T>
class ContextVar;
template <class T>
class TokenScope;

/// What reset() needs to undo a set(). Mirrors contextvars.Token.
template <class T>
class Token {
public:
    Token(Token&&) noexcept = default;
    Token& operator=(Token&&) noexcept = default;

    const ContextVar<T>& var() const noexcept { return *var_; }
    /// The value before set(); none stands for Token.MISSING.
    std::optional<T> old_value() const {
        return old_ ? std::optional<T>(*static_cast<const T*>(old_.get())) : std::nullopt;
    }

private:
    friend class ContextVar<T>;
    friend class TokenScope<T>;
    Token(const ContextVar<T>* var, std::shared_ptr<const void> old, const void* context)
        : var_(var), old_(std::move(old)), context_(context) {}
    const ContextVar<T>* var_;
    std::shared_ptr<const void> old_;
    const void* context_;
    bool used_ = false;
};

/// A variable with one value per context. Mirrors contextvars.ContextVar.
///
/// Make it a global or a static: contexts that hold a value of it may outlive any scope.
/// Threads: any; each thread and each task sees its own context.
template <class T>
class ContextVar {
public:
    explicit ContextVar(std::string name) : name_(std::move(name)) {}
    ContextVar(std::string name, T default_value)
        : name_(std::move(name)), default_(std::move(default_value)) {}
    ContextVar(const ContextVar&) = delete;
    ContextVar& operator=(const ContextVar&) = delete;

    const std::string& name() const noexcept { return name_; }

    /// The value in the current context, else the default. Throws LookupError where there is neither.
    T get() const {
        if (const T* value = find()) return *value;
        if (default_) return *default_;
        throw LookupError("context variable '" + name_ + "' has no value in this context and no default");
    }

    /// The value in the current context, else `fallback`.
    T get(T fallback) const {
        const T* value = find();
        return value ? *value : std::move(fallback);
    }

    /// Sets the value for the current context only.
    Token<T> set(T value) const {
        detail::ContextSlot& slot = detail::current_context_slot();
        auto old = detail::context_get(slot, id_);
        detail::context_set(slot, id_, std::make_shared<const T>(std::move(value)));
        return Token<T>(this, std::move(old), slot.identity());
    }

    /// Restores what was there before the set() that returned `token`.
    /// Throws RuntimeError for a token used twice, ValueError for another variable's or context's token.
    void reset(Token<T>& token) const {
        detail::ContextSlot& slot = detail::current_context_slot();
        if (token.used_) throw RuntimeError("Token of '" + name_ + "' has already been used once");
        if (token.var_ != this) throw ValueError("Token was created by a different ContextVar");
        if (token.context_ != slot.identity()) throw ValueError("Token was created in a different Context");
        token.used_ = true;
        detail::context_set(slot, id_, token.old_);
    }
    void reset(Token<T>&& token) const { reset(token); }

private:
    friend class Context;
    const T* find() const {
        if (!detail::here.context) return nullptr;
        return static_cast<const T*>(detail::context_get(*detail::here.context, id_).get());
    }
    std::string name_;
    std::optional<T> default_;
    std::uint64_t id_ = detail::next_context_variable_id();
};

/// `with var.set(value):` of Python 3.14: resets the variable at the end of the scope, unless reset() was
/// called before or the scope ends in another context.
///
///     const TokenScope scope(var.set(value));
template <class T>
class [[nodiscard]] TokenScope {
public:
    explicit TokenScope(Token<T> token) noexcept : token_(std::move(token)) {}
    TokenScope(const TokenScope&) = delete;
    TokenScope& operator=(const TokenScope&) = delete;
    ~TokenScope() {
        if (token_.used_ || token_.context_ != detail::current_context_slot().identity()) return;
        token_.var().reset(token_);
    }
    Token<T>& token() noexcept { return token_; }

private:
    Token<T> token_;
};

/// A set of context variable values that code can run in. Mirrors contextvars.Context.
///
/// Copies of the handle are the same context; copy() makes a new one. One that was moved from is empty, and
/// its functions throw RuntimeError. It is looked up by variable, as a mapping is, but not iterated over: its
/// values have different types.
class Context {
public:
    /// An empty context.
    Context();
    Context(const Context& other) noexcept;
    Context(Context&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    Context& operator=(Context other) noexcept {
        std::swap(object_, other.object_);
        return *this;
    }
    ~Context();

    /// A new context with the same values.
    Context copy() const;

    /// Calls fn(args...) in this context; what it sets stays in the context.
    /// Throws RuntimeError if the context is entered already.
    template <class F, class... Args>
    decltype(auto) run(F&& fn, Args&&... args) {
        const Entered scope(*this);
        return detail::invoke(std::forward<F>(fn), std::forward<Args>(args)...);
    }

    /// Value of `var` in this context. Throws LookupError if it is not set here.
    template <class T>
    T operator[](const ContextVar<T>& var) const {
        auto value = lookup(var.id_);
        if (!value) throw LookupError("context variable '" + var.name() + "' is not set in this Context");
        return *static_cast<const T*>(value.get());
    }
    /// The same, else `fallback`.
    template <class T>
    T get(const ContextVar<T>& var, T fallback) const {
        auto value = lookup(var.id_);
        return value ? *static_cast<const T*>(value.get()) : std::move(fallback);
    }
    template <class T>
    bool contains(const ContextVar<T>& var) const {
        return lookup(var.id_) != nullptr;
    }
    /// How many variables are set.
    std::size_t size() const;

    friend bool operator==(const Context& a, const Context& b) noexcept { return a.object_ == b.object_; }

private:
    friend class detail::ContextSlot;
    friend Context copy_context();
    struct Entered {
        explicit Entered(Context& context);
        Entered(const Entered&) = delete;
        Entered& operator=(const Entered&) = delete;
        ~Entered();
        detail::ContextObject* object;  // holds a reference: fn may drop the last handle
        detail::ContextSlot* previous;
    };
    explicit Context(detail::ContextObject* object) noexcept : object_(object) {}
    std::shared_ptr<const void> lookup(std::uint64_t id) const;
    detail::ContextObject& object(const char* call) const;
    detail::ContextObject* object_;
};

/// A copy of the current context. Mirrors contextvars.copy_context().
Context copy_context();

}  // namespace aio
