// SPDX-License-Identifier: BSD-3-Clause
/*
 * usage: first PROGRAM ARGUMENT…
 *
 * The first program of a Linux guest that is compared with: load the modules of
 * /modules in their names' order, mount /dev/vda on /mnt, run PROGRAM, and turn
 * the machine off. Its console has what PROGRAM writes, and "exit N".
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
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
	int status;

	mkdir("/proc", 0755);
	mkdir("/dev", 0755);
	mkdir("/tmp", 01777);
	mkdir("/mnt", 0755);
	if (mount("proc", "/proc", "proc", 0, NULL) < 0 ||
	    mount("devtmpfs", "/dev", "devtmpfs", 0, NULL) < 0)
		end("/dev", 125);
	load_modules();
	if (mount("/dev/vda", "/mnt", "ext4", 0, NULL) < 0)
		end("/dev/vda", 125);
	status = run(argv + 1);
	if (umount("/mnt") < 0)
		end("/mnt", 125);
	end(NULL, status);
}
