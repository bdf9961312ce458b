// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * memfd_create(2): regular files in memory without a name, whose size and
 * contents can be sealed.
 */
#include "core/file.h"

/* include/uapi/linux/memfd.h, fcntl.h */
enum { MFD_CLOEXEC = 1, MFD_ALLOW_SEALING = 2, MFD_HUGETLB = 4 };
enum { MFD_NOEXEC_SEAL = 8, MFD_EXEC = 16, MFD_NAME_MAX = 249 };
enum { F_ADD_SEALS = 1033, F_GET_SEALS = 1034 };
enum {
	F_SEAL_SEAL = 1,
	F_SEAL_SHRINK = 2,
	F_SEAL_GROW = 4,
	F_SEAL_WRITE = 8,
	F_SEAL_FUTURE_WRITE = 16,
	F_SEAL_EXEC = 32,
	F_SEAL_ALL = 63,
};

/*
 * An open file (name), which has at most MFD_NAME_MAX bytes, of (mode), with
 * (seals).
 *
 * Returns   0; -ENOMEM
 * Owns      copies (name); gives *ret_file
 */
int eft_memfd_create(const char *name, unsigned mode, unsigned seals,
		     struct eft_file **ret_file);

/*
 * Add (seals): the new set; 0 only asks. Who adds F_SEAL_WRITE has seen that
 * nobody maps the file to write.
 *
 * Returns   F_SEAL_ flags; -EINVAL no such file, or no such seals; -EPERM
 */
long eft_memfd_seal(struct eft_file *file, unsigned seals);
/* The seals of any (file): 0 for one that has none. */
unsigned eft_memfd_seals(struct eft_file *file);

/*
 * Have *file, which is to be mapped shared, and not to write, be a description
 * that only reads if the seals forbid writing: so the mapping never writes.
 *
 * Returns   0; -ENOMEM
 * Owns      takes *file, and gives one, on success
 */
int eft_memfd_map_sealed(struct eft_file **file);
