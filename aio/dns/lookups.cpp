// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/dns/lookups_impl.hpp>

#include <algorithm>
#include <new>

namespace aio::dns::detail {
namespace {

// The cache counts answers, and an answer over TCP may be of any size.
constexpr std::size_t kMostKept = 16 * 1024;

std::size_t memory_of(const std::vector<Record>& records) noexcept {
    std::size_t bytes = 0;
    for (const Record& record : records) bytes += sizeof record + record.name.size() + record.value.size();
    return bytes;
}

}  // namespace

// --- questions ------------------------------------------------------------------------------------

void Question::heard(int status, std::span<const unsigned char> message) noexcept {
    const Ref<Question> keep = Ref<Question>::adopt(this);  // c-ares' reference
    try {
        status_ = understand(status, message);
    } catch (const std::bad_alloc&) {
        status_ = ARES_ENOMEM;
        answer_ = Answer();
    }
    answered_ = true;
    lookups_.settle(*this);
    while (Asked* const waiting = waiting_.pop_front()) waiting->answered();
}

int Question::understand(int status, std::span<const unsigned char> message) {
    const bool found = status == ARES_SUCCESS;
    if (!found && status != ARES_ENODATA && status != ARES_ENOTFOUND) return status;
    const auto parsed = parse_message(message);
    if (!parsed) return found ? ARES_EBADRESP : status;
    auto selected = select_answer(*parsed, name_, type_);
    if (!selected) return ARES_EBADRESP;
    answer_ = std::move(*selected);
    if (!answer_.records.empty()) return ARES_SUCCESS;
    answer_.ttl = parsed->negative_ttl.value_or(std::chrono::seconds(0));
    return found ? ARES_ENODATA : status;
}

Asked::Asked(std::shared_ptr<Lookups> lookups, const std::string& name, Type type)
    : lookups_(std::move(lookups)), question_(lookups_->find(name, type)) {
    ++question_->users_;
    if (question_->answered()) return;
    lookups_->join();
    lookups_->begin(*question_);
}

Asked::~Asked() {
    unlink();
    --question_->users_;
    if (!question_->answered()) lookups_->leave();
}

// --- all of them ----------------------------------------------------------------------------------

Lookups::Lookups(ResolverOptions options) : options_(std::move(options)), hosts_(options_.get_hosts_file()) {
    if (options_.get_timeout() <= Duration::zero()) throw ValueError("timeout must be positive");
    if (options_.get_tries() <= 0) throw ValueError("tries must be positive");
    if (options_.get_ndots().value_or(0) < 0) throw ValueError("ndots must not be negative");
    for (const SocketAddress& server : options_.get_servers()) {
        if (server.family() == AF_INET || server.family() == AF_INET6) continue;
        throw ValueError("a name server has an IPv4 or IPv6 address, not " + server.str());
    }
}

void Lookups::open() {
    if (closed_) throw RuntimeError("The resolver is closed");
    EventLoop& loop = get_running_loop();
    const bool usable = channel_ && !channel_->loop().is_closed();
    if (usable && &channel_->loop() != &loop) {
        throw RuntimeError("The resolver is bound to a different event loop");
    }
    if (!usable || open_users_ == 0) std::exchange(retired_, {}).clear();
    const FileStamp now(options_.get_resolv_conf());
    if (usable && now == settings_) return;
    auto made = std::make_unique<Channel>(loop, options_);
    clear();
    if (usable && open_users_ > 0) retire();
    channel_ = std::move(made);
    settings_ = now;
}

void Lookups::retire() {
    std::erase_if(retired_, [](const std::unique_ptr<Channel>& channel) { return channel->idle(); });
    retired_.push_back(std::move(channel_));
    for (auto& [key, question] : questions_) question->listed_ = false;
    questions_.clear();
}

void Lookups::close() noexcept {
    closed_ = true;
    std::exchange(channel_, nullptr).reset();
    std::exchange(retired_, {}).clear();
    clear();
}

void Lookups::clear() noexcept {
    while (Question* const question = kept_.front()) forget(*question);
}

Ref<Question> Lookups::find(const std::string& name, Type type) {
    open();
    std::pair<std::string, Type> key(lower(name), type);
    const auto found = questions_.find(key);
    if (found != questions_.end()) {
        const Ref<Question> question = found->second;
        if (!question->answered()) return question;
        question->unlink();
        kept_.push_back(*question);
        if (now() < question->expires()) return question;
        forget(*question);
    }
    Ref<Question> made(new Question(*this, name, type));
    made->place_ = questions_.emplace(std::move(key), made).first;
    made->listed_ = true;
    return made;
}

void Lookups::begin(Question& question) noexcept {
    if (std::exchange(question.begun_, true)) return;
    question.add_ref();  // c-ares'
    channel_->ask(question.name(), question.type(), question);
}

void Lookups::leave() noexcept {
    if (--open_users_ > 0 || !channel_) return;
    set_needed();
    channel_->cancel();
    for (const auto& channel : retired_) channel->cancel();
}

void Lookups::set_needed() noexcept {
    if (channel_) channel_->set_needed(open_users_ > 0);
    for (const auto& channel : retired_) channel->set_needed(open_users_ > 0);
}

// Inside of a function of c-ares.
void Lookups::settle(Question& question) noexcept {
    open_users_ -= question.users_;
    set_needed();
    const int status = question.status_;
    const bool definite = status == ARES_SUCCESS || status == ARES_ENODATA || status == ARES_ENOTFOUND;
    const auto ttl = std::min(to_duration(question.answer_.ttl), options_.get_max_ttl());
    const bool small = memory_of(question.answer_.records) <= kMostKept;
    const bool kept = question.listed_ && options_.get_cache_size() > 0;
    if (!definite || !small || ttl <= Duration::zero() || !kept) {
        forget(question);
        return;
    }
    question.expires_ = channel_->loop().deadline_after(ttl);
    kept_.push_back(question);
    if (++kept_count_ > options_.get_cache_size()) forget(*kept_.front());
}

void Lookups::forget(Question& question) noexcept {
    if (question.linked()) --kept_count_;
    question.unlink();
    if (std::exchange(question.listed_, false)) questions_.erase(question.place_);
}

}  // namespace aio::dns::detail
