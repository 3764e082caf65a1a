// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

#include <string>
#include <string_view>

namespace aio::dns {

/// A host name in UTF-8 as name servers, certificates and HTTP know it: "bücher.example" is
/// "xn--bcher-kva.example". Names in ASCII alone come back as they are. Mirrors str.encode("idna"), by
/// the newer rules that browsers follow (IDNA2008 and TR46): "straße" is "xn--strae-oqa", not "strasse".
///
/// Throws ValueError, as Python a UnicodeError, for what is no name by these rules. Threads: any.
std::string idna_encode(std::string_view name);

/// The other way round, for people to read. Labels that are no international names stay as they are.
/// Mirrors bytes.decode("idna"). Throws ValueError for a label that begins as one and is none.
std::string idna_decode(std::string_view name);

}  // namespace aio::dns
