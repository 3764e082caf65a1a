// SPDX-License-Identifier: MIT
#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace aio::tests {

/// A folder of the test's own, which goes with all that is in it. Its name is short enough for a Unix socket.
class TemporaryFolder {
public:
    TemporaryFolder() {
        if (!::mkdtemp(path_.data())) throw std::runtime_error("mkdtemp() failed");
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    std::string file(const std::string& name) const { return path_ + "/" + name; }
    const std::string& path() const noexcept { return path_; }

private:
    std::string path_ = "/tmp/aio-test-XXXXXX";
};

}  // namespace aio::tests
