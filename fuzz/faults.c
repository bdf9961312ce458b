// SPDX-License-Identifier: BSD-3-Clause
/*
 * Faults of a program that is fuzzed. System calls that move bytes, and that
 * look at the clock, are wrapped by the linker (--wrap); the standard streams
 * are left alone.
 */
#include "fuzz/faults.h"
#include "core/abi.h"
#include "core/file.h"
#include "core/time.h"
#include "fuzz/include/eft/fuzz.h"
#include "fuzz/program.h"
#include "posix/settled.h"
#include "tests/fake/fake.h"

enum { LOOK_NS = 10000, STREAMS = 3, PARTS = 16 };

static uint64_t allocs_left, ios_left;
static size_t most = SIZE_MAX, room = SIZE_MAX;
static int io_error;

/*
 * What the program asks for.
 */
void eft_fuzz_fail_alloc(uint64_t nth)
{
	allocs_left = nth;
}

void eft_fuzz_short_io(size_t bytes)
{
	most = bytes != 0 ? bytes : SIZE_MAX;
}

void eft_fuzz_fail_io(uint64_t nth, int error)
{
	ios_left = nth;
	io_error = -error;
}

void eft_fuzz_disk_room(size_t bytes)
{
	room = bytes;
}

void eft_fuzz_pass(uint64_t ns)
{
	fake_advance(ns);
}

void eft_fuzz_shift_clock(int64_t seconds)
{
	eft_realtime_set(eft_realtime_ns() + seconds * 1000000000);
}

/*
 * What the input asks for: its last bytes, a fault each, where there are more
 * than that.
 */
size_t fuzz_take_faults(const uint8_t *input, size_t len)
{
	static const int errors[] = {EIO, ENOSPC, EINTR, EAGAIN};
	enum { ALLOC, SHORT, IO, ERROR, ROOM, SHIFT, COUNT };
	const uint8_t *bytes;

	if (len < COUNT)
		return len;
	len -= COUNT;
	bytes = input + len;
	eft_fuzz_fail_alloc(bytes[ALLOC]);
	eft_fuzz_short_io(bytes[SHORT]);
	eft_fuzz_fail_io(bytes[IO],
			 errors[bytes[ERROR] % eft_array_size(errors)]);
	if (bytes[ROOM] != 0)
		eft_fuzz_disk_room((bytes[ROOM] - 1) * 16);
	if (bytes[SHIFT] != 0)
		eft_fuzz_shift_clock((int8_t)bytes[SHIFT] * 86400l);
	return len;
}

void fuzz_drop_faults(void)
{
	allocs_left = ios_left = 0;
	most = room = SIZE_MAX;
}

/* The last allocation that succeeds leaves 1, and it stays so. */
int fuzz_program_alloc_fails(void)
{
	if (allocs_left == 0)
		return 0;
	if (allocs_left == 1)
		return 1;
	allocs_left--;
	return 0;
}

/*
 * Moving bytes.
 */

/* The error of this read or write, which may be but one of (*bytes). */
static long begin_io(int fd, size_t *bytes)
{
	if (fd < STREAMS)
		return 0;
	if (ios_left != 0 && --ios_left == 0)
		return io_error;
	*bytes = eft_min(*bytes, most);
	return 0;
}

static bool is_regular(int fd)
{
	struct eft_file *file = eft_fd_get(fd);
	struct eft_stat st;
	bool regular = file != NULL && file->ops->stat != NULL &&
		       file->ops->stat(file, &st) == 0 &&
		       (st.mode & S_IFMT) == S_IFREG;

	eft_file_put(file);
	return regular;
}

/* The same for a write, which may find no room. */
static long begin_write(int fd, size_t *bytes)
{
	long error = begin_io(fd, bytes);

	if (error < 0 || room == SIZE_MAX || *bytes == 0 || fd < STREAMS ||
	    !is_regular(fd))
		return error;
	if (room == 0)
		return -ENOSPC;
	*bytes = eft_min(*bytes, room);
	room -= *bytes;
	return 0;
}

static size_t total(const struct eft_iovec *iov, int count)
{
	size_t bytes = 0;

	for (int i = 0; i < count; i++)
		bytes += iov[i].len;
	return bytes;
}

/* The first (bytes) of (iov), in (ret_parts); returns how many those are. */
static int cut(const struct eft_iovec *iov, int count, size_t bytes,
	       struct eft_iovec *ret_parts)
{
	int parts = 0;

	for (; parts < count && bytes > 0; parts++) {
		ret_parts[parts] = iov[parts];
		ret_parts[parts].len = eft_min(iov[parts].len, bytes);
		bytes -= ret_parts[parts].len;
	}
	return parts;
}

typedef long vector_call(int fd, const struct eft_iovec *iov, int count);

static long vector_io(int fd, const struct eft_iovec *iov, int count,
		      long (*begin)(int fd, size_t *bytes), vector_call *call)
{
	struct eft_iovec parts[PARTS];
	size_t asked, bytes;
	long error;

	if (count <= 0 || count > PARTS)
		return call(fd, iov, count);
	asked = bytes = total(iov, count);
	error = begin(fd, &bytes);
	if (error < 0)
		return error;
	if (bytes < asked) {
		count = cut(iov, count, bytes, parts);
		iov = parts;
	}
	return call(fd, iov, count);
}

vector_call __real_eft_sys_readv, __wrap_eft_sys_readv;
vector_call __real_eft_sys_writev, __wrap_eft_sys_writev;
__typeof__(eft_sys_read) __real_eft_sys_read, __wrap_eft_sys_read;
__typeof__(eft_sys_write) __real_eft_sys_write, __wrap_eft_sys_write;
__typeof__(eft_sys_pread64) __real_eft_sys_pread64, __wrap_eft_sys_pread64;
__typeof__(eft_sys_pwrite64) __real_eft_sys_pwrite64, __wrap_eft_sys_pwrite64;
__typeof__(eft_sys_clock_gettime) __real_eft_sys_clock_gettime,
	__wrap_eft_sys_clock_gettime;

long __wrap_eft_sys_readv(int fd, const struct eft_iovec *iov, int count)
{
	return vector_io(fd, iov, count, begin_io, __real_eft_sys_readv);
}

long __wrap_eft_sys_writev(int fd, const struct eft_iovec *iov, int count)
{
	return vector_io(fd, iov, count, begin_write, __real_eft_sys_writev);
}

long __wrap_eft_sys_read(int fd, void *buf, size_t count)
{
	long error = begin_io(fd, &count);

	return error < 0 ? error : __real_eft_sys_read(fd, buf, count);
}

long __wrap_eft_sys_write(int fd, const void *buf, size_t count)
{
	long error = begin_write(fd, &count);

	return error < 0 ? error : __real_eft_sys_write(fd, buf, count);
}

long __wrap_eft_sys_pread64(int fd, void *buf, size_t count, off_t offset)
{
	long error = begin_io(fd, &count);

	return error < 0 ? error
			 : __real_eft_sys_pread64(fd, buf, count, offset);
}

long __wrap_eft_sys_pwrite64(int fd, const void *buf, size_t count,
			     off_t offset)
{
	long error = begin_write(fd, &count);

	return error < 0 ? error
			 : __real_eft_sys_pwrite64(fd, buf, count, offset);
}

/* A loop that waits for a time to come is to end. */
long __wrap_eft_sys_clock_gettime(int clock, struct eft_timespec *ret_time)
{
	fake_advance(LOOK_NS);
	return __real_eft_sys_clock_gettime(clock, ret_time);
}
