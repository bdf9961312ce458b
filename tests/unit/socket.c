// SPDX-License-Identifier: BSD-3-Clause
/*
 * AF_UNIX sockets: nothing is left behind whatever fails, streams against a
 * model, waiting and its ends.
 */
#include "core/thread.h"
#include "core/time.h"
#include "tests/unit/sockets.h"

eft_needs(eft_unix_path_make);

enum { STEPS = 4000, MOST = 30000, ORDER = 4 };

/*
 * Every allocation fails once.
 */

/* The first error of the scenario, or 0. */
static int talk(struct eft_socket *pair[2])
{
	struct eft_rights *rights = NULL;
	char buf[8];
	int error = pass(pair[0], &pair[1]->file);

	if (error != 0)
		return error;
	if (receive_with(pair[1], buf, 8, MSG_PEEK, &rights) < 0)
		return -ENOMEM;
	check_eq(rights->count, 1);
	eft_rights_destroy(rights);
	return send_with(pair[1], buf, 8, NULL) < 0 ? -ENOMEM : 0;
}

static int pairs(int type)
{
	struct eft_socket *pair[2];
	int error = eft_socket_family(AF_UNIX)->pair(type, 0, pair);

	if (error != 0)
		return error;
	error = talk(pair);
	/* One end went through the other: end that, too. */
	receive_with(pair[1], &error, 0, 0, NULL);
	while (pair[1]->ops->queued(pair[1], false) > 0) {
		char c;

		receive_with(pair[1], &c, 1, 0, NULL);
	}
	drop(pair[0]);
	drop(pair[1]);
	return error;
}

static int meet(int type, const struct eft_socket_name *name)
{
	struct eft_socket *server = new_socket(type), *fd = NULL;
	struct eft_socket *client = new_socket(type);
	int error = server == NULL || client == NULL ? -ENOMEM : 0;

	if (error == 0)
		error = server->ops->bind(server, name);
	if (error == 0 && type != SOCK_DGRAM)
		error = server->ops->listen(server, 1);
	if (error == 0)
		error = client->ops->connect(client, name, 0);
	if (error == 0)
		error = pass(client, &client->file) ? -ENOMEM : 0;
	if (error == 0 && type != SOCK_DGRAM)
		error = server->ops->accept(server, 0, &fd);
	if (error == 0 && type != SOCK_DGRAM)
		error = pass(fd, &fd->file) ? -ENOMEM : 0;
	if (fd != NULL) {
		char c;

		receive_with(fd, &c, 1, 0, NULL);
		receive_with(client, &c, 1, 0, NULL);
	} else if (server != NULL) {
		char c;

		receive_with(server, &c, 1, 0, NULL);
	}
	drop(fd);
	drop(client);
	drop(server);
	f_unlink("/path");
	return error;
}

static const int types[] = {SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM};

static int everything(void)
{
	struct eft_socket_name path = name_of("/path", 6);
	struct eft_socket_name abstract = name_of("\0name", 5);
	int error = 0;

	for (unsigned i = 0; i < 3 && error == 0; i++) {
		error = pairs(types[i]);
		if (error == 0)
			error = meet(types[i], &path);
		if (error == 0)
			error = meet(types[i], &abstract);
	}
	return error;
}

Test(socket, every_allocation_fails)
{
	struct files_usage before;
	uint64_t n = 0;
	int error;

	files_boot(NULL, 0);
	check_eq(everything(), 0);
	before = files_usage();
	do {
		eft_alloc_fail_after(n++);
		error = everything();
		eft_alloc_fail_after(UINT64_MAX);
		check(error == 0 || error == -ENOMEM || error == -ENOBUFS);
		check_usage(before);
	} while (error != 0);
	check(n > 20);
}

/*
 * A stream, with rights in it, against an array.
 */
static struct eft_socket *ends[2];
static unsigned char *sent; /* what is on its way */
static size_t sent_len;
static bool marked[MOST * 8]; /* this byte is the first that has rights */
static unsigned char next_byte;

