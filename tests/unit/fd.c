// SPDX-License-Identifier: BSD-3-Clause
/*
 * Open file descriptions and the descriptor table.
 */
#include "core/file.h"
#include "tests/unit/unit.h"

enum { FILES = 40, STEPS = 20000, MODEL_FDS = 300 };

static struct eft_file files[FILES];
static char message_buf[4];
static unsigned released[FILES], closed[FILES];

static void on_release(struct eft_file *file)
{
	released[file - files]++;
}

static int close_error;

static int on_closed(struct eft_file *file)
{
	closed[file - files]++;
	return close_error;
}

static const struct eft_file_ops ops = {
	.release = on_release,
	.closed = on_closed,
};

static struct eft_file *file(unsigned i)
{
	if (files[i].ops == NULL)
		eft_file_init(&files[i], &ops, O_RDWR);
	return eft_file_get(&files[i]);
}

Test(fd, lowest_free)
{
	fake_boot(NULL);
	for (int i = 0; i < 10; i++)
		check_eq(eft_fd_install(file(0), 0, false), i);
	check_eq(eft_fd_close(3), 0);
	check_eq(eft_fd_close(7), 0);
	check_eq(eft_fd_close(7), -EBADF);
	check_eq(eft_fd_install(file(0), 0, false), 3);
	check_eq(eft_fd_install(file(0), 0, false), 7);
	check_eq(eft_fd_install(file(0), 0, false), 10);
	check_eq(eft_fd_install(file(0), 5, false), 11);
	check_eq(eft_fd_install(file(0), 100, false), 100);
	check_eq(eft_fd_install(file(0), 0, false), 12);
	check_eq(files[0].references, 1 + 14);
	check_eq(closed[0], 2);
	close_error = -ENOSPC; /* and it is closed all the same */
	check_eq(eft_fd_close(3), -ENOSPC);
	check_eq(eft_fd_close(3), -EBADF);
	close_error = 0;
}

Test(fd, bad_numbers)
{
	fake_boot(NULL);
	check(eft_fd_get(-1) == NULL && eft_fd_get(0) == NULL);
	check(eft_fd_get(1 << 20) == NULL);
	check(eft_fd_get(INT32_MIN) == NULL && eft_fd_get(INT32_MAX) == NULL);
	check_eq(eft_fd_close(-1), -EBADF);
	check_eq(eft_fd_close(70000), -EBADF);
	check_eq(eft_fd_flags(-1, -1), -EBADF);
	check_eq(eft_fd_flags(99999, 1), -EBADF);
	check_eq(eft_fd_next(0), -1);
	check_eq(eft_fd_next(INT32_MAX), -1);
	check_eq(eft_fd_replace(-1, file(0), false), -EBADF);
	check_eq(eft_fd_replace(1024, file(0), false), -EBADF);
	check_eq(eft_fd_replace(INT32_MAX, file(0), false), -EBADF);
	check_eq(files[0].references, 1); /* taken, also on failure */
}

Test(fd, limit)
{
	fake_boot(NULL);
	check_eq(eft_fd_limit(-1), 1024);
	check_eq(eft_fd_limit(5), 5);
	for (int i = 0; i < 5; i++)
		check_eq(eft_fd_install(file(0), 0, false), i);
	check_eq(eft_fd_install(file(0), 0, false), -EMFILE);
	check_eq(eft_fd_install(file(0), 5, false), -EMFILE);
	check_eq(eft_fd_replace(5, file(0), false), -EBADF);
	check_eq(files[0].references, 6);
	check_eq(eft_fd_limit(1 << 30), 65536); /* all there can be */
	check_eq(eft_fd_install(file(0), 0, false), 5);
	check_eq(eft_fd_limit(2), 2); /* what is above stays open */
	check(eft_fd_get(5) == &files[0]);
	eft_file_put(&files[0]);
	check_eq(eft_fd_close(5), 0);
	check_eq(eft_fd_install(file(0), 0, false), -EMFILE);
}

Test(fd, growth)
{
	fake_boot(NULL);
	eft_fd_limit(65536);
	for (int i = 0; i < 3000; i++)
		check_eq(eft_fd_install(file(i % FILES), 0, i % 3 == 0), i);
	check_eq(eft_fd_replace(65535, file(0), true), 65535);
	check_eq(eft_fd_install(file(0), 65535, false), -EMFILE);
	for (int i = 0; i < 3000; i++) {
		check(eft_fd_get(i) == &files[i % FILES]);
		eft_file_put(&files[i % FILES]);
		check_eq(eft_fd_flags(i, -1), i % 3 == 0);
	}
	check_eq(eft_fd_next(3000), 65535);
	check_eq(eft_fd_flags(65535, -1), FD_CLOEXEC);
	for (int i = 0; i < 3000; i++)
		check_eq(eft_fd_close(i), 0);
	check_eq(eft_fd_close(65535), 0);
	for (int i = 0; i < FILES; i++)
		check_eq(files[i].references, 1);
	check_eq(fake_heap_blocks(), 1); /* the table */
}

