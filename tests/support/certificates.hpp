// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// Certificates made on the fly, as good or as bad as a test needs them.
namespace aio::tests {

/// A folder of this test alone, gone with its end.
class PrivateFolder {
public:
    PrivateFolder();
    PrivateFolder(const PrivateFolder&) = delete;
    PrivateFolder& operator=(const PrivateFolder&) = delete;
    ~PrivateFolder();
    /// Writes a file and gives its path.
    std::string write(const std::string& name, std::string_view text) const;
    std::string path(const std::string& name) const { return (folder_ / name).string(); }

private:
    std::filesystem::path folder_;
};

/// A certificate with its private key.
class Identity {
public:
    struct Keys;
    explicit Identity(std::shared_ptr<Keys> keys) : keys_(std::move(keys)) {}
    /// In PEM; the key encrypted if there is a password.
    std::string certificate() const;
    std::string key(const std::string& password = std::string()) const;
    std::string both() const { return certificate() + key(); }
    Keys& keys() const { return *keys_; }

private:
    std::shared_ptr<Keys> keys_;
};

/// What is to stand in a certificate: by default what a server called "localhost" shows.
struct Wanted {
    std::string common_name = "localhost";
    std::string names = "DNS:localhost,IP:127.0.0.1";  ///< subjectAltName; empty for none
    std::string purpose = "serverAuth,clientAuth";
    std::string constraints{};  ///< nameConstraints
    bool authority = false;
    int days_before = 1;  ///< valid from so many days ago
    int days_after = 30;  ///< to in so many days
};

/// Signed by `issuer`, or by itself.
Identity issue(const Wanted& wanted, const Identity* issuer = nullptr);
/// A certificate that may sign others.
Identity issue_authority(const std::string& name, const Identity* issuer = nullptr);
/// What that authority has taken back, in PEM: one certificate, or none.
std::string revocation_list(const Identity& issuer, const Identity* revoked = nullptr);

}  // namespace aio::tests
