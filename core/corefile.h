// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Core files of a process: in images that are linked with -g (tools/eft-cc.in).
 */
#include "core/base.h"

/*
 * core=FILE, or NULL. Weak in the table of options. `core=|N` and
 * `core=|N,FILE` are for `eft run`: see eft_corefile.tell.
 */
extern const char *eft_corefile_path;

/* Is the host's descriptor (fd) for that, and so none of the program's? */
bool eft_corefile_owns(int fd);

/*
 * Write that file, if one is wanted, before the end by (signal), where that is
 * one of those for which Linux does. Weak in the boot page. Context: any.
 */
void eft_corefile_write(int signal);
