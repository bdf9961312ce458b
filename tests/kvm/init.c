// SPDX-License-Identifier: BSD-3-Clause
/*
 * The first program of an emulated machine's Linux (tests/runner/kvm.py): has
 * the modules of KVM loaded, does the jobs of /jobs in their names' order, each
 * in an empty folder, and says on the console how each has ended:
 *
 *     @ ok NAME MILLISECONDS
 *     @ not ok NAME MILLISECONDS REASON
 *     (where it hung, its output and errors)
 *     @ end
 *
 * and "@ done" after the last. A job is a folder of files:
 *
 *     plan     NAME, its end of line, and the numbers STATUS SECONDS URING:
 *              the status that is wanted, when the job hangs, and whether
 *              there is io_uring
 *     command  words, each with a NUL at its end
 *     input    what it reads
 *     output   what it is to write, if that matters
 *
 * A guest's status is the number N of its report's last line "exit N".
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NO_STATUS 125
#define SHOWN	  2000 /* bytes at both ends of what a failed job wrote */
#define HANG	  "/tmp/hang"	 /* where one that hung was */
#define MONITOR	  "/tmp/monitor" /* QEMU's */

struct job {
	char name[128];
	int status, seconds, uring;
};

static void die(const char *what)
{
	printf("@ init: %s: %s\n", what, strerror(errno));
	reboot(RB_POWER_OFF);
	exit(1);
}

/* As a service's first program sets up. */
static void set_up_loopback(void)
{
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		die("lo");
	close(fd);
}

static void set_up(void)
{
	const struct rlimit files = {1024, 1 << 20};

	mkdir("/proc", 0755);
	mkdir("/sys", 0755);
	mkdir("/dev", 0755);
	mkdir("/tmp", 01777);
	if (setrlimit(RLIMIT_NOFILE, &files) < 0 ||
	    mount("proc", "/proc", "proc", 0, NULL) < 0 ||
	    mount("sysfs", "/sys", "sysfs", 0, NULL) < 0 ||
	    mount("devtmpfs", "/dev", "devtmpfs", 0, NULL) < 0 ||
	    mount("tmpfs", "/tmp", "tmpfs", 0, NULL) < 0)
		die("set-up");
	mkdir("/dev/shm", 01777);
	if (mount("tmpfs", "/dev/shm", "tmpfs", 0, NULL) < 0 ||
	    symlink("/proc/self/fd", "/dev/fd") < 0 ||
	    symlink("/proc/self/fd/0", "/dev/stdin") < 0 ||
	    symlink("/proc/self/fd/1", "/dev/stdout") < 0 ||
	    symlink("/proc/self/fd/2", "/dev/stderr") < 0)
		die("/dev");
	set_up_loopback();
}

static void load_module(const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/modules/%s.ko", name);
	fd = open(path, O_RDONLY);
	if (fd < 0 && errno == ENOENT)
		return; /* processes need no KVM */
	if (fd < 0 || syscall(SYS_finit_module, fd, "", 0) < 0)
		die(path);
	close(fd);
}

static long now_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* The bytes of a file, and a NUL; NULL if it is not there. */
static char *read_file(const char *path, size_t *ret_size)
{
	struct stat st;
	size_t size = 0;
	ssize_t more;
	char *text = NULL;
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) < 0 || (text = malloc(st.st_size + 1)) == NULL)
		die(path);
	while ((more = read(fd, text + size, st.st_size - size)) > 0)
		size += more;
	close(fd);
	text[size] = '\0';
	*ret_size = size;
	return text;
}

/* The beginning of a file of /proc, which tells no size; NULL. */
static char *read_some(const char *path, size_t *ret_size)
{
	char *text = calloc(1, SHOWN);
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 || text == NULL ? -1 : read(fd, text, SHOWN - 1);

	close(fd);
	if (n < 0) {
		free(text);
		return NULL;
	}
	*ret_size = n;
	return text;
}

static void read_plan(const char *folder, struct job *ret_job)
{
	char path[320];
	FILE *plan;

	snprintf(path, sizeof(path), "%s/plan", folder);
	plan = fopen(path, "r");
	if (plan == NULL ||
	    fscanf(plan, "%127[^\n] %d %d %d", ret_job->name, &ret_job->status,
		   &ret_job->seconds, &ret_job->uring) != 4)
		die(path);
	fclose(plan);
}

/* As on a Linux that has no io_uring. */
static void forbid_uring(void)
{
	struct sock_filter lines[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = {sizeof(lines) / sizeof(*lines), lines};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) < 0)
		die("seccomp");
}

static void redirect(int fd, const char *path, int flags)
{
	int opened = open(path, flags, 0666);

	if (opened < 0 || dup2(opened, fd) < 0)
		die(path);
	close(opened);
}

static void run_command(const char *folder, const struct job *job)
{
	char path[320], *words[128], *text;
	size_t size, count = 0;

	snprintf(path, sizeof(path), "%s/command", folder);
	text = read_file(path, &size);
	if (text == NULL)
		die(path);
	for (char *word = text; word < text + size && count < 127;
	     word += strlen(word) + 1)
		words[count++] = word;
	words[count] = NULL;
	while (*words[0] != '/') { /* NAME=VALUE */
		putenv(words[0]);
		memmove(words, words + 1, count-- * sizeof(*words));
	}
	setsid();
	snprintf(path, sizeof(path), "%s/input", folder);
	redirect(0, path, O_RDONLY);
	redirect(1, "/tmp/output", O_WRONLY | O_CREAT | O_TRUNC);
	redirect(2, "/tmp/errors", O_WRONLY | O_CREAT | O_TRUNC);
	if (!job->uring)
		forbid_uring();
	execv(words[0], words);
	die(words[0]);
}

