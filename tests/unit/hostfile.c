// SPDX-License-Identifier: BSD-3-Clause
/*
 * A process's files: the host's, by way of the device class.
 */
#include "core/fs/hostfs/hostfs.h"
#include "core/move.h"
#include "core/options.h"
#include "tests/unit/files.h"

eft_needs(eft_hostfile_lock);
eft_needs(eft_hostfile_move);
eft_needs(eft_hostfile_write);

static void boot(void)
{
	fake_has_host = true;
	files_boot(NULL, 0);
}

static void feed(void *text)
{
	fake_host_feed(fake_host_file("/dev/stream"), text);
}

static void feed_at(uint64_t ms, const char *text)
{
	fake_interrupt_at(ms * 1000000, feed, (void *)(uintptr_t)text);
}

Test(hostfile, paths_go_to_the_host)
{
	struct eft_stat st;

	boot();
	f_create("/tmp/a", "text"); /* with the host's umask, taken over */
	check_eq(fake_host_file("/tmp/a")->mode, S_IFREG | 0640);
	check_eq(memcmp(fake_host_file("/tmp/a")->data, "text", 4), 0);
	f_create("b", "here");
	check(fake_host_file("/home/b") != NULL);
	check_str(f_text("b"), "here");
	check_eq(f_stat("/tmp/a", &st), 0);
	check_eq(st.size, 4);
	check_eq(st.dev, 77);
	check_eq(f_rename("/tmp/a", "c"), 0);
	check_str(f_text("/home/c"), "text");
	check_eq(f_unlink("c"), 0);
	check_eq(f_try("c", O_RDONLY), -ENOENT);
	check_eq(f_mkdir("/tmp/d"), 0);
	check_eq(f_mkdir("/tmp/d"), -EEXIST);
	/* But not what is about this program. */
	check_eq(f_stat("/proc/self/stat", &st), 0);
	check(st.dev != 77);
	check_eq(f_rename("b", "/proc/self/b"), -EXDEV);
}

Test(hostfile, working_directory)
{
	char buf[64];

	boot();
	check_eq(eft_getcwd(buf, sizeof(buf)), 6);
	check_str(buf, "/home");
	check_eq(eft_chdir(f_must("/tmp", O_RDONLY | O_DIRECTORY)), 0);
	check_eq(eft_getcwd(buf, sizeof(buf)), 5);
	check_str(buf, "/tmp");
	f_create("x", "y");
	check(fake_host_file("/tmp/x") != NULL);
	check_eq(eft_chdir(f_must("/tmp/x", O_RDONLY)), -ENOTDIR);
}

Test(hostfile, root_option)
{
	fake_has_host = true;
	fake_boot(NULL);
	eft_options.root = "/tmp";
	eft_fd_init();
	eft_root_init(NULL, 0);
	f_create("/a", "below");
	check(fake_host_file("/tmp/a") != NULL);
	check_str(f_text("a"), "below");
}

static void reads(void *arg)
{
	struct eft_file *in = eft_fd_get(0);
	struct eft_pollfd fds[2] = {{.fd = 0, .events = POLLIN},
				    {.fd = 1, .events = POLLIN}};
	char buf[16];

	feed_at(10, "hello");
	check_eq(f_pread(in, buf, sizeof(buf), -1), 5);
	check_eq(fake_now, 10000000); /* only this thread slept */
	feed_at(20, "ab");
	check_eq(f_pread(in, buf, 1, -1), 1);
	check_eq(f_pread(in, buf, 1, -1), 1);
	check_eq(eft_poll(fds, 2, 30000000), 0);
	check_eq(fake_now, 30000000);
	feed_at(40, "x");
	check_eq(eft_poll(fds, 2, EFT_FOREVER), 2);
	check_eq(fake_now, 40000000);
	check_eq(fake_host_tickets(), 0);
	check_eq(f_pread(in, buf, sizeof(buf), -1), 1);
	fake_fail(FAKE_HOST_NOTIFY, 1, -ENOMEM);
	check_eq(f_pread(in, buf, 1, -1), -ENOMEM);
	fake_fail(FAKE_HOST_NOTIFY, 2, -ENOMEM);
	check_eq(eft_poll(fds, 2, EFT_FOREVER), -ENOMEM);
	check_eq(fake_host_tickets(), 0);
	in->flags |= O_NONBLOCK;
	check_eq(f_pread(in, buf, 1, -1), -EAGAIN);
	eft_file_put(in);
}

Test(hostfile, streams_put_one_thread_to_sleep)
{
	boot();
	check_eq(fake_run(reads, NULL), FAKE_RETURNED);
}

/* Type (text) at (ms) from now. */
static void type_in(uint64_t ms, const char *text)
{
	feed_at(fake_now / 1000000 + ms, text);
}

