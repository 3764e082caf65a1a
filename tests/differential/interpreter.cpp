// SPDX-License-Identifier: MIT
#include "interpreter.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

namespace aio::differential {
namespace {

constexpr std::chrono::microseconds kTick{15625};  // 1/64 s
constexpr int kPatience = 1000;                    // ticks after which a program counts as stuck
constexpr int kRounds = 20;                        // how often its tasks are cancelled then

}  // namespace

const std::map<std::string_view, Interpreter::Action> Interpreter::kActions = {
    {"print", &Interpreter::do_print},
    {"spawn", &Interpreter::do_spawn},
    {"cancel", &Interpreter::do_cancel},
    {"raise", &Interpreter::do_raise},
    {"cancelling", &Interpreter::do_cancelling},
    {"uncancel", &Interpreter::do_uncancel},
    {"future", &Interpreter::do_future},
    {"set", &Interpreter::do_set},
    {"fail", &Interpreter::do_fail},
    {"callback", &Interpreter::do_callback},
    {"soon", &Interpreter::do_soon},
    {"later", &Interpreter::do_later},
    {"state", &Interpreter::do_state},
    {"arriving", &Interpreter::do_arriving},
    {"event_set", &Interpreter::do_event_set},
    {"event_clear", &Interpreter::do_event_clear},
    {"put_nowait", &Interpreter::do_put_nowait},
    {"get_nowait", &Interpreter::do_get_nowait},
    {"task_done", &Interpreter::do_task_done},
    {"release", &Interpreter::do_release},
};

const std::map<std::string_view, Interpreter::Wait> Interpreter::kWaits = {
    {"sleep", &Interpreter::wait_sleep},
    {"await", &Interpreter::wait_await},
    {"try", &Interpreter::wait_try},
    {"gather", &Interpreter::wait_gather},
    {"wait", &Interpreter::wait_wait},
    {"next", &Interpreter::wait_next},
    {"shield", &Interpreter::wait_shield},
    {"timeout", &Interpreter::wait_timeout},
    {"wait_for", &Interpreter::wait_wait_for},
    {"limited", &Interpreter::wait_limited},
    {"lock", &Interpreter::wait_lock},
    {"event_wait", &Interpreter::wait_event_wait},
    {"put", &Interpreter::wait_put},
    {"get", &Interpreter::wait_get},
    {"join", &Interpreter::wait_join},
    {"semaphore", &Interpreter::wait_semaphore},
    {"condition", &Interpreter::wait_condition},
    {"notify", &Interpreter::wait_notify},
    {"barrier", &Interpreter::wait_barrier},
    {"barrier_reset", &Interpreter::wait_barrier_reset},
    {"barrier_abort", &Interpreter::wait_barrier_abort},
    {"group", &Interpreter::wait_group},
    {"stack", &Interpreter::wait_stack},
    {"generator", &Interpreter::wait_generator},
};

std::string describe(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const ExceptionGroup& e) {
        std::string text;
        for (const std::exception_ptr& inner : e.exceptions()) {
            text += (text.empty() ? "" : ", ") + describe(inner);
        }
        return "group[" + text + "]";
    } catch (const CancelledError& e) {
        return "CancelledError(" + std::string(e.message()) + ")";
    } catch (const ValueError& e) {
        return "ValueError(" + std::string(e.what()) + ")";
    } catch (...) {
        const std::string name = type_name(error);  // without the namespace
        return name.substr(name.rfind(':') + 1);
    }
}

Interpreter::Interpreter(EventLoop& loop) : loop_(loop), start_(loop.time()) {
    loop.set_exception_handler([this](EventLoop&, const ExceptionContext& context) {
        if (context.message().starts_with("Exception in callback")) {
            print("reported", describe(context.exception()));
        }
    });
}

std::string Interpreter::stamp() const {
    const AnyTask task = current_task(loop_);
    return std::to_string((loop_.time() - start_) / kTick) + " " + (task ? task.get_name() : "-");
}

Coro<> Interpreter::drive(const Node& program) {
    const Future<Value> main = loop_.create_task(body("T0", program, 0), "T0");
    named_.push_back(Named{"T0", main, true});
    std::vector<Future<Value>> left{main};
    for (int round = 0; round <= kRounds; ++round) {
        if (round > 0) {
            std::string names;
            left.clear();
            for (const Named& named : named_) {
                if (!named.is_task || named.future.done()) continue;
                left.push_back(named.future);
                names += " " + named.name;
            }
            if (left.empty()) break;
            print("cancels" + names);
            for (const Future<Value>& task : left) task.cancel();
        }
        co_await wait(left, WaitOptions(kPatience * kTick));
    }
    for (const Named& named : named_) print(named.name, outcome(named.future));
}

Coro<Interpreter::Value> Interpreter::body(std::string name, const Node& statements, std::size_t from) {
    try {
        co_await block(statements, from);
    } catch (...) {
        print("ends with", describe(std::current_exception()));
        throw;
    }
    print("ends");
    co_return "<" + name + ">";
}

Coro<> Interpreter::block(const Node& statements, std::size_t from) {
    for (std::size_t i = from; i < statements.items.size(); ++i) co_await one(statements.items[i]);
}

Coro<> Interpreter::one(const Node& statement) {
    if (act(statement)) co_return;
    const Wait wait = kWaits.at(statement.text(0));
    co_await (this->*wait)(statement);
}

bool Interpreter::act(const Node& statement) {
    const auto action = kActions.find(statement.text(0));
    if (action == kActions.end()) return false;
    (this->*action->second)(statement);
    return true;
}

void Interpreter::callback(const Node& statements, std::size_t from) {
    print("callback");
    for (std::size_t i = from; i < statements.items.size(); ++i) act(statements.items[i]);
}

const Interpreter::Named* Interpreter::find(std::string_view name) const {
    for (const Named& named : named_) {
        if (named.name == name) return &named;
    }
    return nullptr;
}

// Those that exist by now, in their order.
std::vector<Future<Interpreter::Value>> Interpreter::known(const Node& statement, std::size_t from) const {
    std::vector<Future<Value>> futures;
    for (std::size_t i = from; i < statement.items.size(); ++i) {
        if (const Named* named = find(statement.text(i))) futures.push_back(named->future);
    }
    return futures;
}

// The same, each once.
std::vector<Future<Interpreter::Value>> Interpreter::distinct(const Node& statement, std::size_t from) const {
    std::vector<Future<Value>> all;
    for (const Future<Value>& future : known(statement, from)) {
        if (std::find(all.begin(), all.end(), future) == all.end()) all.push_back(future);
    }
    return all;
}

std::string Interpreter::outcome(const Future<Value>& future) {
    if (!future.done()) return "pending";
    if (future.cancelled()) return "cancelled";
    const std::exception_ptr error = future.exception();
    return error ? describe(error) : future.result();
}

Duration Interpreter::ticks(const std::string& count) { return std::stoi(count) * kTick; }

}  // namespace aio::differential
