// SPDX-License-Identifier: BSD-3-Clause
/*
 * AF_UNIX, against Linux: see sides.h. Sockets of all types, names of all
 * kinds, descriptors sent through each other, and ends in every state.
 *
 * What may differ, and is left out
 *  - names that the libOS or Linux chooses (autobind): only that they are such
 *  - what CAVEATS says is not there: MSG_OOB, SO_PEEK_OFF
 *  - which of two errors is told, where a socket has a name and shall have
 *    another, or where descriptors that are none shall be sent by packets
 *  - sockets that are sent: Linux ends those that are sent through each other
 *    when it likes, and the libOS never (fuzz/syscalls.c sends them)
 *  - reading nothing, which takes the descriptors of a stream on Linux
 *  - messages of no bytes that nobody read: Linux changed its mind of whether
 *    they reset a connection
 *  - SO_PASSCRED while a stream has bytes to be read: CAVEATS says why, and
 *    Linux ends a read where credentials begin
 *  - how much fits: what is sent is little, and Linux counts its own overhead
 */
#include "fuzz/sides.h"

enum { DATA = 256, CONTROL = 128, RIGHTS = 3 };

struct name {
	uint16_t family;
	char path[UNIX_PATH_MAX + 2];
};

static uint8_t data[DATA];

/*
 * Linux finds sockets that were sent through each other, and closed, some time
 * later: abstract names are another input's no more.
 */
static __attribute__((section("fuzz_kept"))) uint32_t input_number;

void fuzz_boot(void)
{
	sides_boot();
}

void fuzz_one(void)
{
	input_number++;
	sides_run();
}

/*
 * Names.
 */

static void put_abstract(char *path)
{
	path[0] = '\0';
	memcpy(path + 1, &input_number, sizeof(input_number));
}

/* Its length. */
static unsigned make_name(struct name *name, uint16_t from)
{
	static const char *const paths[] = {"/a", "/b", "a", "/c/a", "/", ""};
	unsigned kind = from % 12;

	*name = (struct name){.family = AF_UNIX};
	if (kind < 6) {
		eft_strlcpy(name->path, paths[kind], sizeof(name->path));
		return 2 + eft_strlen(paths[kind]) +
		       (kind < 5 ? from >> 8 & 1 : 0);
	}
	switch (kind) {
	case 10: /* of no family, or of another */
		name->family = from >> 8 & 3;
		name->path[0] = '/';
		return from >> 10 & 15;
	case 11: /* as long as it may be, and longer */
		memset(name->path, 'n', sizeof(name->path));
		name->path[0] = '/';
		if (from & 0x100)
			put_abstract(name->path);
		return 2 + UNIX_PATH_MAX - 1 + (from >> 9) % 3;
	}
	put_abstract(name->path);
	name->path[5] = 'a' + kind % 2;
	return 8 + (from >> 8 & 1);
}

/* Has (name) the form of one that autobind chose: five hexadecimal digits? */
static bool is_chosen(const struct name *name, unsigned len)
{
	for (unsigned i = 1; len == 8 && i < 6; i++) {
		char c = name->path[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
			return false;
	}
	return len == 8 && name->path[0] == '\0';
}

static void note_name(struct side *side, const struct name *name, unsigned len)
{
	if (len > sizeof(*name))
		side_note(side, " name of %u", len);
	else if (is_chosen(name, len))
		side_note(side, " a chosen name");
	else
		side_note_data(side, name, len);
}

/*
 * Steps: making and ending.
 */
static int any_type(uint16_t from)
{
	static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET,
				    SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET,
				    SOCK_RAW,	 9};

	return types[from % 8] | SOCK_NONBLOCK |
	       (from & 0x100 ? SOCK_CLOEXEC : 0);
}

static void do_socket(struct side *side, const struct fuzz_call *call)
{
	int type = any_type(call->args[0]), protocol = call->args[1] % 16 == 15;

	side_note(side, "socket(0x%x, %d) = %ld\n", type, protocol,
		  side_call(side, socket, AF_UNIX, type, protocol));
}

/* Something to be sent. */
static void do_event(struct side *side, const struct fuzz_call *call)
{
	side_note(side, "eventfd2() = %ld\n",
		  side_call(side, eventfd2, 0, O_NONBLOCK));
}