Test(fd, growth_without_memory)
{
	fake_boot(NULL);
	for (int i = 0; i < 64; i++)
		eft_fd_install(file(0), 0, false);
	eft_alloc_fail_after(0);
	check_eq(eft_fd_install(file(0), 0, false), -ENOMEM);
	check_eq(eft_fd_replace(200, file(0), false), -ENOMEM);
	check_eq(files[0].references, 65);
	eft_alloc_fail_after(UINT64_MAX);
	check_eq(eft_fd_install(file(0), 0, false), 64);
}

Test(fd, replace)
{
	fake_boot(NULL);
	eft_fd_install(file(0), 0, true);
	check_eq(eft_fd_replace(0, file(1), false), 0);
	check_eq(files[0].references, 1);
	check_eq(closed[0], 1);
	check_eq(eft_fd_flags(0, -1), 0);
	check_eq(eft_fd_replace(0, file(1), true), 0); /* by itself */
	check_eq(files[1].references, 2);
	check_eq(eft_fd_flags(0, 0), FD_CLOEXEC);
	check_eq(eft_fd_flags(0, -1), 0);
	check_eq(eft_fd_close(0), 0);
	eft_file_put(&files[0]);
	check_eq(released[0], 1);
}

/* The table against an array. */
static int model[MODEL_FDS]; /* file + 1, or 0 */
static bool model_cloexec[MODEL_FDS];

static void step(void)
{
	int fd = (int)unit_random(MODEL_FDS), lowest = fd, got;
	unsigned i = unit_random(FILES);
	bool cloexec = unit_random(2);

	switch (unit_random(5)) {
	case 0:
	case 1:
		if (unit_random(2))
			lowest = 0;
		got = eft_fd_install(file(i), lowest, cloexec);
		while (lowest < MODEL_FDS && model[lowest] != 0)
			lowest++;
		check_eq(got, lowest == MODEL_FDS ? -EMFILE : lowest);
		if (got < 0)
			return;
		model[got] = (int)i + 1;
		model_cloexec[got] = cloexec;
		break;
	case 2:
		check_eq(eft_fd_replace(fd, file(i), cloexec), fd);
		model[fd] = (int)i + 1;
		model_cloexec[fd] = cloexec;
		break;
	case 3:
		check_eq(eft_fd_close(fd), model[fd] ? 0 : -EBADF);
		model[fd] = 0;
		break;
	default:
		check_eq(eft_fd_flags(fd, cloexec),
			 model[fd] ? model_cloexec[fd] : -EBADF);
		model_cloexec[fd] = cloexec;
	}
}

Test(fd, against_model)
{
	fake_boot(NULL);
	eft_fd_limit(MODEL_FDS);
	for (unsigned n = 0; n < STEPS; n++) {
		int fd = (int)unit_random(MODEL_FDS), next = fd;

		step();
		while (next < MODEL_FDS && model[next] == 0)
			next++;
		check_eq(eft_fd_next(fd), next == MODEL_FDS ? -1 : next);
	}
	for (int fd = 0; fd < MODEL_FDS; fd++)
		eft_fd_close(fd);
	for (unsigned i = 0; i < FILES; i++) {
		check_eq(files[i].references, 1);
		check_eq(released[i], 0);
	}
}

Test(file, what_a_description_cannot_do)
{
	static const struct eft_fs_ops fs;
	struct eft_iovec iov = {message_buf, 4};

	fake_boot(NULL);
	eft_file_init(&files[0], &ops,
		      O_RDWR | O_CREAT | O_EXCL | O_TRUNC | O_NOCTTY |
			      O_CLOEXEC | O_APPEND);
	check_eq(files[0].flags, O_RDWR | O_APPEND);
	check_eq(eft_file_read(&files[0], &iov, 1, -1), -EINVAL);
	check_eq(eft_file_read(&files[0], &iov, 1, 5), -ESPIPE);
	check_eq(eft_file_read(&files[0], &iov, 1, -2), -EINVAL);
	check_eq(eft_file_write(&files[0], &iov, 1, -1), -EINVAL);
	files[0].fs = &fs;
	check_eq(eft_file_read(&files[0], &iov, 1, -1), -EISDIR);
	eft_file_init(&files[0], &ops, O_WRONLY);
	check_eq(eft_file_read(&files[0], &iov, 1, -1), -EBADF);
	eft_file_init(&files[0], &ops, O_RDONLY);
	check_eq(eft_file_write(&files[0], &iov, 1, -1), -EBADF);
	eft_file_init(&files[0], &ops, O_PATH);
	check_eq(eft_file_read(&files[0], &iov, 1, -1), -EBADF);
	eft_file_put(NULL);
}

static void put(void *arg)
{
	eft_file_put(arg);
	eft_file_put(arg);
}

Test(file, reference_too_few_panics)
{
	fake_boot(NULL);
	eft_file_init(&files[0], &ops, O_RDWR);
	unit_check_panics(put, &files[0], "before > 0");
}
