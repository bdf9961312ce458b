// SPDX-License-Identifier: BSD-3-Clause
/*
 * Every system call: the input is a sequence of them with made-up arguments
 * (calls.h), of which (how) says after how many allocations they fail.
 *
 * Memory that a call is given has the size that it may use, and ends where
 * AddressSanitizer looks. Descriptors and addresses are often those that calls
 * before have returned. A timer's handler ends each wait.
 *
 * At the end all is closed, unmapped and removed, and nothing may be left.
 */
#include "fuzz/syscalls.h"
#include "core/boot.h"
#include "core/process.h"
#include "core/vfs/root.h"
#include "fuzz/by_number.h"
#include "fuzz/calls.h"
#include "fuzz/fuzz_heap.h"
#include "posix/futex/futex.h"
#include "posix/signal/signal.h"
#include "posix/sys/enter.h"
#include "tests/fake/host.h"

/* Those who have threads have it: clone(), which is no call here. */
eft_needs(eft_futex_shared);

enum {
	DESCRIPTORS = 64,
	RESULTS = 8,
	BYTES_MAX = 9000,
	SETTLE_NS = 100000000,
};

static long results[RESULTS]; /* of the last calls */
static unsigned result_count;
static bool rights_sent; /* sockets in circles stay: CAVEATS */
static bool traced;	 /* FUZZ_TRACE=1: say what is called */
static uint32_t seed;	 /* of what memory holds */

static const struct eft_identity root = {.pid = 42, .ppid = 1};

static bool may_end(enum fake_end end)
{
	switch (fake_status) {
	case SIGABRT:
	case SIGBUS:
	case SIGFPE:
	case SIGILL:
	case SIGSEGV:
	case SIGTRAP:
		return end != FAKE_CRASHED;
	}
	return true; /* it waits for ever, or was killed */
}

void fuzz_boot(void)
{
	struct fake_config config = FUZZ_WORLD;

	fake_boot(&config);
	eft_process()->identity = root;
	eft_fd_init();
	eft_fd_limit(DESCRIPTORS);
	eft_root_init(NULL, 0);
	traced = host_asks("FUZZ_TRACE");
	fuzz_may_end = may_end;
	fake_patience = 1000;
}

/*
 * Arguments.
 */

static long any_number(uint16_t from)
{
	static const long odd[] = {
		-1,	     INT32_MAX,	   INT32_MIN,	    INT64_MAX,
		INT64_MIN,   UINT32_MAX,   1l << 32,	    4096,
		AT_FDCWD,    O_NONBLOCK,   O_CLOEXEC,	    O_CREAT | O_RDWR,
		O_DIRECTORY, F_GETPIPE_SZ, F_DUPFD_CLOEXEC, FIONREAD};
	unsigned low = from & 0xff;

	switch (from >> 12) {
	case 8:
		return (long)(1ul << (low & 63));
	case 9:
		return odd[low % eft_array_size(odd)];
	case 10:
		return 1l << (low & 15) | 1l << (low >> 4 & 15);
	case 11:
		return from & 0xfff;
	case 12:
		return results[low % RESULTS];
	case 13:
		return -(long)low;
	}
	return low % 64;
}

static long any_descriptor(uint16_t from)
{
	unsigned low = from & 0xff;

	if (low >= 0xf8)
		return any_number(from);
	return low >= 0xc0 ? (int)results[low % RESULTS] : (int)(low % 12);
}

static long any_offset(uint16_t from)
{
	if (from >> 15)
		return any_number(from << 1);
	return from & 1 ? from : eft_align_down(from, EFT_PAGE_SIZE);
}

static long any_address(uint16_t from)
{
	size_t window = fake_info.window_end - fake_info.window_start;

	if (from >> 12 == 15)
		return 0;
	if (from >> 12 >= 12)
		return results[from % RESULTS];
	return fake_info.window_start +
	       (from * 512ul * (from & 3 ? 8 : 1)) % window;
}