static void do_pair(struct side *side, const struct fuzz_call *call)
{
	int type = any_type(call->args[0]), protocol = call->args[1] % 16 == 15;
	int fds[2] = {-1, -1};
	long n = side_call(side, socketpair, AF_UNIX, type, protocol, fds);

	if (n != 0)
		fds[0] = fds[1] = -1; /* Linux has them already when it fails */
	side_note(side, "socketpair(0x%x, %d) = %ld %d %d\n", type, protocol, n,
		  fds[0], fds[1]);
}

static void do_close(struct side *side, const struct fuzz_call *call)
{
	int fd = side_fd(call->args[0]);

	side_note(side, "close(%d) = %ld\n", fd, side_call(side, close, fd));
}

static void do_dup(struct side *side, const struct fuzz_call *call)
{
	int fd = side_fd(call->args[0]), to = side_fd(call->args[1]);

	if (call->args[2] & 1)
		side_note(side, "dup2(%d, %d) = %ld\n", fd, to,
			  side_call(side, dup2, fd, to));
	else
		side_note(side, "dup(%d) = %ld\n", fd,
			  side_call(side, dup, fd));
}

static void do_shutdown(struct side *side, const struct fuzz_call *call)
{
	int fd = side_fd(call->args[0]), how = call->args[1] % 5 - 1;

	side_note(side, "shutdown(%d, %d) = %ld\n", fd, how,
		  side_call(side, shutdown, fd, how));
}

/*
 * Steps: connecting.
 */
static bool is_named(struct side *side, int fd)
{
	struct name name;
	unsigned len = sizeof(name);

	return side_call(side, getsockname, fd, &name, &len) == 0 && len > 2;
}

static void do_bind(struct side *side, const struct fuzz_call *call)
{
	int fd = side_fd(call->args[0]);
	struct name name;
	unsigned len = make_name(&name, call->args[1]);
	bool named;
	long n;

	side_note(side, "bind(%d", fd);
	note_name(side, &name, len);
	named = is_named(side, fd);
	n = side_call(side, bind, fd, &name, len);
	side_note(side, ") = %ld\n", n < 0 && named ? -EINVAL : n);
}

static void do_listen(struct side *side, const struct fuzz_call *call)
{
	int fd = side_fd(call->args[0]), backlog = call->args[1] % 5 - 1;

	side_note(side, "listen(%d, %d) = %ld\n", fd, backlog,
		  side_call(side, listen, fd, backlog));
}

static void do_connect(struct side *side, const struct fuzz_call *call)
{
	int fd = side_fd(call->args[0]);
	struct name name;
	unsigned len = make_name(&name, call->args[1]);

	side_note(side, "connect(%d", fd);
	note_name(side, &name, len);
	side_note(side, ") = %ld\n", side_call(side, connect, fd, &name, len));
}

static void do_accept(struct side *side, const struct fuzz_call *call)
{
	int fd = side_fd(call->args[0]);
	int flags = SOCK_NONBLOCK | (call->args[1] & 1 ? SOCK_CLOEXEC : 0);
	struct name name;
	unsigned len = call->args[2] & 1 ? call->args[2] % 120 : sizeof(name);
	long n = side_call(side, accept4, fd, &name, &len, flags);

	side_note(side, "accept(%d, 0x%x) = %ld", fd, flags, n);
	if (n >= 0)
		note_name(side, &name, len);
	side_note(side, "\n");
}

/*
 * Steps: what sockets say of themselves.
 */
static void do_name(struct side *side, const struct fuzz_call *call)
{
	int fd = side_fd(call->args[0]);
	bool peer = call->args[1] & 1;
	struct name name;
	unsigned len = sizeof(name);
	long n = peer ? side_call(side, getpeername, fd, &name, &len)
		      : side_call(side, getsockname, fd, &name, &len);

	side_note(side, "%s(%d) = %ld", peer ? "getpeername" : "getsockname",
		  fd, n);
	if (n == 0)
		note_name(side, &name, len);
	side_note(side, "\n");
}

static void do_get_option(struct side *side, const struct fuzz_call *call)
{
	static const int options[] = {SO_TYPE,	     SO_ERROR,	  SO_DOMAIN,
				      SO_ACCEPTCONN, SO_PROTOCOL, SO_PASSCRED,
				      SO_ERROR,	     SO_RCVLOWAT};
	int fd = side_fd(call->args[0]), value = 0;
	int option = options[call->args[1] % eft_array_size(options)];
	unsigned len = call->args[2] & 1 ? call->args[2] % 6 : sizeof(value);
	long n = side_call(side, getsockopt, fd, SOL_SOCKET, option, &value,
			   &len);

	side_note(side, "getsockopt(%d, %d) = %ld %d %u\n", fd, option, n,
		  value, len);
}

