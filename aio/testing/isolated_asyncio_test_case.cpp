// SPDX-License-Identifier: MIT
#include <aio/testing/isolated_asyncio_test_case.hpp>

namespace aio::testing {
namespace {

// All steps run, whatever happens; the first error is the one that counts.
class FirstError {
public:
    template <class F>
    void run(F&& step) {
        try {
            step();
        } catch (...) {
            if (!error_) error_ = std::current_exception();
        }
    }
    void rethrow() {
        if (error_) std::rethrow_exception(std::move(error_));
    }

private:
    std::exception_ptr error_;
};

}  // namespace

void AsyncFixture::set_up() {
    run(asyncSetUp());
    is_set_up_ = true;
}

void AsyncFixture::tear_down() {
    FirstError errors;
    if (std::exchange(is_set_up_, false)) errors.run([this] { run(asyncTearDown()); });
    errors.run([this] { doAsyncCleanups(); });
    errors.run([this] { finish(); });
    errors.rethrow();
}

void AsyncFixture::doAsyncCleanups() {
    FirstError errors;
    while (!cleanups_.empty()) {
        Coro<> last = std::move(cleanups_.back());
        cleanups_.pop_back();
        errors.run([&] { run(std::move(last)); });
    }
    errors.rethrow();
}

}  // namespace aio::testing
