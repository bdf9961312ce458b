// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Core files of a process: in images that are linked with -g (tools/eft-cc.in).
 */

/*
 * core=FILE, or NULL. Weak in the table of options. `core=|N` and
 * `core=|N,FILE` are for `eft run`: see eft_corefile.tell.
 */
extern const char *eft_corefile_path;

/*
 * Write that file, if one is wanted, before the end by (signal), where that is
 * one of those for which Linux does. Weak in the boot page. Context: any.
 */
void eft_corefile_write(int signal);