/* Is (fd) a stream where something waits, here or at the other end? */
static bool is_busy_stream(struct side *side, int fd)
{
	int type = 0, in = 0, out = 0;
	unsigned len = sizeof(type);

	side_call(side, getsockopt, fd, SOL_SOCKET, SO_TYPE, &type, &len);
	side_call(side, ioctl, fd, FIONREAD, &in);
	side_call(side, ioctl, fd, TIOCOUTQ, &out);
	return type == SOCK_STREAM && (in > 0 || out > 0);
}

static void do_set_option(struct side *side, const struct fuzz_call *call)
{
	static const int options[] = {SO_PASSCRED, SO_RCVLOWAT, SO_REUSEADDR};
	int fd = side_fd(call->args[0]), value = call->args[1] & 1;
	int option = options[call->args[2] % eft_array_size(options)];

	if (option == SO_PASSCRED && is_busy_stream(side, fd))
		return;
	side_note(side, "setsockopt(%d, %d, %d) = %ld\n", fd, option, value,
		  side_call(side, setsockopt, fd, SOL_SOCKET, option, &value,
			    sizeof(value)));
}

static void do_stat(struct side *side, const struct fuzz_call *call)
{
	int fd = side_fd(call->args[0]);
	struct eft_stat st;
	long n = side_call(side, fstat, fd, &st);

	side_note(side, "fstat(%d) = %ld %x\n", fd, n, n == 0 ? st.mode : 0);
}

static void do_path(struct side *side, const struct fuzz_call *call)
{
	static const char *const paths[] = {"/a", "/b", "/c", "/c/a"};
	const char *path = paths[call->args[0] % 4];

	if (call->args[1] & 1)
		side_note(side, "mkdir(%s) = %ld\n", path,
			  side_call(side, mkdir, path, 0755));
	else
		side_note(side, "unlink(%s) = %ld\n", path,
			  side_call(side, unlink, path));
}

/*
 * Steps: sending.
 */
static int any_send_flags(uint16_t from)
{
	return MSG_DONTWAIT | (from & 1 ? MSG_EOR : 0) |
	       (from & 2 ? MSG_NOSIGNAL : 0);
}

static void fill(uint16_t from, size_t len)
{
	for (size_t i = 0; i < len; i++)
		data[i] = from + i;
}

static bool is_socket(struct side *side, int fd)
{
	return side_kind(side, fd) == S_IFSOCK;
}

static void do_write(struct side *side, const struct fuzz_call *call)
{
	int fd = side_fd(call->args[0]);
	size_t len = is_socket(side, fd) ? 1 + call->args[1] % (DATA - 1) : 8;

	fill(call->args[2], len);
	side_note(side, "write(%d, %zu) = %ld\n", fd, len,
		  side_call(side, write, fd, data, len));
}

/* Descriptors to be sent; the length of what says so. */
static size_t put_rights(struct side *side, void *control, uint16_t from,
			 bool *ret_bad)
{
	struct eft_cmsghdr *header = control;
	int *fds = (void *)(header + 1);
	unsigned count = from % (RIGHTS + 1);

	for (unsigned i = 0; i < count; i++) {
		fds[i] = side_fd(from >> (2 + 4 * i) & 15);
		if (is_socket(side, fds[i]))
			fds[i] = -1;
		*ret_bad |= side_call(side, fcntl, fds[i], F_GETFD) < 0;
		side_note(side, " +%d", fds[i]);
	}
	if (!(from & 0x8000))
		*ret_bad = false;
	*header = (struct eft_cmsghdr){
		.len = sizeof(*header) + count * sizeof(*fds),
		.level = SOL_SOCKET,
		.type = SCM_RIGHTS,
	};
	return from & 0x8000 ? header->len : 0;
}

static bool is_seqpacket(struct side *side, int fd)
{
	int type = 0;
	unsigned len = sizeof(type);

	side_call(side, getsockopt, fd, SOL_SOCKET, SO_TYPE, &type, &len);
	return type == SOCK_SEQPACKET;
}

