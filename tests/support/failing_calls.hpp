// SPDX-License-Identifier: MIT
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <exception>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace aio::tests {

namespace detail {

// Hands the calls of this thread that have one of these numbers over to whoever reads the descriptor that it
// gives, until the thread ends.
inline int hand_over_calls(const std::vector<int>& numbers) {
    std::vector<sock_filter> code;
    code.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
    for (const int number : numbers) {
        code.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(number), 0, 1));
        code.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF));
    }
    code.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) throw std::runtime_error("no_new_privs");
    const long fd =
        ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
    if (fd < 0) throw std::runtime_error("seccomp: " + std::to_string(errno));
    return static_cast<int>(fd);
}

// Until the thread that makes the calls has ended.
inline void answer_calls(int fd, const std::function<int(const seccomp_data&)>& error_of) {
    for (;;) {
        pollfd waiting{fd, POLLIN, 0};
        if (::poll(&waiting, 1, -1) < 0) continue;
        if ((waiting.revents & POLLIN) == 0) break;
        seccomp_notif call{};
        if (::ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &call) != 0) continue;  // a signal has ended the call
        seccomp_notif_resp answer{};
        answer.id = call.id;
        answer.error = -error_of(call.data);
        if (answer.error == 0) answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
        ::ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &answer);
    }
    ::close(fd);
}

}  // namespace detail

/// Runs fn() in a thread whose system calls with these numbers (SYS_...) fail when a test says so:
/// `error_of`, which is called in another thread while the call waits, gives an errno, or 0 to let the kernel
/// go on. Nothing is replaced, neither in aio nor in the C library. The kernel has it since Linux 5.9.
template <class F>
void with_failing_calls(const std::vector<int>& numbers, std::function<int(const seccomp_data&)> error_of,
                        F fn) {
    constexpr int kNotYet = -1, kRefused = -2;
    std::atomic<int> handed_over{kNotYet};  // no future: what its functions call may be among the numbers
    std::exception_ptr error;
    std::thread caller([&] {
        try {
            handed_over = detail::hand_over_calls(numbers);
            handed_over.notify_one();
            fn();
        } catch (...) {
            error = std::current_exception();
            if (handed_over == kNotYet) handed_over = kRefused;
            handed_over.notify_one();
        }
    });
    handed_over.wait(kNotYet);
    if (handed_over != kRefused) detail::answer_calls(handed_over, error_of);
    caller.join();
    if (error) std::rethrow_exception(error);
}

}  // namespace aio::tests
