// SPDX-License-Identifier: BSD-3-Clause
/*
 * signalfd(2): signals read as records, by who blocks them. A reader takes
 * what is pending for its own task, or the process.
 */
#include "core/file.h"
#include "core/mem.h"
#include "core/user.h"
#include "posix/signal/signal.h"
#include "posix/syscalls.h"

struct signalfd {
	struct eft_file file;
	uint64_t mask; /* atomic */
};

/* The kernel's (include/uapi/linux/signalfd.h). */
struct record {
	uint32_t signal;
	int32_t error, code;
	uint32_t pid, uid;
	int32_t fd;
	uint32_t timer, band, overrun, trap;
	int32_t status, value_int;
	uint64_t value, user_time, system_time, addr;
	char pad[48];
};

_Static_assert(sizeof(struct record) == 128, "signalfd_siginfo");

/* All readers; woken for every signal that has to wait. */
static struct eft_waitq readers = {
	.lock = EFT_LOCK_INIT(EFT_RANK_WAIT_QUEUE),
	.waiters = {&readers.waiters, &readers.waiters},
};

/* Only /proc calls the info operation. */
extern __typeof__(eft_text_printf) eft_text_printf eft_weak;

static struct signalfd *signalfd(const struct eft_file *file)
{
	return eft_container_of(file, struct signalfd, file);
}

static uint64_t mask_of(const struct eft_file *file)
{
	return __atomic_load_n(&signalfd(file)->mask, __ATOMIC_RELAXED);
}

void eft_signalfd_wake(void)
{
	eft_waitq_wake(&readers, EFT_WAKE_ALL);
}

static int take(const struct eft_file *file, struct eft_siginfo *ret_info)
{
	struct eft_task *task = eft_task_current();
	int signal;

	eft_lock(&eft_tasks_lock);
	signal = eft_signal_take_locked(task, mask_of(file), ret_info);
	if (signal != 0)
		eft_signals_update_locked(task);
	eft_unlock(&eft_tasks_lock);
	return signal;
}

static int wait_take(const struct eft_file *file, struct eft_siginfo *ret_info)
{
	struct eft_waiter waiter;
	int signal, error = 0;

	eft_wait_begin(&waiter, &readers);
	while ((signal = take(file, ret_info)) == 0 && error == 0)
		error = eft_sleep(EFT_FOREVER);
	eft_wait_end(&waiter);
	return signal != 0 ? 0 : error;
}

static struct record to_record(const struct eft_siginfo *info)
{
	struct record record = {
		.signal = (uint32_t)info->signal,
		.error = info->error,
		.code = info->code,
	};

	if (info->code == SI_TIMER) {
		record.timer = (uint32_t)info->timer;
		record.overrun = (uint32_t)info->overrun;
	} else {
		record.pid = (uint32_t)info->pid;
		record.uid = info->uid;
	}
	record.value = info->value;
	record.value_int = (int32_t)info->value;
	return record;
}

/* Whole records only, the first of which is waited for. */
static ssize_t signalfd_read(struct eft_file *file, const struct eft_iovec *iov,
			     int count, off_t at)
{
	struct eft_siginfo info;
	struct record record;
	ssize_t done = 0;
	int error;

	for (int i = 0; i < count; i++) {
		struct record eft_user *to = iov[i].base;
		size_t room = iov[i].len / sizeof(record);

		for (; room > 0; room--, to++, done += sizeof(record)) {
			if (take(file, &info) == 0) {
				if (done > 0)
					return done;
				if (file->flags & O_NONBLOCK)
					return -EAGAIN;
				error = wait_take(file, &info);
				if (error < 0)
					return error;
			}
			record = to_record(&info);
			if (eft_put_user(to, &record) != 0)
				return done > 0 ? done : -EFAULT;
		}
	}
	return done > 0 ? done : -EINVAL;
}

static unsigned signalfd_poll(struct eft_file *file, unsigned events,
			      struct eft_poll *poll)
{
	if (poll->entries != NULL && events & (POLLIN | POLLRDNORM))
		eft_poll_add(poll, &readers);
	if ((eft_signals_due(eft_task_current(), 0) & mask_of(file)) == 0)
		return 0;
	return events & (POLLIN | POLLRDNORM);
}

static int signalfd_stat(struct eft_file *file, struct eft_stat *ret_stat)
{
	*ret_stat = (struct eft_stat){
		.dev = 1, .nlink = 1, .mode = 0600, .blksize = EFT_PAGE_SIZE};
	return 0;
}

static ssize_t signalfd_path(struct eft_file *file, char *buf, size_t size)
{
	static const char path[] = "anon_inode:[signalfd]";
	size_t len = eft_min(sizeof(path) - 1, size);

	memcpy(buf, path, len);
	return (ssize_t)len;
}

static void signalfd_release(struct eft_file *file)
{
	eft_free(signalfd(file));
}

static void signalfd_info(struct eft_file *file, struct eft_text *text)
{
	eft_text_printf(text, "sigmask:\t%016lx\n", mask_of(file));
}

static const struct eft_file_ops ops = {
	.read = signalfd_read,
	.stat = signalfd_stat,
	.poll = signalfd_poll,
	.path = signalfd_path,
	.info = signalfd_info,
	.release = signalfd_release,
};

static long create(uint64_t mask, int flags)
{
	struct signalfd *fd = eft_alloc(sizeof(*fd));

	if (fd == NULL)
		return -ENOMEM;
	eft_file_init(&fd->file, &ops, O_RDWR | (flags & O_NONBLOCK));
	fd->mask = mask;
	return eft_fd_install(&fd->file, 0, flags & O_CLOEXEC);
}

static long change(int fd, uint64_t mask)
{
	struct eft_file *file = eft_fd_get(fd);
	long result = -EINVAL;

	if (file == NULL)
		return -EBADF;
	if (file->ops == &ops) {
		__atomic_store_n(&signalfd(file)->mask, mask, __ATOMIC_RELAXED);
		eft_signalfd_wake();
		result = fd;
	}
	eft_file_put(file);
	return result;
}

long eft_sys_signalfd4(int fd, const uint64_t eft_user *mask, size_t size,
		       int flags)
{
	uint64_t copy;

	if (size != sizeof(copy))
		return -EINVAL;
	if (eft_get_user(&copy, mask) != 0)
		return -EFAULT;
	if (flags & ~(O_NONBLOCK | O_CLOEXEC))
		return -EINVAL;
	if (fd == -1)
		return create(eft_signal_blockable(copy), flags);
	return change(fd, eft_signal_blockable(copy));
}

long eft_sys_signalfd(int fd, const uint64_t eft_user *mask, size_t size)
{
	return eft_sys_signalfd4(fd, mask, size, 0);
}
