// SPDX-License-Identifier: BSD-3-Clause
/*
 * The host's descriptors: those that exec has handed on are the program's,
 * those that we open are ours. The numbers of the first are written down before
 * we open anything, so that none of ours is ever taken for one of them.
 */
#include "core/abi.h"
#include "core/arch/x86_64/cpu.h"
#include "plat-linuxu/linuxu.h"

enum { NUMBERS = 65536 }; /* that a program can have: core/fd/fd.c */
enum { STDERR = 2 };

static uint64_t given[NUMBERS / 64];
static bool noted;

/* The limit on descriptors that exec has handed on, when it was raised. */
static uint64_t limit_before[2];

static void note_one(unsigned number)
{
	if (number < NUMBERS)
		given[number / 64] |= 1ul << number % 64;
}

/* The number that (name) is in decimal; NUMBERS: none. */
static unsigned number_of(const char *name)
{
	unsigned number = 0;

	for (; *name >= '0' && *name <= '9' && number < NUMBERS; name++)
		number = number * 10 + (*name - '0');
	return *name == '\0' ? number : NUMBERS;
}

/* From the list that the host has, which is opened as (list). */
static void note_listed(int list)
{
	union {
		struct eft_dirent first;
		char bytes[1024];
	} buf;
	long n;

	while ((n = eft_linux3(SYS_getdents64, list, (long)&buf, sizeof(buf))) >
	       0) {
		for (long at = 0; at < n;) {
			const struct eft_dirent *entry =
				(const void *)(buf.bytes + at);
			unsigned number =
				number_of((const char *)entry +
					  offsetof(struct eft_dirent, name));

			if (number != (unsigned)list)
				note_one(number);
			at += entry->reclen;
		}
	}
}

/* Where there is no list: a host without /proc. */
static void note_by_asking(void)
{
	struct eft_stat st;
	uint64_t limit[2];

	eft_linuxu_limit(EFT_RLIMIT_NOFILE, limit);
	for (unsigned n = 0; n < eft_min(limit[0], (uint64_t)NUMBERS); n++) {
		if (eft_linux3(SYS_fstat, n, (long)&st, 0) == 0)
			note_one(n);
	}
}

static void note(void)
{
	long list = eft_linux4(SYS_openat, AT_FDCWD, (long)"/proc/self/fd",
			       O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);

	if (list >= 0) {
		note_listed(list);
		eft_linux3(SYS_close, list, 0, 0);
	} else {
		note_by_asking();
	}
	if (!(given[0] & 1 << STDERR))
		eft_linuxu_console = -1;
	noted = true;
}

/* No other thread of ours runs meanwhile; before the boot there is none. */
void eft_linuxu_note_given(void)
{
	if (noted)
		return;
	if (eft_plat == NULL) {
		note();
		return;
	}
	eft_irq_off();
	note();
	eft_irq_on();
}

bool eft_linuxu_was_given(int number)
{
	return !noted || (given[number / 64] >> number % 64 & 1) != 0;
}

int eft_linuxu_next_given(int from)
{
	eft_linuxu_note_given();
	for (; from < NUMBERS; from++) {
		if (eft_linuxu_was_given(from))
			return from;
	}
	return -1;
}

/*
 * The program is done with standard error. Reports go there all the same, if
 * it has no reader who waits for its end.
 */
void eft_linuxu_leave_console(void)
{
	struct eft_stat st = {0};
	long copy = -1;

	eft_linux3(SYS_fstat, eft_linuxu_console, (long)&st, 0);
	if ((st.mode & S_IFMT) == S_IFCHR || (st.mode & S_IFMT) == S_IFREG)
		copy = eft_linux3(SYS_fcntl, eft_linuxu_console,
				  F_DUPFD_CLOEXEC, STDERR + 1);
	eft_linuxu_console = copy < 0 ? -1 : (int)copy;
}

/*
 * A program has its own limit on descriptors, which those of ours are not to
 * count against: raise the host's as far as it lets us.
 */
bool eft_linuxu_raise_limit(void)
{
	uint64_t limit[2];

	eft_linuxu_limit(EFT_RLIMIT_NOFILE, limit);
	if (limit_before[1] != 0 || limit[0] >= limit[1])
		return false;
	limit_before[0] = limit[0];
	limit_before[1] = limit[1];
	limit[0] = limit[1];
	return eft_linux4(SYS_prlimit64, 0, EFT_RLIMIT_NOFILE, (long)limit,
			  0) == 0;
}

const uint64_t *eft_linuxu_limit_before(void)
{
	return limit_before[1] != 0 ? limit_before : NULL;
}

int eft_linuxu_open(int at, const char *path, int flags, unsigned mode)
{
	long handle;

	eft_linuxu_note_given();
	do
		handle = eft_linux4(SYS_openat, at, (long)path,
				    flags | O_CLOEXEC, mode);
	while (handle == -EMFILE && eft_linuxu_raise_limit());
	return (int)handle;
}
