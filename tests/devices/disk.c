// SPDX-License-Identifier: BSD-3-Clause
/*
 * Adds 1 to each byte of the first disk, and has its last 8 KiB read as zeroes:
 * by the libOS's own interface, since no file has a disk behind it yet.
 */
#include "core/abi.h"
#include "core/dev/block.h"
#include "core/mem.h"
#include "core/thread.h"
#include "core/time.h"

/* libc's headers define what core's do. */
int printf(const char *format, ...);
int pthread_create(unsigned long *thread, const void *attr,
		   void *(*start)(void *arg), void *arg);
int pthread_join(unsigned long thread, void **ret);

enum { PAGES = 8, LEN = PAGES * 4096, DEPTH = 6, ZEROES = 8192, THREADS = 2 };

struct task {
	struct eft_block_request request;
	struct eft_block_part part[PAGES];
	struct eft_thread *thread;
	bool done; /* atomic */
};

static void wake(struct eft_block_request *request)
{
	struct task *task = request->arg;

	__atomic_store_n(&task->done, true, __ATOMIC_RELEASE);
	eft_thread_wake(task->thread);
}

static void submit(struct eft_block *disk, struct task *task)
{
	int err;

	task->done = false;
	task->thread = eft_current();
	task->request.done = wake;
	task->request.arg = task;
	while ((err = disk->submit(disk, &task->request)) == -EAGAIN)
		eft_sleep(eft_now_ns() + 1000000);
	if (err < 0) {
		task->request.result = err;
		task->done = true;
	}
}

static int finish(struct task *task)
{
	while (!__atomic_load_n(&task->done, __ATOMIC_ACQUIRE))
		eft_sleep(EFT_FOREVER);
	return task->request.result;
}

static int move(struct eft_block *disk, struct task *task,
		enum eft_block_operation operation, uint64_t at)
{
	int err = 0;

	for (unsigned i = 0; i < DEPTH; i++) {
		task[i].request = (struct eft_block_request){
			.operation = operation,
			.at = at + i * LEN,
			.len = LEN,
			.parts = task[i].part,
			.count = PAGES,
		};
		submit(disk, &task[i]);
	}
	for (unsigned i = 0; i < DEPTH; i++) { /* each wakes this thread */
		int result = finish(&task[i]);

		err = err < 0 ? err : result;
	}
	return err;
}

static void add_one(struct task *task)
{
	for (unsigned i = 0; i < DEPTH; i++)
		for (unsigned p = 0; p < PAGES; p++)
			for (unsigned k = 0; k < 4096; k++)
				((uint8_t *)task[i].part[p].data)[k]++;
}

static int whole(struct eft_block *disk, enum eft_block_operation operation,
		 uint64_t at, uint64_t len)
{
	static struct task task;

	task.request = (struct eft_block_request){
		.operation = operation, .at = at, .len = len};
	submit(disk, &task);
	return finish(&task);
}

/* Every other stretch of the disk, by a thread of its own. */
static struct worker {
	struct eft_block *disk;
	struct task task[DEPTH];
	uint64_t start;
	int error;
} workers[THREADS];

static void *work(void *arg)
{
	struct worker *w = arg;
	uint64_t stretch = DEPTH * LEN, at = w->start;

	for (unsigned i = 0; i < DEPTH * PAGES; i++)
		w->task[i / PAGES].part[i % PAGES] =
			(struct eft_block_part){eft_page_alloc(0), 4096};
	for (; w->error == 0 && at + stretch <= w->disk->bytes;
	     at += THREADS * stretch) {
		w->error = move(w->disk, w->task, EFT_BLOCK_READ, at);
		add_one(w->task);
		if (w->error == 0)
			w->error = move(w->disk, w->task, EFT_BLOCK_WRITE, at);
	}
	return NULL;
}

int main(void)
{
	struct eft_block *disk = eft_block_next(NULL);
	unsigned long thread[THREADS];
	int err = 0;

	if (!disk)
		return printf("no disk\n"), 1;
	printf("%lu bytes, sectors of %u%s\n", disk->bytes, disk->sector_bytes,
	       disk->read_only ? ", read-only" : "");
	for (unsigned i = 0; i < THREADS; i++) {
		workers[i].disk = disk;
		workers[i].start = i * DEPTH * LEN;
		err |= pthread_create(&thread[i], NULL, work, &workers[i]);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(thread[i], NULL);
		if (err == 0)
			err = workers[i].error;
	}
	if (err == 0)
		err = whole(disk, EFT_BLOCK_ZERO, disk->bytes - ZEROES, ZEROES);
	if (err == 0)
		err = whole(disk, EFT_BLOCK_FLUSH, 0, 0);
	printf("error %d\n", err);
	return err != 0;
}
