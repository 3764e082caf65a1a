// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

namespace aio::detail {

/// What the options of connections and servers say of TLS. All of it is out of line, because nearly nobody
/// who includes them uses it, and each std::shared_ptr of a new type costs all of them compile time.
class TlsChoice {
public:
    struct Data;

    TlsChoice() noexcept = default;
    TlsChoice(const TlsChoice& other);
    TlsChoice(TlsChoice&& other) noexcept;
    TlsChoice& operator=(TlsChoice other) noexcept;
    ~TlsChoice();

    /// For reading: the defaults where nothing was said.
    const Data& get() const noexcept;
    Data& edit();

private:
    Data* data_ = nullptr;
};

/// What ssl(true) stands for; <aio/ssl.hpp> defines it. A template so that it may come later.
template <class On>
struct DefaultTls;

}  // namespace aio::detail