static void reads_a_terminal(void *arg)
{
	static struct eft_termios raw;
	struct eft_file *in = eft_fd_get(0);
	char a[4], b[4];
	struct eft_iovec parts[] = {{a, 2}, {b, 4}};
	uint64_t start;

	fake_host_file("/dev/stream")->termios = &raw;
	check_eq(f_pread(in, a, 4, -1), 0);
	raw.cc[VTIME] = 2; /* in all */
	check_eq(f_pread(in, a, 4, -1), 0);
	check_eq(fake_now / 1000000, 200);
	type_in(150, "ab");
	check_eq(f_pread(in, a, 4, -1), 2);
	check_eq(fake_now / 1000000, 350);
	raw.cc[VMIN] = 3; /* and now between two */
	type_in(1000, "abc");
	check_eq(f_pread(in, a, 4, -1), 3);
	start = fake_now;
	type_in(300, "a");
	type_in(450, "b");
	check_eq(f_pread(in, a, 4, -1), 2);
	check_eq(fake_now - start, 650000000);
	raw.cc[VTIME] = 0;
	start = fake_now;
	type_in(10, "a");
	type_in(20, "b");
	type_in(5000, "cdef");
	check_eq(f_pread(in, a, 2, -1), 2); /* no more are wanted */
	check(fake_now - start < 40000000);
	check_eq(eft_file_read(in, parts, 2, EFT_AT_POSITION), 4);
	check_eq(fake_now - start, 5000000000);
	check_eq(memcmp(a, "cd", 2) | memcmp(b, "ef", 2), 0);
	in->flags |= O_NONBLOCK;
	check_eq(f_pread(in, a, 4, -1), -EAGAIN);
	feed((void *)(uintptr_t) "x");
	check_eq(f_pread(in, a, 4, -1), 1);
	raw.cc[VMIN] = 0;
	check_eq(f_pread(in, a, 4, -1), 0);
	fake_host_file("/dev/stream")->ready |= POLLHUP;
	raw.cc[VMIN] = 1;
	check_eq(f_pread(in, a, 4, -1), 0);
	fake_fail(FAKE_HOST_READ, 1, -EIO);
	check_eq(f_pread(in, a, 4, -1), -EIO);
	check_eq(fake_host_tickets(), 0);
	eft_file_put(in);
}

Test(hostfile, terminals_wait_by_their_settings)
{
	boot();
	check_eq(fake_run(reads_a_terminal, NULL), FAKE_RETURNED);
}

Test(hostfile, output)
{
	struct eft_file *out;

	boot();
	out = eft_fd_get(1);
	check_eq(f_pwrite(out, "shown\n", 6, -1), 6);
	check_str(fake_console, "shown\n");
	fake_fail(FAKE_HOST_WRITE, 1, -EPIPE);
	check_eq(f_pwrite(out, "x", 1, -1), -EPIPE);
	eft_file_put(out);
}

static void make_room(void *arg)
{
	fake_host_room += 3;
	fake_host_set_ready(fake_host_file("/dev/stream"), POLLOUT);
}

/* Two parts, written as there is room, which somebody else may take first. */
static void writes(void *arg)
{
	const struct eft_iovec iov[3] = {
		{(char *)"abcd", 4}, {(char *)"", 0}, {(char *)"efgh", 4}};
	struct eft_file *out = eft_fd_get(1);

	fake_host_room = 3;
	fake_host_set_ready(fake_host_file("/dev/stream"), 0);
	fake_interrupt_at(10000000, make_room, NULL);
	fake_interrupt_at(20000000, make_room, NULL);
	check_eq(eft_file_write(out, iov, 3, EFT_AT_POSITION), 8);
	check_eq(fake_now, 20000000); /* only this thread slept */
	check_str(fake_console, "abcdefgh");
	check_eq(fake_host_tickets(), 0);
	fake_host_room = 2;
	fake_fail(FAKE_HOST_NOTIFY, 1, -ENOMEM);
	check_eq(f_pwrite(out, "ijk", 3, -1), 2);
	check_eq(fake_host_room, 0);
	out->flags |= O_NONBLOCK;
	check_eq(f_pwrite(out, "k", 1, -1), -EAGAIN);
	eft_file_put(out);
}

Test(hostfile, a_full_stream_puts_one_thread_to_sleep)
{
	boot();
	check_eq(fake_run(writes, NULL), FAKE_RETURNED);
}

