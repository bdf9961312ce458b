// SPDX-License-Identifier: BSD-3-Clause
/*
 * statvfs() and statfs() tell a file system's sizes, in agreement with each
 * other and the same by path and by descriptor.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

enum { FLAGS_ARE_THERE = 0x20 }; /* linux/statfs.h: ST_VALID */

static void sizes(void)
{
	struct statvfs vfs;
	struct statfs fs;

	ok(statvfs(".", &vfs) == 0, "statvfs");
	ok(vfs.f_bsize > 0 && vfs.f_frsize > 0, "block sizes");
	ok(vfs.f_bfree <= vfs.f_blocks, "no more free than there are blocks");
	ok(vfs.f_bavail <= vfs.f_bfree, "nor more available than free");
	ok(vfs.f_ffree <= vfs.f_files, "no more free than there are inodes");
	ok(vfs.f_namemax == 255, "names of up to 255 bytes");
	ok(!(vfs.f_flag & ST_RDONLY), "not read-only");
	ok(statfs(".", &fs) == 0 && fs.f_flags & FLAGS_ARE_THERE, "statfs");
	ok(fs.f_blocks == vfs.f_blocks &&
		   (unsigned long)fs.f_bsize == vfs.f_bsize &&
		   (unsigned long)fs.f_namelen == vfs.f_namemax,
	   "agrees with statvfs");
}

static void descriptors(void)
{
	struct statvfs by_path, by_fd;
	int fd = open("file", O_RDWR | O_CREAT, 0600);

	ok(statvfs("file", &by_path) == 0, "of a file");
	ok(fstatvfs(fd, &by_fd) == 0, "of its descriptor");
	ok(by_path.f_bsize == by_fd.f_bsize &&
		   by_path.f_blocks == by_fd.f_blocks &&
		   by_path.f_fsid == by_fd.f_fsid,
	   "is the same");
	close(fd);
}

/* A file system has files; what is in none has a type all the same. */
static void kinds(void)
{
	struct statvfs vfs;
	struct statfs fs;
	int ends[2], pair[2];

	need(statvfs(".", &vfs) == 0);
	ok(vfs.f_files > 0 && vfs.f_favail > 0, "there is room for files");
	need(pipe(ends) == 0 && !socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	ok(fstatfs(ends[0], &fs) == 0 && fs.f_type == 0x50495045 &&
		   fs.f_namelen == 255 && fs.f_blocks == 0,
	   "a pipe's");
	ok(fstatfs(pair[0], &fs) == 0 && fs.f_type == 0x534f434b, "a socket's");
	ok(fstatfs(eventfd(0, 0), &fs) == 0 && fs.f_type == 0x09041934,
	   "an eventfd's");
	ok(fs.f_flags == FLAGS_ARE_THERE && fs.f_blocks == 0 && fs.f_ffree == 0,
	   "which has no room, and flags");
	ok(fstatfs(memfd_create("m", 0), &fs) == 0 && fs.f_type == 0x01021994 &&
		   fs.f_bsize == 4096 && fs.f_blocks == 0 &&
		   fs.f_flags == FLAGS_ARE_THERE,
	   "a memfd's");
	ok(statfs("/proc/self/stat", &fs) == 0 && fs.f_type == 0x9fa0 &&
		   fs.f_bsize == 4096 && fs.f_blocks == 0 && fs.f_files == 0,
	   "/proc");
	ok(fs.f_flags & FLAGS_ARE_THERE && fs.f_namelen == 255,
	   "its flags, and names");
	ok(statfs("/dev/null", &fs) == 0 && fs.f_type == 0x01021994 &&
		   fs.f_blocks > 0 && fs.f_bfree <= fs.f_blocks,
	   "/dev");
}

static void errors(void)
{
	struct statvfs vfs;
	struct statfs fs;

	fails(statvfs("missing", &vfs), ENOENT, "a missing file");
	fails(statvfs("", &vfs), ENOENT, "an empty path");
	fails(statfs("file/x", &fs), ENOTDIR, "an entry of a file");
	fails(fstatvfs(-1, &vfs), EBADF, "no descriptor");
	fails(fstatfs(-1, &fs), EBADF, "to fstatfs too");
}

int main(void)
{
	sizes();
	descriptors();
	kinds();
	errors();
	return done();
}
