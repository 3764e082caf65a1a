// SPDX-License-Identifier: MIT
#pragma once

/// Looking up names without threads: a Resolver that asks name servers itself, their records, and
/// international names. A part of its own: link aio::dns.
#include <aio/dns/idna.hpp>
#include <aio/dns/record.hpp>
#include <aio/dns/resolver.hpp>
#include <aio/dns/resolver_options.hpp>
