// SPDX-License-Identifier: BSD-3-Clause
/*
 * A program with a libOS's room in it that breaks one rule of locks or of the
 * heap, or does what C does not define, which the libOS that watches over them
 * has to find: `seeded order|twice|block|return|end|past|stale|free|odd`; one
 * of pages, which valgrind has to find; and two threads that wait for each
 * other, of which deadlock=report tells. (Not a program as others: it calls
 * core.)
 */
#include "core/lock.h"
#include "core/mem.h"
#include "core/thread.h"

int getppid(void);
int strcmp(const char *a, const char *b);
int pthread_create(unsigned long *thread, const void *attr,
		   void *(*function)(void *), void *arg);

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

/* Hidden from the compiler, which would see what is wrong. */
static char *allocate(void)
{
	char *object = eft_alloc(24);

	__asm__ volatile("" : "+r"(object));
	return object;
}

static void write_past_end(void)
{
	char *object = allocate();

	object[24] = 1;
	eft_free(object);
}

static void write_stale(void)
{
	char *object = allocate();

	eft_free(object);
	object[8] = 1;
	for (int i = 0; i < 1000; i++)
		eft_free(allocate());
}

static void free_twice(void)
{
	char *object = allocate(), *same = object;

	__asm__ volatile("" : "+r"(same));
	eft_free(object);
	eft_free(same);
}

static void free_misaligned(void)
{
	eft_free(allocate() + 1);
}

static void write_free_page(void)
{
	char *page = eft_page_alloc(0);

	__asm__ volatile("" : "+r"(page));
	eft_page_free(page);
	page[100] = 1;
}

/* Two threads, each of which waits for the mutex that the other holds. */
static struct eft_mutex second = EFT_MUTEX_INIT(second, EFT_RANK_NODE);
static unsigned holders;

static void hold(struct eft_mutex *mine, struct eft_mutex *other)
{
	eft_mutex_lock(mine);
	__atomic_fetch_add(&holders, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&holders, __ATOMIC_SEQ_CST) < 2)
		eft_yield();
	eft_mutex_lock(other);
}

static void *hold_second(void *arg)
{
	hold(&second, &mutex);
	return arg;
}

static void wait_for_each_other(void)
{
	unsigned long thread;

	pthread_create(&thread, NULL, hold_second, NULL);
	hold(&mutex, &second);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*function)(void);
	} seeds[] = {
		{"order", against_order},
		{"twice", twice},
		{"block", block},
		{"return", returns},
		{"end", end},
		{"past", write_past_end},
		{"stale", write_stale},
		{"free", free_twice},
		{"odd", free_misaligned},
		{"page", write_free_page},
		{"circle", wait_for_each_other},
	};

	for (size_t i = 0; i < eft_array_size(seeds); i++) {
		if (argc == 2 && strcmp(argv[1], seeds[i].name) == 0)
			seeds[i].function();
	}
	return 1;
}
