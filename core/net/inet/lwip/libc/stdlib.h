// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * What lwIP wants of the C library's header of this name: of an interface's
 * number, which nobody asks for by lwIP's names.
 */
#define atoi(text) 0
