// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * What the user asked for at boot: `key=value` words (docs: README, Options).
 */
#include "core/base.h"

struct eft_options {
	uint64_t mem;	      /* mem=SIZE: bytes of memory; 0: all there is */
	uint64_t cpus;	      /* cpus=N */
	uint64_t log;	      /* log=error|warn|info|debug */
	uint64_t alloc_fail;  /* alloc.fail=N: see eft_alloc_fail_after() */
	uint64_t tty_plain;   /* tty=plain: no echo, no CR before LF */
	const char *root;     /* root=host|initrd|/DIR, or NULL: the default */
	const char *initrd;   /* initrd=FILE: a cpio archive of the host's */
	const char *arg0;     /* arg0=NAME: the program's argv[0] */
	const char *hostname; /* hostname=NAME */
	const char *trace;    /* trace=WORD,…: see docs/tracing.md; or NULL */

	/* The program's, from wherever they came; both end with a NULL. */
	char **argv, **envp;
};

extern struct eft_options eft_options;

/*
 * deadlock=report: see core/thread/deadlock.c. The C library's mutexes read it
 * (posix/musl/overlay/src/thread/eft_mutex.h).
 */
extern uint64_t eft_deadlock_reported;

struct eft_boot_info;

/*
 * Read the options and find the program's arguments and environment.
 *
 * Returns   0; -EINVAL, with (message) saying which word is wrong and why
 * Owns      what it allocates lives until exit
 */
int eft_options_init(const struct eft_boot_info *info, char *message,
		     size_t message_size);

/*
 * Is (key)=(value), which live until exit, of something that few images have
 * (mounts, disks, the network)? Then it is remembered. Weak in options.c: what
 * has such options names it.
 */
bool eft_rare_option(const char *key, char *value);

/* argv[0], or words that stand for it. */
const char *eft_program_name(void);