static void do_send(void)
{
	size_t len = 1 + unit_random(unit_random(3) ? 50 : MOST);
	bool with = unit_random(8) == 0;
	struct eft_rights *rights = NULL;
	static unsigned char data[MOST];
	ssize_t n;

	if (sent_len + len > MOST * 7)
		return;
	for (size_t i = 0; i < len; i++)
		data[i] = next_byte++;
	if (with) {
		rights = eft_rights_create(1);
		rights->files[0] = eft_file_get(&ends[0]->file);
	}
	n = send_with(ends[0], data, len, &rights);
	check(n > 0 || n == -EAGAIN);
	check(rights == NULL || n < 0);
	eft_rights_destroy(rights);
	n = n < 0 ? 0 : n;
	next_byte -= (unsigned char)(len - (size_t)n);
	memcpy(sent + sent_len, data, (size_t)n);
	memset(marked + sent_len, 0, (size_t)n);
	marked[sent_len] = with && n > 0;
	sent_len += (size_t)n;
}

static void do_receive(void)
{
	size_t len = 1 + unit_random(unit_random(3) ? 60 : MOST);
	bool peek = unit_random(3) == 0;
	struct eft_rights *rights;
	static unsigned char data[MOST + 1];
	ssize_t n =
		receive_with(ends[1], data, len, peek ? MSG_PEEK : 0, &rights);
	unsigned found = 0;

	if (sent_len == 0) {
		check_eq(n, -EAGAIN);
		return;
	}
	check(n > 0 && n <= (ssize_t)len && n <= (ssize_t)sent_len);
	check(memcmp(data, sent, (size_t)n) == 0);
	for (ssize_t i = 0; i < n; i++)
		found += marked[i];
	check_eq(found, rights != NULL);
	eft_rights_destroy(rights);
	if (peek)
		return;
	sent_len -= (size_t)n;
	memmove(sent, sent + n, sent_len);
	memmove(marked, marked + n, sent_len);
}

Test(socket, stream_model)
{
	struct files_usage before;

	files_boot(NULL, 0);
	sent = malloc(MOST * 8);
	before = files_usage();
	for (unsigned seed = 0; seed < 5; seed++) {
		unit_srandom(seed);
		check_eq(eft_socket_family(AF_UNIX)->pair(SOCK_STREAM, 0, ends),
			 0);
		for (unsigned i = 0; i < STEPS; i++) {
			if (unit_random(2))
				do_send();
			else
				do_receive();
			check_eq(ends[1]->ops->queued(ends[1], false),
				 sent_len);
		}
		while (sent_len > 0)
			do_receive();
		drop(ends[0]);
		drop(ends[1]);
		check_usage(before);
	}
	free(sent);
}

/*
 * Descriptions on their way.
 */
Test(socket, rights_are_limited)
{
	struct eft_socket *pair[2], *other;
	struct files_usage before;
	unsigned count = 0;
	int error;

	files_boot(NULL, 0);
	before = files_usage();
	eft_fd_limit(100);
	check_eq(eft_socket_family(AF_UNIX)->pair(SOCK_STREAM, 0, pair), 0);
	other = new_socket(SOCK_DGRAM);
	while ((error = pass(pair[0], &other->file)) == 0)
		count++;
	check_eq(error, -ETOOMANYREFS);
	check_eq(count, 100);
	drop(pair[1]);
	drop(pair[0]);
	check_eq(other->file.references, 1);
	drop(other);
	check_usage(before);
}

static void fill(struct eft_socket *from)
{
	while (send_with(from, "x", 1, NULL) == 1)
		;
}

/* Connect to (name): is there room? */
static bool has_room(struct eft_socket *socket,
		     const struct eft_socket_name *name)
{
	struct eft_poll poll = {0};

	check_eq(socket->ops->connect(socket, name, 0), 0);
	return socket->ops->poll(socket, POLLOUT, &poll) & POLLOUT;
}

