// SPDX-License-Identifier: MIT
#pragma once

#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace aio {

/// Several errors that happened side by side. Mirrors ExceptionGroup.
class ExceptionGroup : public std::runtime_error {
public:
    ExceptionGroup(const std::string& message, std::vector<std::exception_ptr> exceptions)
        : std::runtime_error(message + " (" + std::to_string(exceptions.size()) + " sub-exception" +
                             (exceptions.size() == 1 ? ")" : "s)")),
          details_(std::make_shared<const Details>(message, std::move(exceptions))) {}

    /// The text without the count that what() adds.
    const std::string& message() const noexcept { return details_->first; }
    /// The errors, in the order in which they happened; at least one.
    const std::vector<std::exception_ptr>& exceptions() const noexcept { return details_->second; }

private:
    using Details = std::pair<std::string, std::vector<std::exception_ptr>>;
    std::shared_ptr<const Details> details_;  // copying an exception must not throw
};

}  // namespace aio
