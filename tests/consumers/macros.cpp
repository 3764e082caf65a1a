// SPDX-License-Identifier: MIT
// Macros that other people's headers define. The standard library cannot live with all of them, so it comes
// first.
#include <bits/stdc++.h>

// <X11/X.h>, <X11/Xlib.h>
#define None 0L
#define Bool int
#define Status int
#define True 1
#define False 0
#define Success 0
#define Always 2
// Qt
#define signals public
#define slots
#define emit
#define foreach(variable, container) for (variable : container)
#define forever for (;;)
// Windows, and what was ported from it
#define min(a, b) (((a) < (b)) ? (a) : (b))
#define max(a, b) (((a) > (b)) ? (a) : (b))
#define interface struct
#define near
#define far
#define small char
#define ERROR 0
#define DELETE 1
#define IN
#define OUT
#define Yield()

#include <aio/aio.hpp>
#include <aio/concurrent.hpp>
#include <aio/testing.hpp>

static_assert(std::is_same_v<aio::Result<void>::value_type, aio::NoneType>);
#undef None
static_assert(std::is_same_v<aio::None, aio::NoneType>);
