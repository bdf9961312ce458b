// SPDX-License-Identifier: BSD-3-Clause
/*
 * The program's memory (core/user.h), some of which cannot be accessed: what is
 * copied, what transfers answer, and that nothing is lost.
 */
#include "core/user.h"
#include "core/file.h"
#include "core/socket.h"
#include "tests/unit/unit.h"

enum { SIZE = 20000, PAST = 12000 };

static char from[SIZE + PAST], to[SIZE + PAST];

static void fill(void)
{
	for (unsigned i = 0; i < SIZE; i++)
		from[i] = (char)unit_random(256);
	memset(to, 0, SIZE);
}

static void try_copies(void *arg)
{
	(void)arg;
	fill();
	check_eq(eft_copy_in(to, from, 0), 0);
	check_eq(eft_copy_in(to, NULL, 0), 0);
	check_eq(eft_copy_in(to, NULL, 1), -EFAULT);
	check_eq(eft_copy_out(NULL, from, 1), -EFAULT);
	check_eq(eft_copy_in_some(to, (char *)4095, 100), 0);
	for (unsigned round = 0; round < 2000; round++) {
		size_t start = unit_random(SIZE), n = unit_random(64);
		size_t at = unit_random(SIZE), there;

		n = eft_min(n, SIZE - start);
		there = at >= start && at < start + n ? at - start : n;
		fake_user_bad(&from[at], 1);
		check_eq(eft_copy_in_some(to, &from[start], n), there);
		check(memcmp(to, &from[start], there) == 0);
		check_eq(eft_copy_in(to, &from[start], n),
			 there < n ? -EFAULT : 0);
		fake_user_bad(&to[at], 1);
		check_eq(eft_copy_out_some(&to[start], &from[start], n), there);
		check(memcmp(&to[start], &from[start], there) == 0);
		check_eq(eft_clear_some(&to[start], n), there);
		for (size_t i = 0; i < there; i++)
			check_eq(to[start + i], 0);
	}
}

Test(user, copies)
{
	fake_boot(NULL);
	check_eq(fake_run(try_copies, NULL), FAKE_RETURNED);
}

static void try_strings_and_words(void *arg)
{
	uint32_t word = 7, value = 0, expected = 6;
	char text[8];

	(void)arg;
	check_eq(eft_copy_string_in(text, "", 8), 0);
	check_eq(eft_copy_string_in(text, "seven..", 8), 7);
	check_str(text, "seven..");
	check_eq(eft_copy_string_in(text, "eight...", 8), 8);
	check_eq(eft_copy_string_in(text, NULL, 8), -EFAULT);
	memset(from, 'a', 16);
	fake_user_bad(&from[5], 1);
	check_eq(eft_copy_string_in(text, from, 8), -EFAULT);
	check_eq(eft_copy_string_in(text, from, 5), 5);
	from[4] = '\0';
	check_eq(eft_copy_string_in(text, from, 8), 4);

	check_eq(eft_load_word(&word, &value), 0);
	check_eq(value, 7);
	check_eq(eft_exchange_word(&word, &expected, 9), 0);
	check_eq(expected, 7);
	check_eq(word, 7);
	check_eq(eft_exchange_word(&word, &expected, 9), 0);
	check_eq(expected, 7);
	check_eq(word, 9);
	check_eq(eft_load_word(NULL, &value), -EFAULT);
	check_eq(eft_exchange_word(NULL, &expected, 1), -EFAULT);
}

Test(user, strings_and_words)
{
	fake_boot(NULL);
	check_eq(fake_run(try_strings_and_words, NULL), FAKE_RETURNED);
}

static ssize_t move(struct eft_file *file, char *buf, size_t len, bool writes)
{
	struct eft_iovec iov[2] = {{buf, len / 2},
				   {buf + len / 2, len - len / 2}};

	return (writes ? eft_file_write : eft_file_read)(file, iov, 2,
							 EFT_AT_POSITION);
}