static long any_signal(uint16_t from)
{
	static const int signals[] = {SIGHUP,  SIGINT,	SIGTERM, SIGALRM,
				      SIGPIPE, SIGCHLD, SIGURG,	 SIGCONT,
				      SIGSTOP, SIGTSTP, 34,	 64,
				      0,       65,	-1,	 10};

	return signals[from % eft_array_size(signals)];
}

static long any_request(uint16_t from)
{
	static const unsigned requests[] = {
		TCGETS,	  TCSETS,    TCSETSW,	 TCSETSF,   TCSBRK,  TCXONC,
		TCFLSH,	  TIOCGPGRP, TIOCSPGRP,	 TIOCOUTQ,  FIONBIO, FIONREAD,
		FIONCLEX, FIOCLEX,   TIOCGWINSZ, TIOCSWINSZ};

	return from >> 12 == 15 ? from : requests[from % 16];
}

/* Up to three names of few, so that they meet, and now and then `/`. */
static char *any_path(uint16_t from)
{
	static const char *const names[] = {
		"",	"a",   "b",   "c",    "a",    "b",    ".",  "..",
		"proc", "dev", "tmp", "self", "task", "null", "fd", "3"};
	char *path = fuzz_alloc(256), *end = path + 256, *at = path;
	bool absolute = from & 0x8000;

	if (from == 0xffff) {
		memset(path, 'n', 255);
		return path;
	}
	for (unsigned i = 0; i < 3; i++, from >>= 4) {
		const char *name = names[from & 15];

		if (*name == '\0')
			continue;
		at += eft_snprintf(at, end - at, "%s%s",
				   at > path || absolute ? "/" : "", name);
	}
	if (from & 4)
		eft_strlcpy(at, "/", end - at);
	return path;
}

/* Words of memory: small ones, flags, descriptors. */
static void *any_memory(size_t size)
{
	uint8_t *memory = fuzz_alloc(size);

	for (size_t at = 0; at + 4 <= size && at < 256; at += 4) {
		uint32_t word;

		seed = seed * 1103515245 + 12345;
		word = seed >> 16 & 7 ? seed >> 20 & 7 : any_number(seed >> 16);
		memcpy(memory + at, &word, 4);
	}
	return memory;
}

static void *any_vector(size_t count, uint16_t from)
{
	struct eft_iovec *iov = fuzz_alloc(count * sizeof(*iov));

	for (size_t i = 0; i < count; i++, from = from * 5 + 1) {
		iov[i].len = from >> 13 ? from % 64 : from % BYTES_MAX;
		iov[i].base = fuzz_alloc(iov[i].len);
	}
	return iov;
}

static size_t put_control(char *control, uint16_t from)
{
	struct eft_cmsghdr *header = (void *)control;
	int *fds = (void *)(header + 1);
	unsigned count = from % 4;

	for (unsigned i = 0; i < count; i++)
		fds[i] = any_descriptor(from >> 2 * i);
	header->len = sizeof(*header) + count * sizeof(*fds);
	header->level = SOL_SOCKET;
	header->type = from & 0x100 ? SCM_CREDENTIALS : SCM_RIGHTS;
	rights_sent |= count > 0;
	return from & 0x200 ? header->len : 0;
}

/* One message or several: they begin alike. */
static void *any_message(size_t size, unsigned count, uint16_t from)
{
	char *messages = fuzz_alloc(size * count);

	for (unsigned i = 0; i < count; i++) {
		struct eft_msghdr *header = (void *)(messages + i * size);

		header->iov_len = from % 4;
		header->iov = any_vector(header->iov_len, from);
		header->control = fuzz_alloc(64);
		header->control_len = put_control(header->control, from);
		if (from & 0x400) {
			header->name_len = from % 129;
			header->name = any_memory(128);
		}
	}
	return messages;
}

