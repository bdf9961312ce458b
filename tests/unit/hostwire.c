// SPDX-License-Identifier: BSD-3-Clause
/*
 * The host's unix sockets and TAP interfaces (plat-linuxu/hostwire.c), the real
 * ones. TAPs are made in a network namespace of the test's own, which wants root.
 */
#include "core/dev/netheader.h"
#include "plat-linuxu/linuxu.h"
#include "tests/unit/unit.h"

const struct eft_plat eft_linuxu_plat;

#define eft_plat (&eft_linuxu_plat)
#include "plat-linuxu/hostwire.c"
#undef eft_plat

void eft_linuxu_note_given(void)
{
}

int eft_linuxu_open(int at, const char *path, int flags, unsigned mode)
{
	return eft_linux4(SYS_openat, at, (long)path, flags, mode);
}

int system(const char *command);
int access(const char *path, int mode);
int unshare(int flags);
int getpid(void);
int close(int fd);
int unlink(const char *path);

enum { CLONE_NEWNET = 0x40000000 };

static const struct eft_host_wires *host;
static char path[64];

static void set_up(void)
{
	host = eft_plat_host_wires();
	snprintf(path, sizeof(path), "/tmp/eft-wire-%d", getpid());
	unlink(path);
}

static void clean_up(void)
{
	unlink(path);
}

TestSuite(hostwire, .init = set_up, .fini = clean_up);

static ssize_t put(int handle, const char *text)
{
	struct eft_iovec iov = {(void *)text, strlen(text)};

	return host->send(handle, &iov, 1);
}

static ssize_t get(int handle, char *buf, size_t size)
{
	struct eft_iovec iov = {buf, size};

	return host->read(handle, &iov, 1);
}

Test(hostwire, streams)
{
	char buf[16];
	int listening, ours, theirs;

	check_eq(host->connect(path), -ENOENT);
	listening = host->listen(path);
	check(listening >= 0);
	check_eq(host->accept(listening), -EAGAIN);
	ours = host->connect(path);
	check(ours >= 0);
	theirs = host->accept(listening);
	check(theirs >= 0);
	check_eq(get(theirs, buf, 16), -EAGAIN);
	check_eq(put(ours, "frame"), 5);
	check_eq(get(theirs, buf, 16), 5);
	check_eq(memcmp(buf, "frame", 5), 0);
	close(theirs);
	check_eq(get(ours, buf, 16), 0);
	check_eq(put(ours, "frame"), -EPIPE); /* and no SIGPIPE */
	close(ours);
	close(listening);
	check_eq(host->connect(path), -ECONNREFUSED);
	listening = host->listen(path); /* over what was left */
	check(listening >= 0);
	check_eq(host->connect(path) >= 0, true);
}

Test(hostwire, what_is_no_socket_stays)
{
	int file =
		eft_linuxu_open(EFT_HOST_CWD, path, O_WRONLY | O_CREAT, 0600);

	check(file >= 0);
	check_eq(host->connect(path), -ECONNREFUSED);
	check_eq(host->listen(path), -98); /* EADDRINUSE */
	check_eq(access(path, 0), 0);
}

Test(hostwire, long_path)
{
	char name[200];

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	check_eq(host->connect(name), -ENAMETOOLONG);
	check_eq(host->listen(name), -ENAMETOOLONG);
	check_eq(host->connect(""), -ENAMETOOLONG);
}

static void needs_taps(void)
{
	if (access("/dev/net/tun", 6) < 0 || unshare(CLONE_NEWNET) < 0 ||
	    system("ip tuntap add eft0 mode tap 2>/dev/null") != 0)
		cr_skip_test("no /dev/net/tun, or not root");
}

Test(hostwire, no_tap)
{
	needs_taps();
	check_eq(host->open_tap("eft1", 7), -ENODEV);
	check_eq(host->open_tap("", 7), -ENODEV);
	check_eq(host->open_tap("a_name_of_16_bytes", 7), -ENODEV);
	check(host->open_tap("lo", 7) < 0);
}

/* The host's ARP request for a neighbour arrives, behind a header. */
Test(hostwire, tap)
{
	static const uint8_t group[6] = {255, 255, 255, 255, 255, 255};
	struct eft_net_header header = {.flags = 0};
	uint8_t buf[2048] = {0};
	struct eft_iovec iov = {buf, sizeof(buf)};
	ssize_t n = -EAGAIN;
	int handle;

	needs_taps();
	handle = host->open_tap("eft0", 7);
	check(handle >= 0);
	check_eq(host->open_tap("eft0", 7), -EBUSY);
	check_eq(host->read(handle, &iov, 1), -EAGAIN);
	check_eq(host->write(handle, &iov, 1), -EIO); /* it is down */
	check_eq(system("ip addr add 10.77.0.1/24 dev eft0 && "
			"ip link set eft0 up && "
			"bash -c 'echo > /dev/udp/10.77.0.2/9'"),
		 0);
	for (unsigned i = 0; i < 50; i++) {
		n = host->read(handle, &iov, 1);
		if (n >= 54 && buf[24] == 8 && buf[25] == 6)
			break; /* ARP's EtherType */
	}
	check(n >= 54);
	check_eq(memcmp(buf, &header, sizeof(header)), 0);
	check_eq(memcmp(buf + 12, group, 6), 0);
	iov.len = 12 + 60;
	check_eq(host->write(handle, &iov, 1), 72);
}
