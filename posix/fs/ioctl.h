// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * A part of ioctl(2) that is in a file of its own.
 */
#include "core/base.h"

struct eft_winsize;

/* TIOCGWINSZ. Returns 0; -ENOTTY no terminal; -EBADF */
long eft_ioctl_window(int fd, unsigned long request,
		      struct eft_winsize eft_user *arg);
