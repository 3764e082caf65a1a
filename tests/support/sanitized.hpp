// SPDX-License-Identifier: MIT
#pragma once

/// 1 in a test built with AddressSanitizer or ThreadSanitizer, which make it many times slower and take
/// every allocation themselves; else 0.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define AIO_TEST_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define AIO_TEST_SANITIZED 1
#endif
#endif
#ifndef AIO_TEST_SANITIZED
#define AIO_TEST_SANITIZED 0
#endif

namespace aio::tests {
inline constexpr bool kSanitized = AIO_TEST_SANITIZED != 0;
/// Many times slower than what is measured elsewhere: sanitized, or not optimised.
#ifdef __OPTIMIZE__
inline constexpr bool kSlow = kSanitized;
#else
inline constexpr bool kSlow = true;
#endif
}  // namespace aio::tests