/* A handle that the caller closed leaves its descriptor closed. */
Test(hostfile, handles_come_back)
{
	unsigned before;

	boot();
	before = fake_host_open_handles();
	for (uint64_t n = 0; n < 3; n++) {
		eft_alloc_fail_after(n);
		f_try("/tmp/f", O_CREAT | O_RDWR);
		eft_alloc_fail_after(UINT64_MAX);
		check_eq(fake_host_open_handles(), before);
	}
	check_eq(f_try("/none/f", O_RDONLY), -ENOENT);
	check_eq(fake_host_open_handles(), before);
}

/* Signals of the libOS's own end the host's transfers: nobody sees it. */
Test(hostfile, moving_is_not_ended_by_signals)
{
	const char text[] = "more than a few bytes of a file of the host's";
	const long all = sizeof(text) - 1;
	struct eft_file *in, *out;
	off_t from = 0, to = 4;
	long n;

	boot();
	f_create("in", text);
	in = f_must("in", O_RDONLY);
	out = f_must("out", O_RDWR | O_CREAT);
	fake_host_signals = 5;
	check(eft_hostfile_move(EFT_MOVE_SEND, in, &from, out, NULL, 1 << 30,
				&n));
	check_eq(n, all);
	check_eq(from, all);
	check_eq(fake_host_signals, 0);
	check_str(f_text("out"), text);
	from = 1;
	fake_host_signals = 4;
	check(eft_hostfile_move(EFT_MOVE_COPY, in, &from, out, &to, 20, &n));
	check_eq(n, 20);
	check_eq(from, 21);
	check_eq(to, 24);
	check_eq(fake_host_signals, 0);
	from = all;
	check(eft_hostfile_move(EFT_MOVE_COPY, in, &from, out, &to, 20, &n));
	check_eq(n, 0);
	eft_file_put(in);
	eft_file_put(out);
}

Test(hostfile, mapping)
{
	struct eft_range_stats stats;
	struct eft_file *file;
	intptr_t addr;

	boot();
	f_create("/tmp/f", "mapped");
	file = f_must("/tmp/f", O_RDWR);
	addr = eft_range_map(0, 8192, EFT_PROT_READ | EFT_PROT_WRITE, 0, file,
			     0);
	check(addr > 0);
	check_eq(memcmp((char *)addr, "mapped", 6), 0);
	check_eq(eft_range_fault(addr + 4096, EFT_PROT_READ),
		 EFT_FAULT_PAST_END);
	check_eq(eft_range_unmap(addr, 8192), 0);
	check_eq(file->references, 1);
	fake_fail(FAKE_HOST_MAP, 1, -ENODEV);
	check_eq(eft_range_map(0, 4096, EFT_PROT_READ, 0, file, 0), -ENODEV);
	check_eq(file->references, 1);
	check_eq(fake_mapped_pages(), 0);
	eft_range_stats(&stats);
	check_eq(stats.committed, 0);
	eft_file_put(file);
}

/* The host has no notification for a lock: it is asked again and again. */
static void unlock_later(void *arg)
{
	fake_fail_always(FAKE_HOST_LOCK, 0);
}

static void locks(void *arg)
{
	struct eft_flock lock = {.type = F_WRLCK};
	struct eft_file *file = arg;

	fake_fail_always(FAKE_HOST_LOCK, -EAGAIN);
	check_eq(file->ops->lock(file, F_SETLK, &lock), -EAGAIN);
	check_eq(file->ops->flock(file, LOCK_EX | LOCK_NB), -EAGAIN);
	fake_interrupt_at(fake_now + 100000000, unlock_later, NULL);
	check_eq(file->ops->lock(file, F_SETLKW, &lock), 0);
	check(fake_now >= 100000000 && fake_now < 200000000);
	check(fake_waits < 20);
}

Test(hostfile, locks)
{
	struct eft_file *file;

	boot();
	file = f_must("/tmp/f", O_CREAT | O_RDWR);
	check_eq(fake_run(locks, file), FAKE_RETURNED);
	eft_file_put(file);
}

/* What exec has left at 7 and 9 is found; what we open ourselves never is. */
Test(hostfile, descriptors_of_exec)
{
	struct eft_file *file;

	boot();
	fake_host_add("/tmp/left", S_IFREG | 0600, "left", 4);
	fake_host_leave("/tmp/left", 7, O_RDONLY);
	fake_host_leave("/tmp/left", 9, O_RDWR | O_APPEND);
	fake_host_leave("/tmp/left", 11, O_RDWR);
	check_str(f_text("/tmp/left"), "left");
	check_eq(eft_fd_close(3), -EBADF);
	check(eft_fd_get(8) == NULL);
	file = eft_fd_get(7);
	check(file != NULL && file->flags == O_RDONLY);
	check_eq(eft_fd_flags(7, -1), 0);
	check_eq(eft_fd_close(7), 0);
	eft_file_put(file);
	check(eft_fd_get(7) == NULL);
	/* A number that is given away was looked at before. */
	check_eq(eft_fd_install(f_must("/tmp/left", O_RDONLY), 8, false), 8);
	check_eq(eft_fd_install(f_must("/tmp/left", O_RDONLY), 8, true), 10);
	check_eq(eft_fd_flags(9, -1), 0);
	/* What is replaced is closed, though nobody has named it. */
	check_eq(eft_fd_replace(11, f_must("/tmp/left", O_RDONLY), false), 11);
	check_eq(fake_host_file("/tmp/left")->handles, 4);
}