static void *any_name(size_t size, uint16_t from)
{
	char *name = fuzz_alloc(size);

	for (size_t i = 3; i < size && i < 5; i++)
		name[i] = 'a' + from % 3;
	if (size > 2) {
		name[0] = AF_UNIX;
		name[2] = from & 4 ? '\0' : '/';
	}
	return name;
}

static uint32_t *any_length(uint16_t from)
{
	uint32_t *length = fuzz_alloc(sizeof(*length));

	*length = from % 129;
	return length;
}

static void handler(int signal)
{
}

static struct eft_sigaction *any_action(uint16_t from)
{
	static void *const handlers[] = {(void *)handler, SIG_IGN, SIG_DFL};
	struct eft_sigaction *action = fuzz_alloc(sizeof(*action));

	if (from % 8 == 7)
		return NULL;
	*action = (struct eft_sigaction){
		.handler = handlers[from % 3],
		.flags = (from & 16 ? SA_RESTART : 0) |
			 (from & 32 ? SA_NODEFER : 0) |
			 (from & 64 ? SA_RESETHAND : 0),
		.mask = from >> 8,
	};
	return action;
}

static struct eft_robust_head *robust_head(void)
{
	uintptr_t *head = fuzz_alloc(24);

	head[0] = (uintptr_t)head;
	return (void *)head;
}

/* Does argument (i) of fcntl or prctl point to something, after those (made)?
 */
static bool points(const char *name, const long *made, unsigned i)
{
	static const uint8_t locks[] = {F_GETLK,     F_SETLK,	  F_SETLKW,
					F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW};
	static const uint8_t options[] = {2, 15, 16, 37,
					  40}; /* posix/thread/prctl.c */

	for (unsigned j = 0; i == 2 && j < eft_array_size(locks); j++) {
		if (made[1] == locks[j])
			return eft_strcmp(name, "fcntl") == 0;
	}
	for (unsigned j = 0; i == 1 && j < eft_array_size(options); j++) {
		if (made[0] == options[j])
			return eft_strcmp(name, "prctl") == 0;
	}
	return false;
}

/* Elements of the array at argument (i), by the size beside it; or -1. */
static long array_count(const struct call_description *call,
			const uint16_t *args, unsigned i)
{
	unsigned size = eft_max(call->arguments[i].size, 1u);

	if (i + 1 < call->count && call->arguments[i + 1].kind == SIZE)
		return args[i + 1] % (BYTES_MAX / size);
	if (i > 0 && call->arguments[i - 1].kind == COUNT)
		return args[i - 1] % (BYTES_MAX / size);
	return -1;
}

static long make_argument(const struct call_description *call,
			  const uint16_t *args, const long *made, unsigned i)
{
	unsigned size = call->arguments[i].size;
	long count = array_count(call, args, i);
	uint16_t from = args[i];

	switch (call->arguments[i].kind) {
	case FD:
		return any_descriptor(from);
	case DIRECTORY:
		return from & 0x100 ? any_descriptor(from) : AT_FDCWD;
	case PATH:
		return (long)any_path(from);
	case OFFSET:
		return any_offset(from);
	case ADDRESS:
		return any_address(from);
	case REQUEST:
		return any_request(from);
	case SIGNAL:
		return any_signal(from);
	case SIZE:
		return i > 0 ? array_count(call, args, i - 1)
			     : any_number(from);
	case COUNT:
		return array_count(call, args, i + 1);
	case MAYBE:
		if (from & 1)
			return 0;
		__attribute__((fallthrough));
	case MEMORY:
		return (long)any_memory(count < 0 ? size : count * size);
	case VECTOR:
		return (long)any_vector(count < 0 ? 1 : count, from);
	case MESSAGE:
		return (long)any_message(size, count < 0 ? 1 : count, from);
	case ACTION:
		return (long)any_action(from);
	case ROBUST:
		return (long)robust_head();
	case ZEROES:
		return (long)fuzz_alloc(size);
	case NAME:
		return (long)any_name(count, from);
	case LENGTH:
		return (long)any_length(from);
	case SIGNAL_BYTES:
		return from % 16 ? 8 : from;
	case NUMBER:
		break;
	}
	return points(call->name, made, i) ? (long)any_memory(256)
					   : any_number(from);
}

