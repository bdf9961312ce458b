/* SPDX-License-Identifier: BSD-3-Clause */
/* What liburing's configure would write on a system with current headers. */
#pragma once

#include <linux/openat2.h>
#include <linux/time_types.h>
