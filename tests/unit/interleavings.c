// SPDX-License-Identifier: BSD-3-Clause
/*
 * Two threads of which one is interrupted at each place where interrupts come
 * on again, one after the other, for the other to do its part in between.
 */
#include "core/pages.h"
#include "core/thread.h"
#include "core/vfs/notify.h"
#include "tests/unit/files.h"

eft_needs(eft_inotify_add);
eft_needs(eft_inotify_create);
eft_needs(eft_watch_ops);
eft_needs(eft_watch_place);

enum { ORDER = 5, PLACES = 60, PAGES = 3 };

static unsigned place;

static void run(void (*function)(void *))
{
	files_boot(NULL, 0);
	check_eq(fake_run(function, NULL), FAKE_RETURNED);
}

/* (first) is interrupted at each place, and then (second) runs to its end. */
static void interleave(void (*first)(void *), void (*second)(void *), void *arg)
{
	check(eft_thread_create("2", second, arg, ORDER) != NULL);
	fake_preempt_after(place);
	first(arg);
	fake_preempt_after(0);
	for (int i = 0; i < 4; i++)
		eft_yield();
}

/*
 * A page of a file is brought in from what the file has borrowed, while the
 * file is cut and grows again: it has zeroes then.
 */
static char borrowed[PAGES * EFT_PAGE_SIZE];

static int look(void *page, bool clean, void *arg)
{
	return 0;
}

static void bring_in(void *arg)
{
	struct eft_file *file = arg;
	int error =
		eft_pages_with(file->ops->pages(file), 1, false, look, NULL);

	check(error == 0 || error == -ENXIO);
}

static void cut_and_grow(void *file)
{
	const struct eft_file_ops *ops = ((struct eft_file *)file)->ops;

	check_eq(ops->set_size(file, 0), 0);
	check_eq(ops->set_size(file, PAGES * EFT_PAGE_SIZE), 0);
}

static void pages(void *arg)
{
	memset(borrowed, 'b', sizeof(borrowed));
	for (place = 1; place < PLACES; place++) {
		struct eft_node *node = eft_ramfs_create(0600);
		struct eft_file *file;
		char byte;

		eft_ramfs_borrow(node, borrowed, sizeof(borrowed));
		check_eq(eft_vfs_add(eft_root_mount.root, "/f", node, 0755,
				     NULL),
			 0);
		file = f_must("/f", O_RDWR);
		interleave(bring_in, cut_and_grow, file);
		check_eq(f_pread(file, &byte, 1, EFT_PAGE_SIZE + 7), 1);
		check_eq(byte, 0);
		eft_file_put(file);
		check_eq(f_unlink("/f"), 0);
	}
}

Test(interleavings, page_and_cut)
{
	run(pages);
}

/*
 * A lookup of a descriptor while it is closed: one or the other came first.
 */
static struct eft_file *ends[2];

static void write_byte(void *arg)
{
	struct eft_file *file = eft_fd_get(*(int *)arg);

	if (file != NULL) {
		check_eq(f_pwrite(file, "x", 1, -1), 1);
		eft_file_put(file);
	}
}

static void close_it(void *arg)
{
	check_eq(eft_fd_close(*(int *)arg), 0);
}

static void descriptors(void *arg)
{
	for (place = 1; place < PLACES; place++) {
		struct files_usage before = files_usage();
		char byte;
		int fd;

		check_eq(eft_pipe_create(O_NONBLOCK, ends), 0);
		fd = eft_fd_install(ends[1], 0, false);
		interleave(write_byte, close_it, &fd);
		check(eft_fd_get(fd) == NULL);
		check(f_pread(ends[0], &byte, 1, -1) >= 0);
		check_eq(f_pread(ends[0], &byte, 1, -1), 0); /* its end */
		eft_file_put(ends[0]);
		check_usage(before);
	}
}

Test(interleavings, lookup_and_close)
{
	run(descriptors);
}

/*
 * An epoll of a pipe that is written, closed and taken away meanwhile.
 */
static struct eft_file *epoll;

static void wait_once(void *arg)
{
	struct eft_epoll_event event;

	check(eft_epoll_wait(epoll, &event, 1, 0) >= 0);
}

static void write_and_close(void *arg)
{
	check_eq(f_pwrite(ends[1], "x", 1, -1), 1);
	eft_file_put(ends[1]);
	eft_file_put(ends[0]);
}

static void epolls(void *arg)
{
	struct eft_epoll_event event = {.events = POLLIN | EPOLLET};

	for (place = 1; place < PLACES; place++) {
		struct files_usage before = files_usage();

		check_eq(eft_epoll_create(&epoll), 0);
		check_eq(eft_pipe_create(O_NONBLOCK, ends), 0);
		check_eq(eft_epoll_control(epoll, EPOLL_CTL_ADD, 1, ends[0],
					   &event),
			 0);
		interleave(wait_once, write_and_close, NULL);
		check_eq(eft_epoll_wait(epoll, &event, 1, 0), 0);
		event.events = POLLIN | EPOLLET;
		eft_file_put(epoll);
		check_usage(before);
	}
}

Test(interleavings, epoll_and_close)
{
	run(epolls);
}

/*
 * Who has a directory locked may take an entry away, and free it: who looks at
 * that waits.
 */
static bool looked;

static void name_directory(void *arg)
{
	char path[64];

	check_eq(eft_file_path(arg, path, sizeof(path)), 4);
	looked = true;
}

static void tell_of_directory(void *arg)
{
	eft_watch_place(eft_place_of(arg), IN_ACCESS);
	looked = true;
}

static void look_while_locked(void (*at)(void *))
{
	struct eft_file *above = f_must("/d", O_RDONLY);
	struct eft_file *dir = f_must("/d/e", O_RDONLY);
	struct eft_mutex *lock = &eft_node_dir(eft_node_of(above))->lock;

	looked = false;
	eft_mutex_lock(lock);
	check(eft_thread_create("2", at, dir, ORDER) != NULL);
	for (unsigned i = 0; i < 10; i++)
		eft_yield();
	check(!looked);
	eft_mutex_unlock(lock);
	while (!looked)
		eft_yield();
	eft_file_put(dir);
	eft_file_put(above);
}

static void entries(void *arg)
{
	struct eft_file *inotify;
	struct eft_at at = {.path = "/d"};

	f_mkdir("/d");
	f_mkdir("/d/e");
	look_while_locked(name_directory);
	check_eq(eft_inotify_create(0, &inotify), 0);
	at.file = f_must("/", O_RDONLY);
	check(eft_inotify_add(inotify, &at, IN_ACCESS) > 0);
	look_while_locked(tell_of_directory);
	eft_file_put(at.file);
	eft_file_put(inotify);
}

Test(interleavings, entry_of_a_locked_directory)
{
	run(entries);
}
