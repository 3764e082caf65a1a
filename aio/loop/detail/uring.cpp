// SPDX-License-Identifier: MIT
// The rules are in the header.
#include <aio/base/error.hpp>
#include <aio/loop/detail/uring_impl.hpp>

#include <linux/io_uring.h>
#include <linux/time_types.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

namespace aio::detail {
namespace {

constexpr unsigned kFlags = IORING_SETUP_CQSIZE | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_R_DISABLED |
                            IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;  // Linux 6.1
constexpr std::size_t kBufferRingSize = Uring::kBuffers * sizeof(io_uring_buf);
constexpr std::size_t kAllBuffers = std::size_t{Uring::kBuffers} * Uring::kBufferSize;
constexpr std::size_t kSqesSize = Uring::kSubmissions * sizeof(io_uring_sqe);

unsigned load(const unsigned* place) noexcept { return __atomic_load_n(place, __ATOMIC_ACQUIRE); }
void store(unsigned* place, unsigned value) noexcept { __atomic_store_n(place, value, __ATOMIC_RELEASE); }

int control(int fd, unsigned operation, void* argument, unsigned count) noexcept {
    return static_cast<int>(::syscall(SYS_io_uring_register, fd, operation, argument, count));
}

char* map_memory(std::size_t size, int fd = -1, off_t offset = 0) {
    const int flags = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED | MAP_POPULATE;
    void* const memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, flags, fd, offset);
    if (memory == MAP_FAILED) raise_os_error(errno, "mmap of an io_uring");
    return static_cast<char*>(memory);
}

char* keep_from_children(char* memory, std::size_t size) noexcept {
    ::madvise(memory, size, MADV_DONTFORK);
    return memory;
}

template <class T>
void unmap_memory(T*& memory, std::size_t size) noexcept {
    if (memory) ::munmap(std::exchange(memory, nullptr), size);
}

}  // namespace

Uring::Uring() {
    try {
        set_up();
    } catch (...) {
        unmap();
        throw;
    }
}

Uring::~Uring() {
    unmap();
    unmap_memory(buffer_ring_, kBufferRingSize);
    unmap_memory(buffers_, kAllBuffers);
}

void Uring::leave_to_parent() noexcept {
    buffer_ring_ = rings_ = nullptr;
    sqes_ = nullptr;
}

void Uring::set_up() {
    io_uring_params parameters{};
    parameters.flags = kFlags;
    parameters.cq_entries = kCompletions;
    fd_ = static_cast<int>(::syscall(SYS_io_uring_setup, kSubmissions, &parameters));
    if (fd_ < 0) raise_os_error(errno, "io_uring_setup");
    constexpr unsigned kNeeded = IORING_FEAT_SINGLE_MMAP | IORING_FEAT_NODROP | IORING_FEAT_EXT_ARG;
    if ((parameters.features & kNeeded) != kNeeded) raise_os_error(ENOSYS, "io_uring_setup");
    rings_size_ = std::max(parameters.sq_off.array + parameters.sq_entries * sizeof(unsigned),
                           parameters.cq_off.cqes + parameters.cq_entries * sizeof(io_uring_cqe));
    rings_ = keep_from_children(map_memory(rings_size_, fd_, IORING_OFF_SQ_RING), rings_size_);
    sqes_ = reinterpret_cast<io_uring_sqe*>(
        keep_from_children(map_memory(kSqesSize, fd_, IORING_OFF_SQES), kSqesSize));
    find_rings(&parameters);
}

void Uring::find_rings(const void* from) noexcept {
    const auto& parameters = *static_cast<const io_uring_params*>(from);
    const auto number = [this](unsigned offset) { return reinterpret_cast<unsigned*>(rings_ + offset); };
    sq_head_ = number(parameters.sq_off.head);
    sq_tail_ = number(parameters.sq_off.tail);
    sq_mask_ = *number(parameters.sq_off.ring_mask);
    cq_head_ = number(parameters.cq_off.head);
    cq_tail_ = number(parameters.cq_off.tail);
    cq_mask_ = *number(parameters.cq_off.ring_mask);
    cqes_ = reinterpret_cast<io_uring_cqe*>(rings_ + parameters.cq_off.cqes);
    unsigned* const array = number(parameters.sq_off.array);
    for (unsigned i = 0; i < parameters.sq_entries; ++i) array[i] = i;
}

