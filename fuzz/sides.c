// SPDX-License-Identifier: BSD-3-Clause
/*
 * Making a sequence of calls by both sides: see sides.h.
 */
#include "fuzz/sides.h"
#include "core/boot.h"
#include "core/file.h"
#include "core/process.h"
#include "core/vfs/root.h"
#include "fuzz/by_number.h"
#include "fuzz/linuxside.h"
#include "posix/signal/signal.h"
#include "posix/sys/enter.h"
#include "tests/fake/host.h"

static struct fuzz_call calls[FUZZ_CALLS];
static unsigned count;
static bool survey; /* FUZZ_SURVEY=1: tell all differences, and go on */

bool side_keeps;

static struct side libos = {.call = fuzz_by_number};
static struct side theirs = {.call = linux_side_call};

void side_note(struct side *side, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	side->len += eft_vsnprintf(side->log + side->len, SIDE_LOG - side->len,
				   fmt, ap);
	va_end(ap);
	side->len = eft_min(side->len, SIDE_LOG - 1);
}

/* Its beginning, and a sum of all (FNV-1a). */
void side_note_data(struct side *side, const void *data, size_t len)
{
	const uint8_t *bytes = data;
	uint32_t sum = 2166136261u;

	side_note(side, " [");
	for (size_t i = 0; i < len; i++) {
		sum = (sum ^ bytes[i]) * 16777619;
		if (i < 8)
			side_note(side, "%02x", bytes[i]);
	}
	side_note(side, "|%zu|%x]", len, sum);
}

int side_fd(uint16_t from)
{
	static const int odd[] = {-1, SIDE_DESCRIPTORS, 1000000, AT_FDCWD};

	return from >> 8 == 0xff ? odd[from % 4] : from % 12;
}

int side_directory(uint16_t from)
{
	return from & 0x300 ? AT_FDCWD : side_fd(from);
}

enum { LONG_NAMES = 0x7ff };

/* Up to four names of three, so that they meet; now and then `/` or a long one.
 */
void side_path(char path[SIDE_PATH], uint16_t from)
{
	static const char *const names[] = {"",	 "a",  "b", "c",
					    ".", "..", "a", "b"};
	size_t len = from & 0x8000 ? eft_strlcpy(path, "/", SIDE_PATH) : 0;

	path[len] = '\0';
	if (from >> 4 == LONG_NAMES) {
		memset(path, 'n', NAME_MAX + 1);
		path[NAME_MAX + (from & 1)] = '\0';
		return;
	}
	for (unsigned i = 0; i < 4; i++, from >>= 3) {
		const char *name = names[from & 7];

		if (*name != '\0')
			len += eft_snprintf(
				path + len, SIDE_PATH - len, "%s%s",
				len > 0 && path[len - 1] != '/' ? "/" : "",
				name);
	}
	if (from & 1)
		eft_strlcpy(path + len, "/", SIDE_PATH - len);
}

/* A side begins with nothing open. */
static void run_side(struct side *side)
{
	side->allocated = false;
	side->len = 0;
	side->log[0] = '\0';
	for (int fd = 0; fd < 3; fd++)
		side_call(side, close, fd);
	side_call(side, umask, 022);
	side_call(side, chdir, "/");
	for (unsigned i = 0; i < count; i++)
		side_steps[calls[i].what % side_step_count](side, &calls[i]);
	for (int fd = 0; fd < SIDE_DESCRIPTORS; fd++)
		side_call(side, close, fd);
	side_call(side, chdir, "/");
	side_finish(side);
}

static void root(struct eft_identity *ret_identity)
{
	*ret_identity = (struct eft_identity){.pid = 42, .ppid = 1};
}

void sides_boot(void)
{
	struct fake_config config = {.zone_bytes = {8 << 20},
				     .window_bytes = 1 << 20};

	survey = host_asks("FUZZ_SURVEY");
	fake_plat.identity = root;
	fake_boot(&config);
	root(&eft_process()->identity);
	eft_fd_init();
	eft_fd_limit(SIDE_DESCRIPTORS);
	eft_root_init(NULL, 0);
	eft_sys_dup2(0, SIDE_DESCRIPTORS - 1); /* the table grows, and stays */
	eft_sys_close(SIDE_DESCRIPTORS - 1);
	if (!linux_side_init(SIDE_DESCRIPTORS))
		host_skip("Linux 6.14, and the right to make name spaces");
}

static void print_line(const char *who, const char *line)
{
	size_t len = 0;

	while (line[len] != '\0' && line[len] != '\n')
		len++;
	host_print(who, eft_strlen(who));
	host_print(line, len);
	host_print("\n", 1);
}

int side_kind(struct side *side, int fd)
{
	struct eft_stat st;

	if (side_call(side, fstat, fd, &st) != 0)
		return -1;
	return (int)(st.mode & S_IFMT);
}

void side_poll(struct side *side, const struct fuzz_call *call)
{
	struct eft_pollfd fds[3];
	long n;

	for (unsigned i = 0; i < 3; i++)
		fds[i] = (struct eft_pollfd){.fd = side_fd(call->args[2 * i]),
					     .events = call->args[2 * i + 1] &
						       0x27ff};
	n = side_call(side, poll, fds, 3, 0);
	side_note(side, "poll() = %ld", n);
	for (unsigned i = 0; i < 3; i++)
		side_note(side, " %d:0x%x/0x%x", fds[i].fd, fds[i].revents,
			  fds[i].events);
	side_note(side, "\n");
}

void side_left(struct side *side, const struct fuzz_call *call)
{
	int fd = side_fd(call->args[0]), left = -1;
	long n = side_call(side, ioctl, fd, FIONREAD, &left);

	side_note(side, "ioctl(%d, FIONREAD) = %ld %d\n", fd, n, left);
}

/* Where the accounts begin to differ: the line before, and the two. */
static void differ(void)
{
	size_t at = 0, line = 0;

	while (libos.log[at] == theirs.log[at]) {
		if (libos.log[at++] == '\n')
			line = at;
	}
	host_print(libos.log, line);
	print_line("libOS: ", libos.log + line);
	print_line("Linux: ", theirs.log + line);
	if (!survey)
		host_abort("the libOS and Linux differ", "");
}

void sides_run(void)
{
	struct eft_sigaction ignore = {.handler = SIG_IGN};
	struct fuzz_call call;

	while (fuzz_next_call(&call))
		calls[count++] = call;
	linux_side_enter();
	run_side(&theirs);
	linux_side_leave();
	eft_sys_gettid();
	eft_sys_rt_sigaction(SIGPIPE, &ignore, NULL, 8);
	fuzz_empty_root();
	run_side(&libos);
	if (libos.len != theirs.len ||
	    memcmp(libos.log, theirs.log, libos.len) != 0)
		differ();
	fuzz_empty_root();
	if (!side_keeps)
		fuzz_check_left();
}