/* What goes in comes out, whatever transfers failed in between. */
static void try_pipe(void *arg)
{
	struct eft_file *ends[2];
	size_t in = 0, out = 0;

	(void)arg;
	fill();
	check_eq(eft_pipe_create(O_NONBLOCK, ends), 0);
	while (out < SIZE) {
		size_t len = eft_min(unit_random(6000) + 1, SIZE - in);
		ssize_t n;

		fake_user_bad(&from[in + unit_random(8000)], 1);
		n = move(ends[1], &from[in], len, true);
		check(n > 0 || n == -EFAULT || n == -EAGAIN || len == 0);
		in += n > 0 ? (size_t)n : 0;
		len = eft_min(unit_random(6000) + 1, in - out);
		fake_user_bad(&to[out + unit_random(8000)], 1);
		n = move(ends[0], &to[out], len, false);
		check(n > 0 || n == -EFAULT || n == -EAGAIN || len == 0);
		out += n > 0 ? (size_t)n : 0;
		check(out <= in);
	}
	check(memcmp(from, to, SIZE) == 0);
	eft_file_put(ends[0]);
	eft_file_put(ends[1]);
}

Test(user, pipe)
{
	fake_boot(NULL);
	check_eq(fake_run(try_pipe, NULL), FAKE_RETURNED);
}

/* The same of a stream of sockets, which takes all or nothing. */
static void try_stream(void *arg)
{
	struct eft_socket *pair[2];
	size_t in = 0, out = 0;

	(void)arg;
	fill();
	check_eq(eft_socket_family(AF_UNIX)->pair(SOCK_STREAM, 0, pair), 0);
	pair[0]->file.flags |= O_NONBLOCK;
	pair[1]->file.flags |= O_NONBLOCK;
	while (out < SIZE) {
		size_t len = eft_min(unit_random(9000) + 1, SIZE - in);
		size_t at = in + unit_random(12000);
		ssize_t n;

		fake_user_bad(&from[at], 1);
		n = move(&pair[0]->file, &from[in], len, true);
		check_eq(n, at < in + len ? -EFAULT : (ssize_t)len);
		in += n > 0 ? (size_t)n : 0;
		len = eft_min(unit_random(9000) + 1, in - out);
		fake_user_bad(&to[out + unit_random(12000)], 1);
		n = move(&pair[1]->file, &to[out], len, false);
		check(n > 0 || n == -EFAULT || n == -EAGAIN || len == 0);
		out += n > 0 ? (size_t)n : 0;
		check(out <= in);
	}
	check(memcmp(from, to, SIZE) == 0);
	eft_file_put(&pair[0]->file);
	eft_file_put(&pair[1]->file);
}

Test(user, stream)
{
	fake_boot(NULL);
	check_eq(fake_run(try_stream, NULL), FAKE_RETURNED);
}

/* An event that could not be told of is told of next. */
static void try_epoll(void *arg)
{
	struct eft_epoll_event event = {.events = POLLIN | EPOLLET, .data = 7};
	struct eft_epoll_event got[2];
	struct eft_file *epoll, *counter;

	(void)arg;
	check_eq(eft_epoll_create(&epoll), 0);
	check_eq(eft_eventfd_create(1, false, 0, &counter), 0);
	check_eq(eft_epoll_control(epoll, EPOLL_CTL_ADD, 3, counter, &event),
		 0);
	fake_user_bad(&got[0], 1);
	check_eq(eft_epoll_wait(epoll, got, 2, 0), -EFAULT);
	fake_user_bad(NULL, 0);
	check_eq(eft_epoll_wait(epoll, got, 2, 0), 1);
	check_eq(got[0].data, 7);
	check_eq(eft_epoll_wait(epoll, got, 2, 0), 0);
	eft_file_put(counter);
	eft_file_put(epoll);
}

Test(user, epoll)
{
	fake_boot(NULL);
	check_eq(fake_run(try_epoll, NULL), FAKE_RETURNED);
}
