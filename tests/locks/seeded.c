// SPDX-License-Identifier: BSD-3-Clause
/*
 * A program with a libOS's room in it that breaks one rule of locks, which the
 * libOS that watches over them has to find: `seeded order|twice|block|return|
 * end`. (Not a program as others: it calls core.)
 */
#include "core/lock.h"
#include "core/thread.h"

int getppid(void);
int strcmp(const char *a, const char *b);

static struct eft_lock outer = EFT_LOCK_INIT(EFT_RANK_DESCRIPTORS);
static struct eft_lock inner = EFT_LOCK_INIT(EFT_RANK_LOG);
static struct eft_mutex mutex = EFT_MUTEX_INIT(mutex, EFT_RANK_NODE);

static void against_order(void)
{
	eft_lock(&inner);
	eft_lock(&outer);
}

static void twice(void)
{
	eft_lock(&outer);
	eft_lock(&outer);
}

static void block(void)
{
	eft_lock(&outer);
	eft_sleep(0);
}

static void returns(void)
{
	eft_mutex_lock(&mutex);
	getppid();
}

static void end(void)
{
	eft_mutex_lock(&mutex);
	eft_thread_exit();
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*function)(void);
	} seeds[] = {
		{"order", against_order}, {"twice", twice}, {"block", block},
		{"return", returns},	  {"end", end},
	};

	for (size_t i = 0; i < eft_array_size(seeds); i++) {
		if (argc == 2 && strcmp(argv[1], seeds[i].name) == 0)
			seeds[i].function();
	}
	return 1;
}