/* One file of each of (child)'s threads, into (out). */
static void show_threads(FILE *out, pid_t child, const char *file)
{
	char path[320], *text;
	struct dirent **names;
	size_t size;
	int count;

	snprintf(path, sizeof(path), "/proc/%d/task", child);
	count = scandir(path, &names, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "/proc/%d/task/%s/%s", child,
			 names[i]->d_name, file);
		text = names[i]->d_name[0] == '.' ? NULL
						  : read_some(path, &size);
		if (text != NULL)
			fprintf(out, "thread %s %s: %s\n", names[i]->d_name,
				file, text);
		free(text);
	}
}

/* What QEMU says of its guest's processors, if it still says anything. */
static void show_registers(FILE *out)
{
	const struct sockaddr_un address = {AF_UNIX, MONITOR};
	const struct timeval patience = {3, 0};
	const char question[] = "info registers -a\n";
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char buf[4096];
	ssize_t n;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) <
		    0 ||
	    write(fd, question, strlen(question)) < 0)
		fprintf(out, "monitor: %s\n", strerror(errno));
	else
		while ((n = read(fd, buf, sizeof(buf))) > 0)
			fwrite(buf, 1, n, out);
	close(fd);
}

static void show_hang(pid_t child)
{
	FILE *out = fopen(HANG, "w");

	if (out == NULL)
		die(HANG);
	show_threads(out, child, "stat");
	show_threads(out, child, "syscall");
	show_threads(out, child, "wchan");
	show_registers(out);
	fclose(out);
}

/* The child's status as a shell has it; -1 if it was killed at the deadline. */
static int wait_for(pid_t child, int seconds)
{
	long deadline = now_ms() + seconds * 1000L;
	const struct timespec nap = {0, 3000000};
	int status;

	while (waitpid(child, &status, WNOHANG) == 0) {
		if (now_ms() > deadline) {
			show_hang(child);
			kill(-child, SIGKILL);
			waitpid(child, &status, 0);
			return -1;
		}
		nanosleep(&nap, NULL);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The program's status, which a guest's report has. */
static int final_status(int status)
{
	size_t size;
	char *report = read_file("report", &size);

	if (report == NULL)
		return status;
	status = NO_STATUS;
	for (char *line = report; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		sscanf(line, "exit %d", &status);
	}
	free(report);
	return status;
}

static int output_differs(const char *folder)
{
	char path[320], *wanted, *got;
	size_t wanted_size, got_size;
	int differs;

	snprintf(path, sizeof(path), "%s/output", folder);
	wanted = read_file(path, &wanted_size);
	if (wanted == NULL)
		return 0;
	got = read_file("/tmp/output", &got_size);
	differs = got == NULL || got_size != wanted_size ||
		  memcmp(got, wanted, got_size) != 0;
	free(wanted);
	free(got);
	return differs;
}

static void show(const char *path)
{
	size_t size;
	char *text = read_file(path, &size);

	if (text == NULL)
		return;
	if (size <= 2 * SHOWN || strcmp(path, HANG) == 0) {
		fwrite(text, 1, size, stdout);
	} else {
		fwrite(text, 1, SHOWN, stdout);
		printf("\n... %zu bytes ...\n", size - 2 * SHOWN);
		fwrite(text + size - SHOWN, 1, SHOWN, stdout);
	}
	free(text);
}

static void run_job(const char *folder)
{
	long start = now_ms();
	struct job job;
	char reason[64] = "";
	pid_t child;
	int status;

	read_plan(folder, &job);
	snprintf(reason, sizeof(reason), "/tmp/%s", strrchr(folder, '/') + 1);
	if (mkdir(reason, 0777) < 0 || chdir(reason) < 0)
		die(reason);
	unlink(HANG), unlink(MONITOR);
	child = fork();
	if (child == 0)
		run_command(folder, &job);
	status = wait_for(child, job.seconds);
	kill(-child, SIGKILL);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	if (status >= 0)
		status = final_status(status);
	reason[0] = '\0';
	if (status < 0)
		snprintf(reason, sizeof(reason), "no end after %d s",
			 job.seconds);
	else if (status != job.status)
		snprintf(reason, sizeof(reason), "status %d, wanted %d", status,
			 job.status);
	else if (output_differs(folder))
		snprintf(reason, sizeof(reason), "other output");
	if (reason[0] == '\0') {
		printf("\n@ ok %s %ld\n", job.name, now_ms() - start);
		return;
	}
	printf("\n@ not ok %s %ld %s\n", job.name, now_ms() - start, reason);
	show(HANG);
	show("/tmp/output");
	show("/tmp/errors");
	printf("\n@ end\n");
}

int main(void)
{
	const char *const modules[] = {"irqbypass", "ccp", "kvm", "kvm-amd"};
	struct dirent **names;
	int count;

	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	set_up();
	for (size_t i = 0; i < sizeof(modules) / sizeof(*modules); i++)
		load_module(modules[i]);
	setenv("HOME", "/", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("PATH", "/usr/bin:/bin", 1);
	count = scandir("/jobs", &names, NULL, alphasort);
	if (count < 0)
		die("/jobs");
	printf("\n@ up %ld\n", now_ms());
	for (int i = 0; i < count; i++) {
		char folder[300];

		snprintf(folder, sizeof(folder), "/jobs/%s", names[i]->d_name);
		if (names[i]->d_name[0] != '.')
			run_job(folder);
		fflush(stdout);
	}
	printf("\n@ done\n");
	fflush(stdout);
	sync();
	reboot(RB_POWER_OFF);
	return 1;
}
