// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/list.hpp>
#include <aio/base/memory.hpp>
#include <aio/fs/buffered_file_impl.hpp>
#include <aio/fs/operation_impl.hpp>

#include <optional>
#include <string>
#include <utility>

namespace aio::fs::detail {

/// Has the buffered file of a handle that is gone closed in a thread.
class LastClose final : public concurrent::Job {
public:
    template <class... Args>
    explicit LastClose(Args&&... args) : file(std::forward<Args>(args)...) {}
    void execute() noexcept override { delete this; }
    void cancel() noexcept override { delete this; }
    void fail(const std::exception_ptr&) noexcept override { delete this; }

    BufferedFile file;
};

/// What the handles of a file share: the file, and the queue of what is to be done with it.
///
/// Rules: (1) one operation at a time has its turn, from when it begins until its waiter has taken the result
/// or is gone; (2) what is cancelled while a thread is at it keeps its turn until the thread has ended; (3)
/// whatever is in the queue or with a thread has a reference; so the last one is gone when nobody is at it,
/// and the file is closed by a thread of its own accord.
class FileState {
public:
    /// `args`: the BufferedFile's.
    template <class... Args>
    explicit FileState(std::string mode, Args&&... args)
        : holder_(new LastClose(std::forward<Args>(args)...)),
          name_(file().raw().name()),
          mode_(std::move(mode)),
          fd_(file().raw().fd()) {}
    FileState(const FileState&) = delete;
    FileState& operator=(const FileState&) = delete;
    ~FileState();

    /// Only for who has the turn, or while nobody has.
    BufferedFile& file() noexcept { return holder_->file; }
    bool idle() const noexcept { return !turn_; }
    /// Throws RuntimeError if a loop has closed while a thread was at the file.
    void check_loop() const;

    void enter(Operation& operation) noexcept;
    void leave() noexcept;
    /// Its loop closes while a thread is at it: nobody else will have a turn.
    void give_up() noexcept;
    /// The file was changed without a turn.
    void look() noexcept;

    const std::string& name() const noexcept { return name_; }
    const std::string& mode() const noexcept { return mode_; }
    bool closed() const noexcept { return closed_; }
    int fd() const noexcept { return fd_; }

private:
    void next() noexcept;

    std::unique_ptr<LastClose> holder_;
    const std::string name_;
    const std::string mode_;
    // As the file was when the last turn ended: a thread may be changing it.
    int fd_;
    bool closed_ = false;
    bool given_up_ = false;
    aio::detail::List<Operation> queue_;
    Operation* turn_ = nullptr;
};
using FileRef = std::shared_ptr<FileState>;

/// Something that is done with a file. A `Work` has a Result and a kName; run() is called in a thread, take()
/// in the loop's thread if somebody still waits; at_once() says that run() would not block.
template <class Work>
class FileOperation final : public Operation {
public:
    FileOperation(FileRef file, Work work)
        : Operation(Work::kName), file_(std::move(file)), work_(std::move(work)) {}
    typename Work::Result take() { return work_.take(file_->file()); }

private:
    void work() override { work_.run(file_->file()); }
    void enter() noexcept override { file_->enter(*this); }
    void leave() noexcept override { file_->leave(); }
    bool must_run() const noexcept override { return Work::kMustRun; }
    void detach() noexcept override {
        file_->give_up();
        Operation::detach();
    }
    void destroy() noexcept override { delete this; }

    const FileRef file_;
    Work work_;
};

/// Does it in its turn.
template <class Work>
Coro<typename Work::Result> perform(FileRef file, Work work) {
    file->check_loop();
    if (file->idle() && work.at_once(std::as_const(file->file()))) {
        struct Look {
            FileState& state;
            ~Look() { state.look(); }
        } const look{*file};
        work.run(file->file());
        co_return work.take(file->file());
    }
    auto* const operation = new FileOperation<Work>(file, std::move(work));
    OperationWaiter waiter(*operation);
    co_await waiter;
    co_return operation->take();
}

}  // namespace aio::fs::detail
