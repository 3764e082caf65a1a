// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/base/log.hpp>
#include <aio/base/traceback.hpp>
#include <aio/transport/transport_core_impl.hpp>

#include <cerrno>
#include <typeinfo>

namespace aio::detail {

bool is_ordinary_disconnect(const std::exception_ptr& error) noexcept {
    try {
        std::rethrow_exception(error);
    } catch (const ConnectionError&) {
        return true;
    } catch (const TimeoutError&) {
        return true;
    } catch (const OSError& e) {
        const int number = e.error_number();
        return number == EHOSTUNREACH || number == ENETUNREACH || number == ENETDOWN || number == EHOSTDOWN;
    } catch (...) {
        return false;
    }
}

StreamProtocolKind::StreamProtocolKind(BaseProtocol* protocol)
    : buffered(dynamic_cast<BufferedProtocol*>(protocol)), plain(dynamic_cast<Protocol*>(protocol)) {
    if (!buffered && !plain) throw TypeError("a stream transport serves a Protocol or a BufferedProtocol");
}

TransportCore::TransportCore(EventLoop& loop, UniqueFunction<void()> on_made)
    : loop_(&loop), context_(ContextSlot::copy_current()), on_made_(std::move(on_made)) {}

TransportCore::~TransportCore() = default;

void TransportCore::set_protocol(std::shared_ptr<BaseProtocol> protocol) {
    if (state_ & kEnded) return;
    loop_->check_thread();
    auto before = protocol_;
    install(std::move(protocol));
    // The old one may be the caller: it lives until the next iteration.
    if (!loop_->is_closed()) loop_->call_soon([old = std::move(before)] {});
}

void TransportCore::discard() noexcept {
    state_ &= ~kQueued;
    // The channel does not know of it; one that is lost is its closer's, which is queued too.
    if ((state_ & (kUnopened | kLost)) == kUnopened) loop_closed();
}

void TransportCore::start() {
    if (state_ & kStarting) {
        state_ &= ~kStarting;
        try {
            call_connection_made();
        } catch (...) {
            if (handling_exit_exception()) {
                enqueue();  // the rest follows if the loop is run again
                throw;
            }
            callback_failed("Fatal error: protocol.connection_made() call failed.");
        }
    }
    state_ &= ~kUnopened;
    if (!(state_ & kLost)) {
        try {
            open_channel();
        } catch (...) {
            fatal_error(std::current_exception(), "Fatal error on ", kind());
        }
    }
    if (on_made_) std::exchange(on_made_, nullptr)();
}

void TransportCore::lose(std::exception_ptr error) {
    set_state(kClosing | kLost);
    state_ &= ~kWritable;
    error_ = std::move(error);
    stop_channel();
    loop_->ready().push(closer_);
}

void TransportCore::end() {
    const auto loops_reference = Ref<TransportCore>::adopt(this);
    const ContextScope scope(context_);
    if (on_made_) std::exchange(on_made_, nullptr)();  // an exit exception kept start() from it
    try {
        protocol_->connection_lost(std::move(error_));
    } catch (...) {
        if (handling_exit_exception()) {
            let_go();
            throw;
        }
        report(std::current_exception(), "Fatal error: protocol.connection_lost() call failed.");
    }
    let_go();
}

void TransportCore::loop_closed() noexcept {
    if (state_ & kEnded) return;
    const auto loops_reference = Ref<TransportCore>::adopt(this);
    let_go();
}

void TransportCore::let_go() noexcept {
    set_state(kClosing | kLost | kEnded);
    stop_channel();
    if (state_ & kQueued) loop_->ready().remove(*this);
    close_channel();
    // All of these may run user code, which finds the transport closed.
    const auto on_made = std::exchange(on_made_, nullptr);
    const auto protocol = std::exchange(protocol_, nullptr);
    left();
}

// --- flow control ---------------------------------------------------------------------------------

void TransportCore::call_pause_writing() {
    try {
        protocol_->pause_writing();
    } catch (...) {
        if (handling_exit_exception()) throw;
        report(std::current_exception(), "protocol.pause_writing() failed");
    }
}

void TransportCore::call_resume_writing() {
    try {
        protocol_->resume_writing();
    } catch (...) {
        if (handling_exit_exception()) {
            write_again();  // goes on if the loop is run again
            throw;
        }
        report(std::current_exception(), "protocol.resume_writing() failed");
    }
}

// --- errors ---------------------------------------------------------------------------------------

void TransportCore::callback_failed(const char* message) {
    if (handling_exit_exception()) {
        if (has_input() || (state_ & kWritable)) enqueue();  // goes on if the loop is run again
        throw;
    }
    fatal_error(std::current_exception(), message);
}

void TransportCore::fatal_error(const std::exception_ptr& error, const char* message, const char* kind) {
    if (!is_ordinary_disconnect(error)) {
        report(error, message, kind);
    } else if (loop_->get_debug()) {
        log_text(LogLevel::debug,
                 [&] { return repr() + ": " + message + kind + ": " + format_exception(error); });
    }
    force_close(error);
}

void TransportCore::report(const std::exception_ptr& error, const char* message, const char* kind) {
    loop_->report(error, [&] {
        const BaseProtocol* const protocol = protocol_.get();
        const std::string name = "<" + type_name(typeid(*protocol)) + ">";
        ExceptionContext context(std::string(message) + kind);
        context.exception(error).set("transport", handle(), repr()).set("protocol", protocol_, name);
        return context;
    });
}

}  // namespace aio::detail
