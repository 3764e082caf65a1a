// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/list.hpp>
#include <aio/base/ref.hpp>
#include <aio/dns/channel_impl.hpp>
#include <aio/dns/hosts_file_impl.hpp>
#include <aio/dns/message_impl.hpp>
#include <aio/dns/resolver_options.hpp>
#include <aio/task/waiter.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace aio::dns::detail {

class Lookups;
class Asked;
class FirstAnswer;

/// A question to the name servers, and later its answer. All who have the same question share it.
class Question final : public Hearer, public aio::detail::ListLink {
public:
    Question(Lookups& lookups, std::string name, Type type) noexcept
        : lookups_(lookups), name_(std::move(name)), type_(type) {}
    Question(const Question&) = delete;
    Question& operator=(const Question&) = delete;

    const std::string& name() const noexcept { return name_; }
    Type type() const noexcept { return type_; }
    bool answered() const noexcept { return answered_; }
    /// How long a kept answer may be used.
    TimePoint expires() const noexcept { return expires_; }
    /// An ARES_ code.
    int status() const noexcept { return status_; }
    const Answer& answer() const noexcept { return answer_; }
    void add_ref() noexcept { ++refs_; }
    void release() noexcept {
        if (--refs_ == 0) delete this;
    }

private:
    friend class Asked;
    friend class Lookups;
    ~Question() = default;
    void heard(int status, std::span<const unsigned char> message) noexcept override;
    int understand(int status, std::span<const unsigned char> message);

    Lookups& lookups_;  // outlives questions that were not answered
    const std::string name_;
    const Type type_;
    Answer answer_;
    TimePoint expires_{};
    std::map<std::pair<std::string, Type>, Ref<Question>>::iterator place_;  ///< while it is listed
    aio::detail::List<Asked> waiting_;
    std::size_t users_ = 0;
    std::uint32_t refs_ = 0;
    int status_ = ARES_SUCCESS;
    bool answered_ = false;
    bool listed_ = false;
    bool begun_ = false;
};

/// One who asks, from the beginning to the end of its life. Awaiting waits for the answer.
class Asked final : public aio::detail::LeafWaiter, public aio::detail::ListLink {
public:
    Asked(std::shared_ptr<Lookups> lookups, const std::string& name, Type type);
    Asked(Asked&&) = delete;
    ~Asked();

    bool await_ready() const noexcept { return question_->answered(); }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> awaiter) {
        begin(awaiter);
        wait_for(nullptr);
    }
    void await_resume() { end(); }
    std::string describe() const override { return "look-up of '" + question_->name() + "'"; }

    const Question& question() const noexcept { return *question_; }

private:
    friend class FirstAnswer;
    friend class Question;
    void withdraw() noexcept override { unlink(); }
    void wait_for(FirstAnswer* first) noexcept {
        first_ = first;
        question_->waiting_.push_back(*this);
    }
    /// Of the list no more.
    void answered();

    const std::shared_ptr<Lookups> lookups_;
    const Ref<Question> question_;
    FirstAnswer* first_ = nullptr;  ///< who waits through it; null if it waits itself
};

/// Waits until one of two is answered.
class FirstAnswer final : public aio::detail::LeafWaiter {
public:
    FirstAnswer(Asked& one, Asked& other) noexcept : one_(one), other_(other) {}
    FirstAnswer(FirstAnswer&&) = delete;
    ~FirstAnswer() { withdraw(); }

    bool await_ready() const noexcept { return one_.await_ready() || other_.await_ready(); }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> awaiter) {
        begin(awaiter);
        one_.wait_for(this);
        other_.wait_for(this);
    }
    void await_resume() { end(); }
    std::string describe() const override { return one_.describe(); }

private:
    friend class Asked;
    void answered() {
        withdraw();
        wake();
    }
    void withdraw() noexcept override {
        for (Asked* const asked : {&one_, &other_}) {
            asked->unlink();
            asked->first_ = nullptr;
        }
    }

    Asked& one_;
    Asked& other_;
};

inline void Asked::answered() { first_ ? first_->answered() : wake(); }

/// The questions of a resolver that are open, and the answers that it keeps.
///
/// Rules: (1) `questions_` has all open ones and all kept ones, `kept_` the kept ones, the one not used for
/// longest first; (2) a question that nobody waits for goes on, because others wait for c-ares' other
/// questions, and whoever asks it again joins it; when nobody waits for any, all are withdrawn; (3) c-ares
/// has a reference to each open question; (4) when the settings have changed those who wait go on waiting for
/// the old servers, but nobody joins them, and their answers are not kept.
class Lookups final {
public:
    explicit Lookups(ResolverOptions options);
    Lookups(const Lookups&) = delete;
    Lookups& operator=(const Lookups&) = delete;
    ~Lookups() { close(); }

    /// Of the running loop. Throws RuntimeError if closed or in another loop than before.
    void open();
    void close() noexcept;
    void clear() noexcept;
    std::size_t kept() const noexcept { return kept_count_; }

    const ResolverOptions& options() const noexcept { return options_; }
    const std::vector<std::string>& search() const noexcept { return channel_->search(); }
    int ndots() const noexcept { return channel_->ndots(); }
    HostsFile& hosts() noexcept { return hosts_; }
    TimePoint now() const noexcept { return channel_->loop().time(); }

private:
    friend class Asked;
    friend class Question;

    void retire();
    void set_needed() noexcept;
    Ref<Question> find(const std::string& name, Type type);
    void begin(Question& question) noexcept;
    void join() noexcept {
        ++open_users_;
        set_needed();
    }
    void leave() noexcept;
    void settle(Question& question) noexcept;
    void forget(Question& question) noexcept;

    const ResolverOptions options_;
    HostsFile hosts_;
    FileStamp settings_;  ///< of resolv.conf when it was read
    std::unique_ptr<Channel> channel_;
    std::vector<std::unique_ptr<Channel>> retired_;
    std::map<std::pair<std::string, Type>, Ref<Question>> questions_;
    aio::detail::List<Question> kept_;
    std::size_t kept_count_ = 0;
    std::size_t open_users_ = 0;  ///< who waits for open questions
    bool closed_ = false;
};

}  // namespace aio::dns::detail
