// SPDX-License-Identifier: BSD-3-Clause
/*
 * prctl(2): the thread's name, and wishes that are remembered but have no
 * effect in a program that is alone.
 */
#include "core/lib.h"
#include "core/options.h"
#include "core/process.h"
#include "core/user.h"
#include "posix/syscalls.h"
#include "posix/thread/task.h"

/* include/uapi/linux/prctl.h. */
enum {
	PR_SET_PDEATHSIG = 1,
	PR_GET_PDEATHSIG = 2,
	PR_GET_DUMPABLE = 3,
	PR_SET_DUMPABLE = 4,
	PR_GET_KEEPCAPS = 7,
	PR_SET_KEEPCAPS = 8,
	PR_GET_TIMING = 13,
	PR_SET_TIMING = 14,
	PR_SET_NAME = 15,
	PR_GET_NAME = 16,
	PR_SET_TIMERSLACK = 29,
	PR_GET_TIMERSLACK = 30,
	PR_SET_CHILD_SUBREAPER = 36,
	PR_GET_CHILD_SUBREAPER = 37,
	PR_SET_NO_NEW_PRIVS = 38,
	PR_GET_NO_NEW_PRIVS = 39,
	PR_GET_TID_ADDRESS = 40,
	PR_SET_THP_DISABLE = 41,
	PR_GET_THP_DISABLE = 42,
};

enum { SIGNALS = 64, TIMER_SLACK_NS = 50000 };

/* A process's. */
struct eft_wishes {
	unsigned death_signal;
	bool undumpable, keeps_caps, subreaper, no_new_privs, no_huge_pages;
	unsigned long timer_slack_ns; /* 0: the default */
};

struct eft_wishes eft_first_wishes;

static long set_name(const char eft_user *name)
{
	char comm[EFT_COMM_BYTES] = "";
	ssize_t len = eft_copy_string_in(comm, name, EFT_COMM_BYTES - 1);

	if (len < 0)
		return len;
	eft_thread_set_comm(eft_current(), comm);
	return 0;
}

static long get_name(char eft_user *name)
{
	char comm[EFT_COMM_BYTES] = "";

	eft_thread_get_comm(eft_current(), comm);
	return eft_copy_out(name, comm, sizeof(comm));
}

/* A switch that takes 0 or 1. */
static long set_switch(bool *wish, unsigned long value)
{
	if (value > 1)
		return -EINVAL;
	*wish = value;
	return 0;
}

static long set_once(bool *wish, unsigned long value, unsigned long rest)
{
	if (value != 1 || rest != 0)
		return -EINVAL;
	*wish = true;
	return 0;
}

static long set_wish(int option, unsigned long value, unsigned long rest)
{
	struct eft_wishes *wishes = eft_process()->wishes;

	switch (option) {
	case PR_SET_PDEATHSIG:
		if (value > SIGNALS)
			return -EINVAL;
		wishes->death_signal = (unsigned)value;
		return 0;
	case PR_SET_DUMPABLE:
		if (value > 1)
			return -EINVAL;
		wishes->undumpable = !value;
		return 0;
	case PR_SET_KEEPCAPS:
		return set_switch(&wishes->keeps_caps, value);
	case PR_SET_TIMING:
		return value == 0 ? 0 : -EINVAL;
	case PR_SET_TIMERSLACK:
		wishes->timer_slack_ns = (long)value > 0 ? value : 0;
		return 0;
	case PR_SET_CHILD_SUBREAPER:
		wishes->subreaper = value != 0;
		return 0;
	case PR_SET_NO_NEW_PRIVS:
		return set_once(&wishes->no_new_privs, value, rest);
	case PR_SET_THP_DISABLE:
		if (rest != 0)
			return -EINVAL;
		wishes->no_huge_pages = value != 0;
		return 0;
	}
	return -EINVAL;
}

static long put_number(unsigned long where, unsigned number)
{
	return eft_copy_out((void eft_user *)where, &number, sizeof(number));
}

static long put_pointer(unsigned long where, uint32_t eft_user *pointer)
{
	return eft_copy_out((void eft_user *)where, &pointer, sizeof(pointer));
}

static long get_wish(int option, unsigned long where, unsigned long rest)
{
	struct eft_wishes *wishes = eft_process()->wishes;

	switch (option) {
	case PR_GET_PDEATHSIG:
		return put_number(where, wishes->death_signal);
	case PR_GET_DUMPABLE:
		return !wishes->undumpable;
	case PR_GET_KEEPCAPS:
		return wishes->keeps_caps;
	case PR_GET_TIMING:
		return 0;
	case PR_GET_TIMERSLACK:
		return (long)(wishes->timer_slack_ns ? wishes->timer_slack_ns
						     : TIMER_SLACK_NS);
	case PR_GET_CHILD_SUBREAPER:
		return put_number(where, wishes->subreaper);
	case PR_GET_TID_ADDRESS:
		return put_pointer(where, eft_task_current()->clear_tid);
	case PR_GET_NO_NEW_PRIVS:
		return where == 0 && rest == 0 ? wishes->no_new_privs : -EINVAL;
	case PR_GET_THP_DISABLE:
		return where == 0 && rest == 0 ? wishes->no_huge_pages
					       : -EINVAL;
	}
	return -EINVAL;
}

static bool is_question(int option)
{
	return option == PR_GET_PDEATHSIG || option == PR_GET_DUMPABLE ||
	       option == PR_GET_KEEPCAPS || option == PR_GET_TIMING ||
	       option == PR_GET_TIMERSLACK ||
	       option == PR_GET_CHILD_SUBREAPER ||
	       option == PR_GET_NO_NEW_PRIVS || option == PR_GET_TID_ADDRESS ||
	       option == PR_GET_THP_DISABLE;
}

long eft_sys_prctl(int option, unsigned long a, unsigned long b,
		   unsigned long c, unsigned long d)
{
	if (option == PR_SET_NAME)
		return set_name((const char eft_user *)a);
	if (option == PR_GET_NAME)
		return get_name((char eft_user *)a);
	if (!is_question(option))
		return set_wish(option, a, b | c | d);
	return get_wish(option, a, b | c | d);
}