static void trace(const char *name, const long *args, unsigned count)
{
	char line[256];
	size_t len = eft_snprintf(line, sizeof(line), "%s(", name);

	for (unsigned i = 0; i < count; i++)
		len += eft_snprintf(line + len, sizeof(line) - len, "%s0x%lx",
				    i > 0 ? ", " : "", args[i]);
	host_print(line, len);
}

static void trace_result(long result)
{
	char line[32];

	host_print(line, eft_snprintf(line, sizeof(line), ") = %ld\n", result));
}

static void make_call(const struct fuzz_call *made)
{
	const struct call_description *call = &calls[made->what % call_count];
	long args[6] = {0}, result;

	seed = made->args[6];
	for (unsigned i = 0; i < call->count; i++)
		args[i] = make_argument(call, made->args, args, i);
	if (traced)
		trace(call->name, args, call->count);
	eft_alloc_fail_after(made->how & 0x80 ? made->how & 15 : UINT64_MAX);
	result = fuzz_by_number(call->number, args[0], args[1], args[2],
				args[3], args[4], args[5]);
	eft_alloc_fail_after(UINT64_MAX);
	results[result_count++ % RESULTS] = result;
	if (traced)
		trace_result(result);
	if (made->how & 0x40)
		fake_advance(made->args[6] * 1000ul);
}

/*
 * The beginning and the end.
 */

/* No wait is longer than a tick of this timer, while it is let tick. */
static void start_timer(void)
{
	struct eft_sigaction action = {.handler = (void *)handler};
	struct {
		struct eft_timeval interval, value;
	} second = {{1, 0}, {1, 0}};

	eft_sys_gettid(); /* a C library asks, and so there is a task */
	eft_sys_rt_sigaction(SIGALRM, &action, NULL, 8);
	eft_sys_setitimer(0, (void *)&second, NULL);
	action.handler = SIG_IGN;
	eft_sys_rt_sigaction(SIGPIPE, &action, NULL, 8);
}

static void stop_timers(void)
{
	struct {
		struct eft_timeval interval, value;
	} never = {0};
	uint64_t none = 0;

	for (int which = 0; which < 3; which++)
		eft_sys_setitimer(which, (void *)&never, NULL);
	for (int id = 0; id < FUZZ_CALLS; id++)
		eft_sys_timer_delete(id);
	for (int signal = 1; signal <= EFT_SIGNALS; signal++) {
		struct eft_sigaction ignore = {.handler = SIG_IGN};

		eft_sys_rt_sigaction(signal, &ignore, NULL, 8);
	}
	eft_sys_rt_sigprocmask(2, &none, NULL, 8);
}

/* /proc makes an entry for a number that is asked for, and keeps it. */
static void make_entries(void)
{
	char byte;

	eft_sys_dup2(eft_sys_open("/", O_PATH, 0), 3);
	eft_sys_readlink("/proc/self/fd/3", &byte, 1);
}

static void clean_up(void)
{
	const size_t window = fake_info.window_end - fake_info.window_start;
	int fd;

	stop_timers();
	eft_process()->identity = root;
	eft_sys_setgroups(0, NULL);
	eft_sys_chdir("/");
	eft_fd_limit(DESCRIPTORS);
	make_entries();
	while ((fd = eft_fd_next(0)) >= 0)
		eft_sys_close(fd);
	eft_sys_munmap(fake_info.window_start, window);
	fuzz_unmount_all();
	fuzz_empty_root();
	fake_advance(SETTLE_NS);
}

void fuzz_one(void)
{
	struct fuzz_call call;

	start_timer();
	while (fuzz_next_call(&call))
		make_call(&call);
	clean_up();
	if (!rights_sent)
		fuzz_check_left();
}