static void do_send(struct side *side, const struct fuzz_call *call)
{
	int fd = side_fd(call->args[0]);
	int flags = any_send_flags(call->args[3]);
	size_t len = 1 + call->args[1] % (DATA - 1);
	uint64_t control[CONTROL / 8];
	struct name name;
	struct eft_iovec iov[2] = {{data, len / 2},
				   {data + len / 2, len - len / 2}};
	struct eft_msghdr message = {.iov = iov, .iov_len = 2};
	bool bad = false;

	fill(call->args[6], len);
	side_note(side, "sendmsg(%d, %zu, 0x%x", fd, len, flags);
	if (call->args[4] & 1) {
		message.name = &name;
		message.name_len = make_name(&name, call->args[2]);
		note_name(side, &name, message.name_len);
	}
	message.control = control;
	message.control_len = put_rights(side, control, call->args[5], &bad);
	if (bad && is_seqpacket(side, fd)) {
		side_note(side, ") is not tried\n");
		return;
	}
	side_note(side, ") = %ld\n",
		  side_call(side, sendmsg, fd, &message, flags));
}

/*
 * Steps: receiving.
 */
static int any_receive_flags(uint16_t from)
{
	static const int flags[] = {MSG_PEEK, MSG_TRUNC, MSG_WAITALL,
				    MSG_CMSG_CLOEXEC};
	int result = MSG_DONTWAIT;

	for (unsigned i = 0; i < eft_array_size(flags); i++)
		result |= from >> i & 1 ? flags[i] : 0;
	return result;
}

static void do_read(struct side *side, const struct fuzz_call *call)
{
	int fd = side_fd(call->args[0]);
	size_t len = call->args[1] % DATA;
	long n = side_call(side, read, fd, data, len);

	side_note(side, "read(%d, %zu) = %ld", fd, len, n);
	side_note_data(side, data, n > 0 ? n : 0);
	side_note(side, "\n");
}

/* What came along; descriptors are the side's from now on. */
static void note_control(struct side *side, const struct eft_msghdr *message)
{
	const char *at = message->control, *end = at + message->control_len;

	while (end - at >= (long)sizeof(struct eft_cmsghdr)) {
		const struct eft_cmsghdr *header = (const void *)at;
		const int *fds = (const void *)(header + 1);
		size_t count = (header->len - sizeof(*header)) / sizeof(*fds);

		side_note(side, " control %d:%d:%zu", header->level,
			  header->type, header->len);
		for (size_t i = 0; header->type == SCM_RIGHTS && i < count; i++)
			side_note(side, " %d/%ld", fds[i],
				  side_call(side, fcntl, fds[i], F_GETFD));
		at += eft_align_up(header->len, 8);
	}
}

static void do_receive(struct side *side, const struct fuzz_call *call)
{
	int fd = side_fd(call->args[0]);
	int flags = any_receive_flags(call->args[2]);
	size_t len = 1 + call->args[1] % (DATA - 1);
	uint64_t control[CONTROL / 8];
	struct name name;
	struct eft_iovec iov = {data, len};
	struct eft_msghdr message = {
		.iov = &iov,
		.iov_len = 1,
		.control = control,
		.control_len = call->args[3] & 1 ? call->args[4] % 48 : CONTROL,
	};
	long n;

	if (call->args[3] & 2) {
		message.name = &name;
		message.name_len = sizeof(name);
	}
	n = side_call(side, recvmsg, fd, &message, flags);
	side_note(side, "recvmsg(%d, %zu, 0x%x) = %ld", fd, len, flags, n);
	if (n >= 0) {
		side_note(side, " flags 0x%x", message.flags);
		side_note_data(side, data, eft_min(n, len));
		if (message.name != NULL)
			note_name(side, &name, message.name_len);
		note_control(side, &message);
	}
	side_note(side, "\n");
}

side_step *const side_steps[] = {
	do_socket,     do_pair,	      do_close,	  do_dup,    do_shutdown,
	do_bind,       do_listen,     do_connect, do_accept, do_name,
	do_get_option, do_set_option, side_poll,  side_left, do_stat,
	do_path,       do_write,      do_send,	  do_read,   do_receive,
	do_send,       do_receive,    do_socket,  do_bind,   do_connect,
	do_accept,     do_listen,     do_event,	  do_event,
};
const unsigned side_step_count = eft_array_size(side_steps);

void side_finish(struct side *side)
{
}