/* One that polls is on the list of the peer that refused it last. */
Test(socket, refused_by_one_after_the_other)
{
	const struct eft_socket_name first = name_of("\0a", 2),
				     second = name_of("\0b", 2);
	struct eft_socket *a, *b, *filler, *poller;
	struct files_usage before;

	files_boot(NULL, 0);
	before = files_usage();
	a = new_socket(SOCK_DGRAM), b = new_socket(SOCK_DGRAM);
	filler = new_socket(SOCK_DGRAM), poller = new_socket(SOCK_DGRAM);
	check_eq(a->ops->bind(a, &first), 0);
	check_eq(b->ops->bind(b, &second), 0);
	check(has_room(filler, &first));
	fill(filler);
	check(has_room(filler, &second));
	fill(filler);
	check(!has_room(poller, &first));
	check(!has_room(poller, &second));
	drop(a);
	drop(b);
	drop(filler);
	drop(poller);
	check_usage(before);
}

/*
 * Waiting.
 */
static struct eft_socket *pair[2];
static ssize_t result;

static void receive_thread(void *arg)
{
	char c;
	struct eft_iovec iov = {&c, 1};
	struct eft_message message = {
		.iov = &iov, .count = 1, .deadline_ns = EFT_FOREVER};

	result = pair[1]->ops->receive(pair[1], &message);
}

static void deadlines(void *arg)
{
	uint64_t start = fake_now;
	char c;
	struct eft_iovec iov = {&c, 1};
	struct eft_message message = {
		.iov = &iov, .count = 1, .deadline_ns = start + 5000};
	struct eft_socket *listener = new_socket(SOCK_STREAM), *made;
	struct eft_socket_name name = name_of("\0name", 5);

	for (unsigned i = 0; i < 3; i++) {
		eft_socket_family(AF_UNIX)->pair(types[i], 0, pair);
		message.deadline_ns = fake_now + 5000;
		check_eq(pair[0]->ops->receive(pair[0], &message), -EAGAIN);
		check_eq(fake_now, message.deadline_ns);
		drop(pair[0]);
		drop(pair[1]);
	}
	check_eq(listener->ops->bind(listener, &name), 0);
	check_eq(listener->ops->listen(listener, 0), 0);
	check_eq(listener->ops->accept(listener, fake_now + 5000, &made),
		 -EAGAIN);
	drop(listener);
}

Test(socket, waits_until_a_deadline)
{
	fake_boot(NULL);
	check_eq(fake_run(deadlines, NULL), FAKE_RETURNED);
}

/* A message is cut if it is longer than the room for it, by a byte. */
static void cuts(void *arg)
{
	char buf[8];
	struct eft_iovec iov = {buf, 0};

	for (unsigned i = 0; i < 3; i++) {
		bool stream = types[i] == SOCK_STREAM;

		eft_socket_family(AF_UNIX)->pair(types[i], 0, pair);
		for (iov.len = 2; iov.len <= 4; iov.len++) {
			struct eft_message message = {.iov = &iov, .count = 1};
			size_t len = iov.len;

			check_eq(send_with(pair[0], "abc", 3, NULL), 3);
			check_eq(pair[1]->ops->receive(pair[1], &message),
				 eft_min(len, 3));
			check_eq(message.ret_flags & MSG_TRUNC,
				 len < 3 && !stream ? MSG_TRUNC : 0);
			if (len < 3 && stream)
				receive_with(pair[1], buf, 8, 0, NULL);
		}
		drop(pair[0]);
		drop(pair[1]);
	}
}

Test(socket, cut_messages)
{
	fake_boot(NULL);
	check_eq(fake_run(cuts, NULL), FAKE_RETURNED);
}

static void wakes(void *arg)
{
	for (unsigned i = 0; i < 3; i++) {
		eft_socket_family(AF_UNIX)->pair(types[i], 0, pair);
		result = -1;
		check(eft_thread_create("r", receive_thread, NULL, ORDER) !=
		      NULL);
		eft_yield();
		check_eq(result, -1);
		check_eq(send_with(pair[0], "x", 1, NULL), 1);
		eft_yield();
		check_eq(result, 1);
		result = -1;
		check(eft_thread_create("r", receive_thread, NULL, ORDER) !=
		      NULL);
		eft_yield();
		pair[1]->ops->shutdown(pair[1], SHUT_RD);
		eft_yield();
		check_eq(result, 0);
		drop(pair[0]);
		drop(pair[1]);
	}
}

Test(socket, wakes_readers)
{
	fake_boot(NULL);
	check_eq(fake_run(wakes, NULL), FAKE_RETURNED);
}
