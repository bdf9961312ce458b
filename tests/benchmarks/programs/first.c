// SPDX-License-Identifier: BSD-3-Clause
/*
 * usage: first PROGRAM ARGUMENT…
 *
 * The first program of a Linux guest that is compared with: load the modules of
 * /modules in their names' order, mount /dev/vda, if there is one, on /mnt, give
 * eth0 the address that the environment's ADDRESS is (of a network of 24 bits), run
 * PROGRAM, and turn the machine off. Its console has what PROGRAM writes, and
 * "exit N".
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void end(const char *what, int status)
{
	if (what != NULL)
		perror(what);
	printf("exit %d\n", status);
	fflush(stdout);
	sync();
	reboot(RB_POWER_OFF);
	_exit(1);
}

static void load_modules(void)
{
	struct dirent **names;
	char path[300];
	int count = scandir("/modules", &names, NULL, alphasort), fd;

	for (int i = 0; i < count; i++) {
		if (names[i]->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/modules/%s", names[i]->d_name);
		fd = open(path, O_RDONLY);
		if (fd < 0 || syscall(SYS_finit_module, fd, "", 0) < 0)
			end(path, 125);
		close(fd);
	}
}

static void set_address(int fd, int what, const char *name, const char *address)
{
	struct ifreq request;
	struct sockaddr_in *to = (struct sockaddr_in *)&request.ifr_addr;

	memset(&request, 0, sizeof(request));
	strcpy(request.ifr_name, name);
	to->sin_family = AF_INET;
	to->sin_addr.s_addr = inet_addr(address);
	if (ioctl(fd, what, &request) < 0)
		end(name, 125);
}

static void set_up(int fd, const char *name)
{
	struct ifreq request = {.ifr_flags = IFF_UP | IFF_RUNNING};

	strcpy(request.ifr_name, name);
	if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		end(name, 125);
}

static void begin_network(const char *address)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	set_address(fd, SIOCSIFADDR, "eth0", address);
	set_address(fd, SIOCSIFNETMASK, "eth0", "255.255.255.0");
	set_up(fd, "eth0");
	set_up(fd, "lo");
	close(fd);
}

static int run(char **words)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		execv(words[0], words);
		perror(words[0]);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0)
		end(words[0], 125);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	bool has_disk;
	int status;

	mkdir("/proc", 0755);
	mkdir("/dev", 0755);
	mkdir("/tmp", 01777);
	mkdir("/mnt", 0755);
	if (mount("proc", "/proc", "proc", 0, NULL) < 0 ||
	    mount("devtmpfs", "/dev", "devtmpfs", 0, NULL) < 0)
		end("/dev", 125);
	load_modules();
	has_disk = access("/dev/vda", F_OK) == 0;
	if (has_disk && mount("/dev/vda", "/mnt", "ext4", 0, NULL) < 0)
		end("/dev/vda", 125);
	if (getenv("ADDRESS") != NULL)
		begin_network(getenv("ADDRESS"));
	status = run(argv + 1);
	if (has_disk && umount("/mnt") < 0)
		end("/mnt", 125);
	end(NULL, status);
}