void Uring::unmap() noexcept {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
    unmap_memory(sqes_, kSqesSize);
    unmap_memory(rings_, rings_size_);
}

io_uring_sqe* Uring::next() noexcept {
    if (tail_ - load(sq_head_) == kSubmissions) return nullptr;
    io_uring_sqe* const sqe = &sqes_[tail_++ & sq_mask_];
    std::memset(sqe, 0, sizeof *sqe);
    return sqe;
}

int Uring::try_enter(Duration timeout) noexcept {
    if (!enabled_) {
        if (control(fd_, IORING_REGISTER_ENABLE_RINGS, nullptr, 0) < 0) return errno;
        enabled_ = true;
        owner_ = ::gettid();
    }
    store(sq_tail_, tail_);
    io_uring_getevents_arg argument{};
    argument.sigmask_sz = _NSIG / 8;
    __kernel_timespec limit{};
    if (timeout > Duration::zero()) {
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout);
        limit.tv_sec = seconds.count();
        limit.tv_nsec = (timeout - seconds).count();
        argument.ts = reinterpret_cast<std::uintptr_t>(&limit);
    }
    const unsigned wait_for = timeout == Duration::zero() ? 0 : 1;
    const long result = ::syscall(SYS_io_uring_enter, fd_, tail_ - load(sq_head_), wait_for,
                                  IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, &argument, sizeof argument);
    return result < 0 ? errno : 0;
}

bool Uring::is_another_threads() const noexcept { return enabled_ && owner_ != ::gettid(); }

bool Uring::enter(Duration timeout) {
    const int error = try_enter(timeout);
    switch (error) {
        case 0:
        case ETIME:
        case EINTR:
        case EAGAIN:  // the kernel is short of memory
        case ENOMEM:
        case EBUSY:  // completions have to be taken first
            return true;
        case EEXIST:
            return false;
        default:
            raise_os_error(error, "io_uring_enter");
    }
}

bool Uring::take(Completion& completion) noexcept {
    const unsigned head = *cq_head_;
    if (head == load(cq_tail_)) return false;
    const io_uring_cqe& cqe = cqes_[head & cq_mask_];
    completion = {cqe.user_data, cqe.res, cqe.flags};
    store(cq_head_, head + 1);
    return true;
}

// --- buffers --------------------------------------------------------------------------------------

bool Uring::need_buffers() {
    if (registered_) return true;
    if (!buffer_ring_) buffer_ring_ = keep_from_children(map_memory(kBufferRingSize), kBufferRingSize);
    if (!buffers_) buffers_ = map_memory(kAllBuffers);  // a child may go on with what it was just handed
    return register_buffers();
}

bool Uring::register_buffers() {
    io_uring_buf_reg registration{};
    registration.ring_addr = reinterpret_cast<std::uintptr_t>(buffer_ring_);
    registration.ring_entries = kBuffers;
    registration.bgid = kBufferGroup;
    if (control(fd_, IORING_REGISTER_PBUF_RING, &registration, 1) < 0) {
        if (errno == EEXIST) return false;
        raise_os_error(errno, "io_uring_register");
    }
    registered_ = true;
    for (unsigned id = 0; id < kBuffers; ++id) give_back(id);
    return true;
}

void Uring::give_back(unsigned id) noexcept {
    auto* const entries = reinterpret_cast<io_uring_buf*>(buffer_ring_);
    io_uring_buf& entry = entries[buffer_tail_ & (kBuffers - 1)];
    entry.addr = reinterpret_cast<std::uintptr_t>(buffer(id));
    entry.len = kBufferSize;
    entry.bid = static_cast<std::uint16_t>(id);
    __atomic_store_n(&entries[0].resv, ++buffer_tail_, __ATOMIC_RELEASE);  // where the ring has its tail
}

}  // namespace aio::detail
