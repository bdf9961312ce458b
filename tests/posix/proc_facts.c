// SPDX-License-Identifier: BSD-3-Clause
/*
 * What /proc/self says of the process: that its files are there, agree with
 * each other and with what calls say.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tap.h"

static char text[1 << 20];

static ssize_t read_file(const char *path)
{
	int fd = open(path, O_RDONLY);
	ssize_t n, len = 0;

	if (fd < 0)
		return -1;
	while ((n = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += n;
	close(fd);
	text[len] = '\0';
	return n < 0 ? -1 : len;
}

/* The line of (name), or NULL. */
static const char *line(const char *name)
{
	size_t len = strlen(name);
	const char *at = text;

	while (at != NULL && (strncmp(at, name, len) != 0 || at[len] != ':')) {
		at = strchr(at, '\n');
		at = at != NULL ? at + 1 : NULL;
	}
	return at != NULL ? at + len + 1 : NULL;
}

static unsigned long long value(const char *name, int base)
{
	const char *at = line(name);

	return at != NULL ? strtoull(at, NULL, base) : ~0ull;
}

static void handle(int signal)
{
	(void)signal;
}

static unsigned long long bit(int signal)
{
	return 1ull << (signal - 1);
}

static void signals(void)
{
	sigset_t set;

	need(signal(SIGUSR1, handle) != SIG_ERR);
	need(signal(SIGHUP, SIG_IGN) != SIG_ERR);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGRTMIN);
	need(pthread_sigmask(SIG_BLOCK, &set, NULL) == 0);
	need(pthread_kill(pthread_self(), SIGUSR1) == 0);
	need(kill(getpid(), SIGRTMIN) == 0);
	need(read_file("/proc/self/status") > 0);
	ok((value("SigBlk", 16) &
	    (bit(SIGUSR1) | bit(SIGRTMIN) | bit(SIGHUP))) ==
		   (bit(SIGUSR1) | bit(SIGRTMIN)),
	   "status: SigBlk");
	ok(value("SigIgn", 16) & bit(SIGHUP), "SigIgn");
	ok(!(value("SigIgn", 16) & bit(SIGUSR1)), "of no other");
	ok(value("SigCgt", 16) & bit(SIGUSR1), "SigCgt");
	ok(!(value("SigCgt", 16) & bit(SIGHUP)), "of no other");
	ok(value("SigPnd", 16) == bit(SIGUSR1), "SigPnd: the thread's");
	ok(value("ShdPnd", 16) & bit(SIGRTMIN), "ShdPnd: the process's");
	ok(line("SigQ") != NULL && strchr(line("SigQ"), '/') != NULL, "SigQ");
	need(signal(SIGRTMIN, SIG_IGN) != SIG_ERR);
	need(pthread_sigmask(SIG_UNBLOCK, &set, NULL) == 0);
}

