// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * A part of arch_prctl(2), which every program's start calls.
 */
#include "core/base.h"

/* ARCH_SET_FS. Returns 0 */
long eft_set_fs(uintptr_t addr);
