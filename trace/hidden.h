// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Before all else in the tracer's files: what they declare is theirs, so that
 * its address is found from where the code is, and not through a table that
 * nobody would relocate (clang's way with what may be elsewhere).
 */
#pragma GCC visibility push(hidden)