static void status(void)
{
	static const char *const names[] = {"Name",
					    "Umask",
					    "State",
					    "Tgid",
					    "Ngid",
					    "Pid",
					    "PPid",
					    "TracerPid",
					    "Uid",
					    "Gid",
					    "FDSize",
					    "Groups",
					    "NSpid",
					    "VmPeak",
					    "VmSize",
					    "VmLck",
					    "VmPin",
					    "VmHWM",
					    "VmRSS",
					    "VmData",
					    "VmStk",
					    "VmExe",
					    "VmLib",
					    "VmPTE",
					    "VmSwap",
					    "Threads",
					    "CapInh",
					    "CapPrm",
					    "CapEff",
					    "CapBnd",
					    "CapAmb",
					    "Seccomp",
					    "NoNewPrivs",
					    "Cpus_allowed",
					    "Cpus_allowed_list",
					    "Mems_allowed_list",
					    "voluntary_ctxt_switches"};

	need(read_file("/proc/self/status") > 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		ok(line(names[i]) != NULL, names[i]);
	ok(value("Pid", 10) == (unsigned)getpid() &&
		   value("PPid", 10) == (unsigned)getppid() &&
		   value("Tgid", 10) == (unsigned)getpid(),
	   "the numbers of the process");
	ok(value("Uid", 10) == getuid() && value("Gid", 10) == getgid(),
	   "its user and group");
	ok(value("VmSize", 10) >= value("VmRSS", 10) &&
		   value("VmPeak", 10) >= value("VmSize", 10) &&
		   value("VmHWM", 10) >= value("VmRSS", 10),
	   "sizes in their order");
	ok(value("Threads", 10) == 1, "one thread");
	ok(value("Cpus_allowed", 16) & 1 || line("Cpus_allowed")[0] != '\0',
	   "CPUs");
}

/* Of each mapping what maps has, and figures that add up. */
static void smaps(void)
{
	char *memory = mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned long from, to, rss = 0, size = 0, sum = 0, mappings = 0;
	int good = 1, found = 0;

	need(memory != MAP_FAILED);
	memset(memory, 1, 8 << 20);
	need(read_file("/proc/self/smaps") > 0);
	for (char *at = text; at != NULL && *at != '\0';) {
		unsigned long number;
		char *end = strchr(at, '\n');

		if (sscanf(at, "%lx-%lx ", &from, &to) == 2 && at[0] >= '0' &&
		    strchr("0123456789abcdef", at[0])) {
			mappings++;
			size = (to - from) / 1024;
			found |= from <= (unsigned long)memory &&
				 to >= (unsigned long)memory + (8 << 20);
		} else if (sscanf(at, "Size: %lu", &number) == 1) {
			good &= number == size;
		} else if (sscanf(at, "Rss: %lu", &rss) == 1) {
			good &= rss <= size;
			sum = 0;
		} else if (sscanf(at, "Shared_Clean: %lu", &number) == 1 ||
			   sscanf(at, "Shared_Dirty: %lu", &number) == 1 ||
			   sscanf(at, "Private_Clean: %lu", &number) == 1) {
			sum += number;
		} else if (sscanf(at, "Private_Dirty: %lu", &number) == 1) {
			good &= sum + number == rss;
		}
		at = end != NULL ? end + 1 : NULL;
	}
	ok(mappings > 2 && found, "smaps has the mappings");
	ok(good, "of each the parts add up");
	ok(strstr(text, "VmFlags:") != NULL, "and flags");
	need(munmap(memory, 8 << 20) == 0);
}

static void vector(void)
{
	unsigned long words[2];
	ssize_t n = read_file("/proc/self/auxv");
	unsigned long page = 0, entry = 0, end = 1;

	ok(n > 0 && n % sizeof(words) == 0, "auxv: pairs");
	for (ssize_t at = 0; at < n; at += sizeof(words)) {
		memcpy(words, text + at, sizeof(words));
		if (words[0] == AT_PAGESZ)
			page = words[1];
		if (words[0] == AT_ENTRY)
			entry = words[1];
		end = words[0];
	}
	ok(page == 4096 && entry == getauxval(AT_ENTRY), "what getauxval says");
	ok(end == AT_NULL, "and an end");
	ok(getauxval(51) >= 1024, "AT_MINSIGSTKSZ");
}

static void limits(void)
{
	struct rlimit limit;
	const char *at;
	int lines = 0;

	need(read_file("/proc/self/limits") > 0);
	for (at = text; (at = strchr(at, '\n')) != NULL; at++)
		lines++;
	ok(lines == 17, "limits: sixteen");
	need(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	at = strstr(text, "Max open files");
	ok(at != NULL && strtoull(at + 14, NULL, 10) == limit.rlim_cur,
	   "open files");
	need(getrlimit(RLIMIT_STACK, &limit) == 0);
	at = strstr(text, "Max stack size");
	ok(at != NULL && (limit.rlim_cur == RLIM_INFINITY ||
			  strtoull(at + 14, NULL, 10) == limit.rlim_cur),
	   "the stack");
}

static void surroundings(void)
{
	ok(read_file("/proc/self/mounts") > 0 && strchr(text, '/') != NULL,
	   "mounts");
	ok(read_file("/proc/self/mountinfo") > 0 && strchr(text, '/') != NULL,
	   "mountinfo");
	ok(read_file("/proc/self/cgroup") >= 0, "cgroup");
	ok(read_file("/proc/self/io") > 0 && line("rchar") != NULL &&
		   line("write_bytes") != NULL,
	   "io");
	ok(read_file("/proc/self/oom_score") > 0, "oom_score");
	ok(read_file("/proc/self/oom_score_adj") > 0, "oom_score_adj");
}

static void *name_itself(void *arg)
{
	char path[60], target[60];
	ssize_t n;

	need(pthread_setname_np(pthread_self(), "named") == 0);
	n = readlink("/proc/thread-self", target, sizeof(target) - 1);
	target[n > 0 ? n : 0] = '\0';
	snprintf(path, sizeof(path), "%d/task/%ld", getpid(),
		 syscall(SYS_gettid));
	ok(strcmp(path, target) == 0, "thread-self leads to the thread");
	ok(read_file("/proc/thread-self/comm") > 0 &&
		   strcmp(text, "named\n") == 0,
	   "its name");
	need(read_file("/proc/thread-self/status") > 0);
	ok(value("Pid", 10) == (unsigned)syscall(SYS_gettid) &&
		   value("Tgid", 10) == (unsigned)getpid(),
	   "its status");
	return arg;
}

int main(void)
{
	pthread_t thread;

	status();
	signals();
	smaps();
	vector();
	limits();
	surroundings();
	ok(read_file("/proc/thread-self/comm") > 0,
	   "thread-self of an only thread");
	need(pthread_create(&thread, NULL, name_itself, NULL) == 0);
	need(pthread_join(thread, NULL) == 0);
	ok(read_file("/proc/thread-self/stat") > 0 &&
		   strtol(text, NULL, 10) == getpid(),
	   "the first thread's");
	return done();
}