static void job_ends(void *arg)
{
	fake_host_end_job((long)(intptr_t)arg);
}

static void end_at(uint64_t ms, long result)
{
	fake_interrupt_at(ms * 1000000, job_ends, (void *)(intptr_t)result);
}

static void long_calls(void *arg)
{
	static char large[(1 << 20) + 1];
	struct eft_iovec iov = {large, sizeof(large)};
	struct eft_flock lock = {.type = F_WRLCK};
	struct eft_file *file = arg;
	const long args[6] = {0};
	long result = 77;

	fake_has_helpers = true;
	end_at(10, 0);
	check_eq(file->ops->lock(file, F_SETLKW, &lock), 0);
	check_eq(fake_now, 10000000);
	end_at(20, -EDEADLK);
	check_eq(file->ops->lock(file, F_OFD_SETLKW, &lock), -EDEADLK);
	check_eq(file->ops->lock(file, F_SETLK, &lock), 0); /* at once */
	end_at(30, 5);
	check_eq(file->ops->flock(file, LOCK_SH), 5);
	check_eq(file->ops->flock(file, LOCK_UN), 0);
	eft_threads_several = false;
	check_eq(file->ops->sync(file, false), 0);
	eft_threads_several = true;
	end_at(40, -EIO);
	check_eq(file->ops->sync(file, true), -EIO);
	end_at(50, 123);
	check_eq(eft_file_write(file, &iov, 1, EFT_AT_POSITION), 123);
	end_at(60, 124);
	check_eq(eft_file_read(file, &iov, 1, 7), 124);
	check_eq(fake_now, 60000000);
	iov.len--;
	check_eq(eft_file_write(file, &iov, 1, EFT_AT_POSITION), 1 << 20);
	check(eft_hostfile_call(EFT_HOST_FUTEX, args, fake_now + 5000000, true,
				&result));
	check_eq(result, -ETIMEDOUT);
	check_eq(fake_now / 1000000, 65);
	fake_has_helpers = false;
	check(!eft_hostfile_call(EFT_HOST_FUTEX, args, 0, true, &result));
	check(fake_host_job == NULL);
}

static void host_futexes(void *arg)
{
	static uint32_t word, other;

	check_eq(eft_hostfile_futex(&word, 3, 1, 2, &other, 4), 3);
	check(fake_host_futex_args[0] == (long)&word &&
	      fake_host_futex_args[1] == 3 && fake_host_futex_args[2] == 1 &&
	      fake_host_futex_args[3] == 2 &&
	      fake_host_futex_args[4] == (long)&other &&
	      fake_host_futex_args[5] == 4);
	fake_has_helpers = true;
	end_at(10, 0);
	check_eq(eft_hostfile_futex_wait(&word, 0, 5, EFT_FOREVER), 0);
	end_at(20, -EAGAIN);
	check_eq(eft_hostfile_futex_wait(&word, 0, 5, EFT_FOREVER), -EAGAIN);
	check_eq(eft_hostfile_futex_wait(&word, 0, 5, 30000000), -ETIMEDOUT);
	check_eq(fake_now / 1000000, 30);
	fake_has_helpers = false; /* the program looks itself */
	/* A wake-up that came too late may still lie there. */
	eft_hostfile_futex_wait(&word, 0, 5, EFT_FOREVER);
	check_eq(eft_hostfile_futex_wait(&word, 1, 5, EFT_FOREVER), -EAGAIN);
	check_eq(eft_hostfile_futex_wait(&word, 0, 5, EFT_FOREVER), 0);
	check(fake_now / 1000000 >= 40);
	check_eq(eft_hostfile_futex_wait(&word, 0, 5, 45000000), -ETIMEDOUT);
	check_eq(fake_now / 1000000, 45);
}

Test(hostfile, futexes_are_the_hosts)
{
	boot();
	check_eq(fake_run(host_futexes, NULL), FAKE_RETURNED);
}

Test(hostfile, long_calls_put_one_thread_to_sleep)
{
	struct eft_file *file;

	boot();
	file = f_must("/tmp/f", O_CREAT | O_RDWR);
	check_eq(fake_run(long_calls, file), FAKE_RETURNED);
	eft_file_put(file);
}
