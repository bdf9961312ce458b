// SPDX-License-Identifier: BSD-3-Clause
/*
 * virtio-fs (core/fs/virtiofs) against a server of the test's own, whose
 * messages are made and read byte by byte, by linux/fuse.h. It does as it
 * should, lies in any field, takes its time, or says nothing.
 */
#include "core/process.h"
#include "core/time.h"
#include "tests/unit/count.h"

/* The layer above is not what is tested here: a mount is its operations. */
#define eft_remote_create_root keep_remote
#include "core/fs/virtiofs/type.c"
#undef eft_remote_create_root

enum { PAGE = 4096, FILE_BYTES = 3 * PAGE + 100, PARTS_MAX = 36 };
enum { SECOND = 1000000000 };

/* linux/fuse.h's numbers, as the server knows them. */
enum {
	LOOKUP = 1,
	FORGET = 2,
	GETATTR = 3,
	SETATTR = 4,
	READLINK = 5,
	SYMLINK = 6,
	MKNOD = 8,
	MKDIR = 9,
	UNLINK = 10,
	RMDIR = 11,
	RENAME = 12,
	LINK = 13,
	OPEN = 14,
	READ = 15,
	WRITE = 16,
	STATFS = 17,
	RELEASE = 18,
	FSYNC = 20,
	INIT = 26,
	OPENDIR = 27,
	READDIR = 28,
	RELEASEDIR = 29,
	FSYNCDIR = 30,
	CREATE = 35,
	DESTROY = 38,
	FALLOCATE = 43,
	SETXATTR = 21,
	GETXATTR = 22,
	LISTXATTR = 23,
	REMOVEXATTR = 24,
	LSEEK = 46,
	COPY_FILE_RANGE = 47,
	TMPFILE = 51,
	RENAME2 = 45,
	OPCODES = 64,
};

enum { ROOT = 1, A_FILE = 2, A_LINK = 3, A_DIR = 4, NEW = 77 };

struct message {
	uint8_t bytes[160 * 1024];
	uint32_t len;
};

/* What the server has got last, and what it answers. */
static struct message got, reply;
static unsigned counts[OPCODES];
static int64_t told[128]; /* by node: how often, less what was forgotten */
static uint8_t contents[FILE_BYTES];
static const char *dirents; /* READDIR's answer at 0, or NULL: the usual */
static size_t dirents_len;

/* How it behaves. */
static int errors[OPCODES]; /* negative; INT32_MAX: none at all */
static struct {
	unsigned opcode, offset, bytes;
	uint64_t value;
	int longer; /* than it was: the answer, with what its header says */
	int used;   /* what the device says, over what is right */
} lie;
static uint64_t delay_ns;
static bool silent, reversed;
static unsigned room = 64; /* requests at a time */
static bool is_short;	   /* it transfers half of what it might */

static struct eft_share share;
static struct eft_remote *remote;
static bool failed;

struct pending {
	struct eft_share_request *request;
	struct message *reply;
	uint32_t used;
};

static struct pending pending[64];
static unsigned pending_count, pending_most;

int keep_remote(struct eft_remote *r, uint32_t dev, struct eft_dir **ret_root)
{
	remote = r;
	remote->dev = dev;
	return 0;
}

static uint64_t get(unsigned offset, unsigned bytes)
{
	uint64_t value = 0;

	check(offset + bytes <= got.len);
	memcpy(&value, got.bytes + offset, bytes);
	return value;
}

static void put(unsigned offset, uint64_t value, unsigned bytes)
{
	memcpy(reply.bytes + offset, &value, bytes);
	if (reply.len < offset + bytes)
		reply.len = offset + bytes;
}

/* At the argument's (offset), behind the header of 40 bytes. */
static uint64_t arg(unsigned offset, unsigned bytes)
{
	return get(40 + offset, bytes);
}

static const char *name_at(unsigned offset)
{
	const char *name = (const char *)got.bytes + 40 + offset;

	check(memchr(name, '\0', got.len - 40 - offset) != NULL);
	return name;
}

static uint32_t mode_of(uint64_t node)
{
	return node == ROOT || node == A_DIR ? 040755
	       : node == A_LINK		     ? 0120777
					     : 0100640;
}

/* fuse_attr: 88 bytes at (at) of the answer. */
static void put_attr(unsigned at, uint64_t node, uint32_t mode)
{
	put(at, 1000 + node, 8);	/* ino */
	put(at + 8, FILE_BYTES, 8);	/* size */
	put(at + 16, 32, 8);		/* blocks */
	put(at + 24, 11, 8);		/* atime */
	put(at + 32, 22, 8);		/* mtime */
	put(at + 40, (uint64_t)-33, 8); /* ctime, before 1970 */
	put(at + 48, 111, 4);		/* their nanoseconds */
	put(at + 52, 222, 4);
	put(at + 56, 999999999, 4);
	put(at + 60, mode, 4);
	put(at + 64, 2, 4);   /* nlink */
	put(at + 68, 500, 4); /* uid */
	put(at + 72, 600, 4); /* gid */
	put(at + 76, 0x0203, 4);
	put(at + 80, 4096, 4);
	put(at + 84, 0, 4);
}

/* fuse_entry_out: 40 bytes, and attributes. */
static void put_entry(uint64_t node, uint32_t mode)
{
	put(16, node, 8);
	put(24, 5, 8);
	put(32, 1, 8); /* it may be kept for a second */
	put(40, 1, 8);
	put(48, 0, 8);
	put_attr(56, node, mode);
	told[node]++;
}

static void answer_lookup(void)
{
	const char *name = name_at(0);

	check_eq(got.len, 40 + strlen(name) + 1);
	if (strcmp(name, "zero") == 0) {
		put_entry(0, 0100644);
		told[0] = 0;
	} else if (strcmp(name, "file") == 0)
		put_entry(A_FILE, mode_of(A_FILE));
	else if (strcmp(name, "link") == 0)
		put_entry(A_LINK, mode_of(A_LINK));
	else if (strcmp(name, "dir") == 0)
		put_entry(A_DIR, mode_of(A_DIR));
	else if (name[0] == '#')
		put_entry(10 + name[1] - '0', 0100600);
	else
		put(4, -ENOENT, 4);
}

static void answer_init(void)
{
	check_eq(got.len, 40 + 16);
	check_eq(get(16, 8), 0);
	put(16, 7, 4);
	put(20, 31, 4);
	put(24, 65536, 4);
	put(28, 0x400021 | 1 << 13, 4); /* one flag that nobody asked for */
	put(32, 12, 2);
	put(34, 9, 2);
	put(36, 131072, 4);
	put(40, 1, 4);
	put(44, 32, 2);
	put(46, 0, 2);
	put(48 + 28, 0, 4);
}

static void answer_read(void)
{
	uint64_t at = arg(8, 8), size = arg(16, 4);

	check_eq(arg(0, 8), 0xf00d);
	if (at < FILE_BYTES) {
		size = eft_min(size, FILE_BYTES - at);
		size = is_short ? size / 2 : size;
		memcpy(reply.bytes + 16, contents + at, size);
		reply.len = 16 + size;
	}
}

static void answer_write(void)
{
	uint64_t at = arg(8, 8), size = arg(16, 4);

	check_eq(arg(0, 8), 0xf00d);
	check_eq(arg(20, 4), 0);
	check_eq(got.len, 40 + 40 + size);
	size = is_short ? size / 2 : size;
	check(at + size <= FILE_BYTES);
	memcpy(contents + at, got.bytes + 80, size);
	put(16, size, 4);
	put(20, 0, 4);
}

static void put_dirent(uint64_t ino, uint64_t off, const char *name, int type)
{
	unsigned at = (reply.len + 7) & ~7u, len = strlen(name);

	put(at, ino, 8);
	put(at + 8, off, 8);
	put(at + 16, len, 4);
	put(at + 20, type, 4);
	memcpy(reply.bytes + at + 24, name, len);
	reply.len = (at + 24 + len + 7) & ~7u;
}

static void answer_readdir(void)
{
	check_eq(arg(0, 8), 0xd1d1);
	check_eq(arg(16, 4), PAGE);
	if (dirents != NULL && arg(8, 8) == 0) {
		memcpy(reply.bytes + 16, dirents, dirents_len);
		reply.len = 16 + dirents_len;
	} else if (arg(8, 8) == 0) {
		put_dirent(1001, 17, ".", 4);
		put_dirent(1000, 99, "..", 4);
		put_dirent(1002, 3, "file", 8);
	} else if (arg(8, 8) == 3) {
		put_dirent(1003, 4, "link", 10);
	}
}

static void answer_create(uint64_t opcode)
{
	bool opens = opcode == CREATE || opcode == TMPFILE;
	const char *name = name_at(opcode == SYMLINK ? 0
				   : opcode == MKDIR ? 8
						     : 16);

	check_str(name, opcode == TMPFILE ? "/" : "new");
	put_entry(NEW, opcode == MKDIR	   ? 040700
		       : opcode == SYMLINK ? 0120777
					   : arg(opens ? 4 : 0, 4));
	if (opens) {
		put(16 + 128, 0xf00d, 8);
		put(16 + 136, 3, 4);
		put(16 + 140, 0, 4);
	}
}

static const char names_of_xattrs[] = "user.a\0system.b";

/* A value of five bytes, or names of sixteen; or how many those are. */
static void answer_xattr(uint64_t opcode)
{
	bool is_list = opcode == LISTXATTR;

	if (!is_list)
		check_str(name_at(8), "user.a");
	if (arg(0, 4) == 0) {
		put(16, is_list ? sizeof(names_of_xattrs) : 5, 4);
		put(20, 0, 4);
		return;
	}
	reply.len = 16 + (is_list ? sizeof(names_of_xattrs) : 5);
	memcpy(reply.bytes + 16, is_list ? names_of_xattrs : "value",
	       reply.len - 16);
}

static void answer(uint64_t opcode)
{
	switch (opcode) {
	case LOOKUP:
		answer_lookup();
		break;
	case FORGET:
		told[get(16, 8)] -= arg(0, 8);
		break;
	case GETATTR:
	case SETATTR:
		put(16, 1, 8);
		put(24, 0, 8);
		put_attr(32, get(16, 8), mode_of(get(16, 8)));
		break;
	case READLINK:
		memcpy(reply.bytes + 16, "where/to", 8);
		reply.len = 24;
		break;
	case MKNOD:
	case MKDIR:
	case SYMLINK:
	case CREATE:
	case TMPFILE:
		answer_create(opcode);
		break;
	case LINK:
		put_entry(arg(0, 8), mode_of(arg(0, 8)));
		break;
	case OPEN:
	case OPENDIR:
		put(16, opcode == OPEN ? 0xf00d : 0xd1d1, 8);
		put(24, 3, 4);
		put(28, 0, 4);
		break;
	case READ:
		answer_read();
		break;
	case WRITE:
		answer_write();
		break;
	case STATFS:
		for (unsigned i = 0; i < 5; i++)
			put(16 + 8 * i, 100 + i, 8);
		put(56, 512, 4);
		put(60, 255, 4);
		put(64, 1024, 4);
		put(68 + 24, 0, 4);
		break;
	case GETXATTR:
	case LISTXATTR:
		answer_xattr(opcode);
		break;
	case LSEEK:
		put(16, arg(8, 8) + arg(16, 4), 8);
		break;
	case COPY_FILE_RANGE:
		put(16, arg(40, 8) - 1, 4);
		put(20, 0, 4);
		break;
	case INIT:
		answer_init();
		break;
	case READDIR:
		answer_readdir();
		break;
	}
}

static void receive(const struct eft_share_request *request)
{
	got.len = 0;
	for (unsigned i = 0; i < request->out; i++) {
		check(request->parts[i].len > 0);
		memcpy(got.bytes + got.len, request->parts[i].data,
		       request->parts[i].len);
		got.len += request->parts[i].len;
	}
	check_eq(get(0, 4), got.len);
	check(get(8, 8) != 0);
	check_eq(get(36, 4), 0);
	counts[get(4, 4)]++;
	check_eq(request->urgent, get(4, 4) == FORGET);
	check_eq(request->in == 0, get(4, 4) == FORGET);
}

static void make_reply(void)
{
	uint64_t opcode = get(4, 4), unique = get(8, 8);

	memset(reply.bytes, 0, 4096);
	reply.len = 16;
	put(8, unique, 8);
	if (errors[opcode] != 0)
		put(4, (uint64_t)errors[opcode], 4);
	else
		answer(opcode);
	if (reply.bytes[7] != 0)
		reply.len = 16;
	reply.len += lie.opcode == opcode ? lie.longer : 0;
	put(0, reply.len, 4);
	if (lie.opcode == opcode && lie.bytes > 0)
		memcpy(reply.bytes + lie.offset, &lie.value, lie.bytes);
}

/* Into what was lent, and no more. Returns how much that was. */
static uint32_t scatter(const struct eft_share_request *request,
			const struct message *m)
{
	uint32_t at = 0;

	for (unsigned i = 0; i < request->in; i++) {
		const struct eft_share_part *part =
			&request->parts[request->out + i];
		uint32_t now = eft_min(part->len, m->len - at);

		memcpy(part->data, m->bytes + at, now);
		at += now;
	}
	return at;
}

static void give_back(struct pending *p, bool fails)
{
	struct eft_share_request *request = p->request;

	request->len = fails ? 0 : scatter(request, p->reply) + p->used;
	request->result = fails ? -EIO : 0;
	free(p->reply);
	request->done(request);
}

static void come_back(void *arg)
{
	struct pending p;

	if (pending_count == 0)
		return; /* it has failed meanwhile */
	if (reversed) {
		p = pending[--pending_count];
	} else {
		p = pending[0];
		memmove(pending, pending + 1,
			--pending_count * sizeof(*pending));
	}
	give_back(&p, false);
}

static int submit(struct eft_share *self, struct eft_share_request *request)
{
	struct pending *p = &pending[pending_count];

	check(request->out + request->in <= PARTS_MAX);
	if (failed)
		return -EIO;
	if (pending_count == room)
		return -EAGAIN;
	receive(request);
	make_reply();
	p->request = request;
	p->reply = malloc(sizeof(reply));
	memcpy(p->reply, &reply, sizeof(reply));
	p->used = lie.opcode == get(4, 4) ? lie.used : 0;
	pending_count++;
	pending_most = eft_max(pending_most, pending_count);
	if (!silent && delay_ns == 0)
		fake_interrupt(come_back, NULL);
	else if (!silent)
		fake_interrupt_at(fake_now + delay_ns, come_back, NULL);
	return 0;
}

static void fail(struct eft_share *self)
{
	failed = true;
	while (pending_count > 0)
		give_back(&pending[--pending_count], true);
}

static void find(struct eft_device_class *class)
{
	share = (struct eft_share){.device.name = "virtio 26 at home",
				   .protocol = EFT_SHARE_FUSE,
				   .tag = "src",
				   .parts_max = PARTS_MAX,
				   .submit = submit,
				   .fail = fail};
	eft_device_add(class, &share.device);
}

static void boot(void)
{
	fake_boot(NULL);
	fake_find_virtiofs = find;
	for (unsigned i = 0; i < FILE_BYTES; i++)
		contents[i] = (uint8_t)(i * 7 + i / 256);
}

static int mount_it(const char *options)
{
	struct eft_dir *root;

	return eft_virtiofs_type.create("src", options, 9, &root);
}

static void run(void (*function)(void *))
{
	boot();
	check_eq(fake_run(function, NULL), FAKE_RETURNED);
}

static void unmount(void)
{
	remote->ops->destroy(remote);
	check_eq(pending_count, 0);
	check(!share.taken);
}

/*
 * Mounting.
 */
static void mounts(void *unused)
{
	static const uint8_t init[] = {
		56, 0, 0,  0, 26, 0, 0, 0, 1, 0, 0,    0, 0,	0,
		0,  0, 0,  0, 0,  0, 0, 0, 0, 0, 0,    0, 0,	0,
		0,  0, 0,  0, 0,  0, 0, 0, 0, 0, 0,    0, 7,	0,
		0,  0, 31, 0, 0,  0, 0, 0, 2, 0, 0x21, 0, 0x40, 0};
	struct eft_dir *root;

	check_eq(mount_it("cache=none"), 0);
	check_eq(got.len, sizeof(init));
	check_eq(get(24, 4), eft_process()->identity.euid);
	check_eq(get(28, 4), eft_process()->identity.egid);
	check_eq(get(32, 4), eft_process()->identity.pid);
	memset(got.bytes + 24, 0, 12);
	check_eq(memcmp(got.bytes, init, sizeof(init)), 0);
	check_eq(remote->io_pages_max, 32);
	check_eq(remote->trust, EFT_REMOTE_NONE);
	check_eq(remote->dev, 9);
	check_eq(mount_it(""), -EBUSY);
	check_eq(eft_virtiofs_type.create("sr", "", 9, &root), -ENOENT);
	unmount();
	check_eq(counts[DESTROY], 1);
	check_eq(mount_it("nonsense"), -EINVAL);
	check_eq(mount_it("ro,cache=loose"), 0); /* once more */
	check(remote->read_only);
	check_eq(remote->trust, EFT_REMOTE_LOOSE);
	unmount();
	check_eq(counts[INIT], 2);
}

Test(virtiofs, mounts)
{
	run(mounts);
}

static void lie_about(unsigned opcode, unsigned offset, uint64_t value,
		      unsigned bytes)
{
	memset(&lie, 0, sizeof(lie));
	lie.opcode = opcode;
	lie.offset = offset;
	lie.bytes = bytes;
	lie.value = value;
}

static void other_servers(void *unused)
{
	lie_about(INIT, 36, 20000, 4);
	check_eq(mount_it(""), 0);
	check_eq(remote->io_pages_max, 4);
	unmount();
	lie_about(INIT, 44, 3, 2);
	check_eq(mount_it(""), 0);
	check_eq(remote->io_pages_max, 3);
	unmount();
	lie_about(INIT, 28, 0, 4); /* it says nothing of pages */
	check_eq(mount_it(""), 0);
	check_eq(remote->io_pages_max, 32);
	unmount();
	share.parts_max = 8;
	check_eq(mount_it(""), 0);
	check_eq(remote->io_pages_max, 6);
	unmount();
	share.parts_max = PARTS_MAX;
	lie_about(INIT, 20, 23, 4);
	check_eq(mount_it(""), -EPROTONOSUPPORT);
	check(strstr(fake_console, "version 7.23 of FUSE") != NULL);
	lie_about(INIT, 16, 8, 4);
	check_eq(mount_it(""), -EPROTONOSUPPORT);
	check(!share.taken && !failed);
	errors[INIT] = -EPERM;
	check_eq(mount_it(""), -EPERM);
}

Test(virtiofs, other_servers)
{
	run(other_servers);
}

/*
 * Operations: what the server gets, and what comes of its answer.
 */
static void check_attributes(const struct eft_remote_attributes *a,
			     uint64_t node, uint32_t mode)
{
	check_eq(a->ino, 1000 + node);
	check_eq(a->size, FILE_BYTES);
	check_eq(a->blocks, 32);
	check_eq(a->mode, mode);
	check_eq(a->nlink, 2);
	check_eq(a->uid, 500);
	check_eq(a->gid, 600);
	check_eq(a->rdev, 0x0203);
	check_eq(a->blksize, 4096);
	check_eq(a->atime.sec, 11);
	check_eq(a->atime.nsec, 111);
	check_eq(a->mtime.sec, 22);
	check_eq(a->mtime.nsec, 222);
	check_eq(a->ctime.sec, -33);
	check_eq(a->ctime.nsec, 999999999);
}

static struct eft_remote_attributes attributes;
static eft_remote_handle handle, opened;

static void check_request(unsigned opcode, uint64_t node)
{
	check_eq(get(4, 4), opcode);
	check_eq(get(16, 8), node);
}

static void looks_up(void *unused)
{
	check_eq(mount_it(""), 0);
	check_eq(remote->ops->root(remote, &handle, &attributes), 0);
	check_request(GETATTR, ROOT);
	check_eq(got.len, 56);
	check_attributes(&attributes, ROOT, 040755);
	remote->ops->forget(remote, handle);
	check_eq(counts[FORGET], 0);
	check_eq(remote->ops->lookup(remote, ROOT, "filed", 4, &handle,
				     &attributes),
		 0);
	check_request(LOOKUP, ROOT);
	check_eq(handle, A_FILE);
	check_attributes(&attributes, A_FILE, 0100640);
	check_eq(remote->ops->lookup(remote, ROOT, "none", 4, &handle,
				     &attributes),
		 -ENOENT);
	check_eq(remote->ops->lookup(remote, ROOT, "zero", 4, &handle,
				     &attributes),
		 -ENOENT);
	check_eq(handle, A_FILE);
	check_eq(told[A_FILE], 1);
	remote->ops->forget(remote, A_FILE);
	check_request(FORGET, A_FILE);
	check_eq(got.len, 48);
	check_eq(told[A_FILE], 0);
	check_eq(remote->ops->get_attributes(remote, A_LINK, &attributes), 0);
	check_request(GETATTR, A_LINK);
	check_attributes(&attributes, A_LINK, 0120777);
	unmount();
}

Test(virtiofs, looks_up)
{
	run(looks_up);
}

static void sets_attributes(void *unused)
{
	const struct eft_remote_attributes wanted = {
		.size = 0x123456789,
		.mode = 0100751,
		.uid = 7,
		.gid = 8,
		.atime = {-5, 6},
		.mtime = {70, 80},
	};

	check_eq(mount_it(""), 0);
	for (unsigned set = 1; set < 64; set = set * 2 + 1) {
		check_eq(remote->ops->set_attributes(remote, A_FILE, set,
						     &wanted, &attributes),
			 0);
		check_request(SETATTR, A_FILE);
		check_eq(got.len, 40 + 88);
		check_eq(arg(0, 4), set);
		check_eq(arg(16, 8), 0x123456789);
		check_eq(arg(32, 8), -5);
		check_eq(arg(40, 8), 70);
		check_eq(arg(56, 4), 6);
		check_eq(arg(60, 4), 80);
		check_eq(arg(68, 4), 0100751);
		check_eq(arg(76, 4), 7);
		check_eq(arg(80, 4), 8);
		check_attributes(&attributes, A_FILE, 0100640);
	}
	unmount();
}

Test(virtiofs, sets_attributes)
{
	run(sets_attributes);
}

static int make(const struct eft_node_spec *spec)
{
	return remote->ops->create(remote, A_DIR, "newer", 3, spec, &handle,
				   &attributes, &opened);
}

static void makes(void *unused)
{
	struct eft_node_spec spec = {.mode = 0100604, .gid = 12};

	check_eq(mount_it(""), 0);
	check_eq(make(&spec), 0);
	check_request(CREATE, A_DIR);
	check_eq(get(28, 4), 12); /* the header's group */
	check_eq(arg(0, 4), 2 | 0100 | 0200);
	check_eq(arg(4, 4), 0100604);
	check_eq(arg(8, 4), 0);
	check_eq(got.len, 40 + 16 + 4);
	check_eq(handle, NEW);
	check(opened != EFT_REMOTE_NO_OPEN);
	remote->ops->close(remote, handle, opened);
	check_request(RELEASE, NEW);
	check_eq(arg(0, 8), 0xf00d);

	errors[CREATE] = -ENOSYS; /* then by another message */
	check_eq(make(&spec), 0);
	check_request(MKNOD, A_DIR);
	check_eq(opened, EFT_REMOTE_NO_OPEN);
	errors[CREATE] = -EEXIST;
	check_eq(make(&spec), -EEXIST);

	spec = (struct eft_node_spec){.mode = 020600, .rdev = 0x105};
	check_eq(make(&spec), 0);
	check_request(MKNOD, A_DIR);
	check_eq(arg(0, 4), 020600);
	check_eq(arg(4, 4), 0x105);
	check_eq(opened, EFT_REMOTE_NO_OPEN);

	spec = (struct eft_node_spec){.mode = 041700};
	check_eq(make(&spec), 0);
	check_request(MKDIR, A_DIR);
	check_eq(arg(0, 4), 01700);
	check_eq(attributes.mode, 040700);

	spec = (struct eft_node_spec){
		.mode = 0120777, .target = "a/targets", .target_len = 8};
	check_eq(make(&spec), 0);
	check_request(SYMLINK, A_DIR);
	check_str(name_at(4), "a/target");
	check_eq(got.len, 40 + 4 + 9);
	check_eq(told[NEW], 5);
	unmount();
}

Test(virtiofs, makes)
{
	run(makes);
}

static void long_target(void *unused)
{
	static char target[PAGE];
	struct eft_node_spec spec = {
		.mode = 0120777, .target = target, .target_len = PAGE - 1};

	memset(target, 'x', PAGE);
	check_eq(mount_it(""), 0);
	check_eq(make(&spec), 0);
	check_eq(got.len, 40 + 4 + PAGE);
	check_eq(memcmp(got.bytes + 44, target, PAGE - 1), 0);
	check_eq(got.bytes[44 + PAGE - 1], 0);
	unmount();
}

Test(virtiofs, long_target)
{
	run(long_target);
}

static void changes_names(void *unused)
{
	const struct eft_remote_ops *ops;
	char longest[255];

	check_eq(mount_it(""), 0);
	ops = remote->ops;
	check_eq(ops->link(remote, ROOT, "other", 5, A_FILE), 0);
	check_request(FORGET, A_FILE); /* it was counted once more */
	check_eq(counts[LINK], 1);
	check_eq(told[A_FILE], 0);
	check_eq(ops->unlink(remote, ROOT, "file", 4, false), 0);
	check_request(UNLINK, ROOT);
	check_str(name_at(0), "file");
	check_eq(ops->unlink(remote, ROOT, "dir", 3, true), 0);
	check_request(RMDIR, ROOT);
	check_eq(ops->rename(remote, ROOT, "file", 4, A_DIR, "moved", 5, false),
		 0);
	check_request(RENAME, ROOT);
	check_eq(arg(0, 8), A_DIR);
	check_str(name_at(8), "file");
	check_str(name_at(13), "moved");
	check_eq(got.len, 40 + 8 + 5 + 6);
	memset(longest, 'n', sizeof(longest));
	check_eq(ops->rename(remote, ROOT, longest, 255, A_DIR, longest, 255,
			     true),
		 0);
	check_request(RENAME2, ROOT);
	check_eq(arg(0, 8), A_DIR);
	check_eq(arg(8, 4), 2);
	check_eq(got.len, 40 + 16 + 256 + 256);
	errors[RENAME2] = -ENOSYS;
	check_eq(ops->rename(remote, ROOT, "a", 1, ROOT, "b", 1, true),
		 -EINVAL);
	errors[UNLINK] = -EPERM;
	check_eq(ops->unlink(remote, ROOT, "file", 4, false), -EPERM);
	unmount();
}

Test(virtiofs, changes_names)
{
	run(changes_names);
}

static void reads_links(void *unused)
{
	struct eft_statfs st;
	char buf[64];

	check_eq(mount_it(""), 0);
	check_eq(remote->ops->readlink(remote, A_LINK, buf, sizeof(buf)), 8);
	check_eq(memcmp(buf, "where/to", 8), 0);
	check_request(READLINK, A_LINK);
	check_eq(remote->ops->readlink(remote, A_LINK, buf, 5), 5);
	check_eq(remote->ops->statfs(remote, ROOT, &st), 0);
	check_request(STATFS, ROOT);
	check_eq(st.blocks, 100);
	check_eq(st.bfree, 101);
	check_eq(st.bavail, 102);
	check_eq(st.files, 103);
	check_eq(st.ffree, 104);
	check_eq(st.bsize, 512);
	check_eq(st.namelen, 255);
	check_eq(st.frsize, 1024);
	unmount();
}

Test(virtiofs, reads_links)
{
	run(reads_links);
}

/*
 * Data.
 */
enum { DATA_PAGES = 4 };

static void *pages[DATA_PAGES];

static struct eft_remote_data data_of(uint64_t offset, size_t bytes)
{
	for (unsigned i = 0; i < DATA_PAGES; i++) {
		if (pages[i] == NULL)
			pages[i] = eft_page_alloc(0);
		memset(pages[i], 0xee, PAGE);
	}
	return (struct eft_remote_data){offset, pages,
					(bytes + PAGE - 1) / PAGE, bytes};
}

static void free_pages(void)
{
	for (unsigned i = 0; i < DATA_PAGES; i++)
		eft_page_free(pages[i]);
	memset(pages, 0, sizeof(pages));
}

static ssize_t read_at(uint64_t offset, size_t bytes)
{
	struct eft_remote_data data = data_of(offset, bytes);

	return remote->ops->read(remote, A_FILE, opened, &data);
}

static void check_pages(uint64_t offset, size_t bytes)
{
	for (size_t i = 0; i < DATA_PAGES * PAGE; i++)
		check_eq(((uint8_t *)pages[i / PAGE])[i % PAGE],
			 i < bytes ? contents[offset + i] : 0xee);
}

static void opens(bool is_dir)
{
	check_eq(remote->ops->open(remote, is_dir ? A_DIR : A_FILE,
				   is_dir ? O_DIRECTORY : O_RDWR, &opened),
		 0);
	check_request(is_dir ? OPENDIR : OPEN, is_dir ? A_DIR : A_FILE);
	check_eq(arg(0, 4), is_dir ? 0200000 : 2);
}

static void transfers(void *unused)
{
	struct eft_remote_data data;

	check_eq(mount_it(""), 0);
	opens(false);
	check_eq(read_at(0, 2 * PAGE), 2 * PAGE);
	check_request(READ, A_FILE);
	check_pages(0, 2 * PAGE);
	check_eq(read_at(PAGE, 4 * PAGE), 2 * PAGE + 100);
	check_pages(PAGE, 2 * PAGE + 100);
	check_eq(read_at(2 * PAGE, 10), 10);
	check_pages(2 * PAGE, 10);
	check_eq(read_at(4 * PAGE, PAGE), 0);
	is_short = true;
	check_eq(read_at(0, 3 * PAGE), 3 * PAGE / 2);
	check_pages(0, 3 * PAGE / 2);
	data = data_of(PAGE, PAGE + 700);
	check_eq(remote->ops->write(remote, A_FILE, opened, &data),
		 (PAGE + 700) / 2);
	is_short = false;
	data = data_of(PAGE, PAGE + 700);
	check_eq(remote->ops->write(remote, A_FILE, opened, &data), PAGE + 700);
	check_request(WRITE, A_FILE);
	for (unsigned i = 0; i < PAGE + 700; i++)
		check_eq(contents[PAGE + i], 0xee);
	check(contents[PAGE - 1] != 0xee && contents[2 * PAGE + 700] != 0xee);
	errors[WRITE] = -ENOSPC;
	check_eq(remote->ops->write(remote, A_FILE, opened, &data), -ENOSPC);
	remote->ops->close(remote, A_FILE, opened);
	check_request(RELEASE, A_FILE);
	free_pages();
	unmount();
}

Test(virtiofs, transfers)
{
	run(transfers);
}

static void syncs(void *unused)
{
	const struct eft_remote_ops *ops;

	check_eq(mount_it(""), 0);
	ops = remote->ops;
	opens(false);
	check_eq(ops->sync(remote, A_FILE, opened, true), 0);
	check_request(FSYNC, A_FILE);
	check_eq(arg(0, 8), 0xf00d);
	check_eq(arg(8, 4), 1);
	check_eq(ops->sync(remote, A_FILE, opened, false), 0);
	check_eq(arg(8, 4), 0);
	errors[FSYNC] = -ENOSPC;
	check_eq(ops->sync(remote, A_FILE, opened, false), -ENOSPC);
	errors[FSYNC] = -EINTR;
	check_eq(ops->sync(remote, A_FILE, opened, false), -EIO);
	errors[FSYNC] = -EFAULT;
	check_eq(ops->sync(remote, A_FILE, opened, false), -EIO);
	errors[FSYNC] = -ENOSYS;
	check_eq(ops->sync(remote, A_FILE, opened, false), 0);
	check_eq(ops->allocate(remote, A_FILE, opened, 3, 1 << 20, 4097), 0);
	check_request(FALLOCATE, A_FILE);
	check_eq(arg(0, 8), 0xf00d);
	check_eq(arg(8, 8), 1 << 20);
	check_eq(arg(16, 8), 4097);
	check_eq(arg(24, 4), 3);
	errors[FALLOCATE] = -ENOSYS;
	check_eq(ops->allocate(remote, A_FILE, opened, 0, 0, 1), -EOPNOTSUPP);
	ops->close(remote, A_FILE, opened);
	opens(true);
	check_eq(ops->sync(remote, A_DIR, opened, false), 0);
	check_request(FSYNCDIR, A_DIR);
	ops->close(remote, A_DIR, opened);
	check_request(RELEASEDIR, A_DIR);
	check_eq(arg(0, 8), 0xd1d1);
	unmount();
}

Test(virtiofs, syncs)
{
	run(syncs);
}

/* Holes, and copies by the server. */
static void seeks_and_copies(void *unused)
{
	const struct eft_remote_ops *ops;
	struct eft_remote_end from, to;

	check_eq(mount_it(""), 0);
	ops = remote->ops;
	opens(false);
	check_eq(ops->seek(remote, A_FILE, opened, 1000, SEEK_HOLE), 1004);
	check_request(LSEEK, A_FILE);
	check_eq(got.len, 40 + 24);
	check_eq(arg(0, 8), 0xf00d);
	check_eq(arg(16, 4), SEEK_HOLE);
	errors[LSEEK] = -ENXIO;
	check_eq(ops->seek(remote, A_FILE, opened, 1, SEEK_DATA), -ENXIO);
	errors[LSEEK] = -ENOSYS;
	check_eq(ops->seek(remote, A_FILE, opened, 1, SEEK_DATA), -ENOSYS);
	from = (struct eft_remote_end){A_FILE, opened, 5};
	to = (struct eft_remote_end){NEW, opened, 7};
	check_eq(ops->copy(remote, &from, &to, 100), 99);
	check_request(COPY_FILE_RANGE, A_FILE);
	check_eq(got.len, 40 + 56);
	check_eq(arg(0, 8), 0xf00d);
	check_eq(arg(8, 8), 5);
	check_eq(arg(16, 8), NEW);
	check_eq(arg(24, 8), 0xf00d);
	check_eq(arg(32, 8), 7);
	check_eq(arg(40, 8), 100);
	check_eq(arg(48, 8), 0);
	errors[COPY_FILE_RANGE] = -EXDEV;
	check_eq(ops->copy(remote, &from, &to, 100), -EXDEV);
	ops->close(remote, A_FILE, opened);
	unmount();
}

Test(virtiofs, seeks_and_copies)
{
	run(seeks_and_copies);
}

/* Without a name. */
static void makes_unnamed(void *unused)
{
	const struct eft_node_spec spec = {.mode = 0100600, .gid = 12};

	check_eq(mount_it(""), 0);
	check_eq(remote->ops->create(remote, A_DIR, NULL, 0, &spec, &handle,
				     &attributes, &opened),
		 0);
	check_request(TMPFILE, A_DIR);
	check_eq(arg(0, 4), O_RDWR | O_TMPFILE);
	check_str(name_at(16), "/");
	check_eq(got.len, 40 + 16 + 2);
	check_eq(handle, NEW);
	remote->ops->close(remote, handle, opened);
	errors[TMPFILE] = -ENOSYS;
	check_eq(remote->ops->create(remote, A_DIR, NULL, 0, &spec, &handle,
				     &attributes, &opened),
		 -EOPNOTSUPP);
	unmount();
}

Test(virtiofs, makes_unnamed)
{
	run(makes_unnamed);
}

/*
 * Extended attributes.
 */
static const struct eft_remote_xattr_ops *const xattrs =
	&eft_virtiofs_xattr_ops;

static void has_xattrs(void *unused)
{
	struct eft_remote_data data;

	check_eq(mount_it(""), 0);
	data = data_of(0, 100);
	check_eq(xattrs->get(remote, A_FILE, "user.a", NULL), 5);
	check_request(GETXATTR, A_FILE);
	check_eq(got.len, 40 + 8 + 7);
	check_eq(xattrs->get(remote, A_FILE, "user.a", &data), 5);
	check_eq(arg(0, 4), 100);
	check(memcmp(data.page[0], "value", 5) == 0);
	check_eq(xattrs->get(remote, A_FILE, NULL, NULL), 16);
	check_request(LISTXATTR, A_FILE);
	check_eq(got.len, 40 + 8);
	check_eq(xattrs->get(remote, A_FILE, NULL, &data), 16);
	check(memcmp(data.page[0], names_of_xattrs, 16) == 0);
	memcpy(data.page[0], "more", 4);
	data.bytes = 4;
	check_eq(xattrs->set(remote, A_FILE, "user.b", &data, 2), 0);
	check_request(SETXATTR, A_FILE);
	check_eq(arg(0, 4), 4);
	check_eq(arg(4, 4), 2);
	check_str(name_at(8), "user.b");
	check(memcmp(got.bytes + 40 + 8 + 7, "more", 4) == 0);
	check_eq(got.len, 40 + 8 + 7 + 4);
	check_eq(xattrs->set(remote, A_FILE, "user.b", NULL, 0), 0);
	check_eq(got.len, 40 + 8 + 7);
	check_eq(xattrs->remove(remote, A_FILE, "user.b"), 0);
	check_request(REMOVEXATTR, A_FILE);
	check_str(name_at(0), "user.b");
	check_eq(got.len, 40 + 7);
	unmount();
}

Test(virtiofs, has_xattrs)
{
	run(has_xattrs);
}

/* Servers say ENOSYS of what they do not know at all. */
static void has_no_xattrs(void *unused)
{
	check_eq(mount_it(""), 0);
	errors[GETXATTR] = errors[LISTXATTR] = -ENOSYS;
	errors[SETXATTR] = errors[REMOVEXATTR] = -ENOSYS;
	check_eq(xattrs->get(remote, A_FILE, "user.a", NULL), -EOPNOTSUPP);
	check_eq(xattrs->get(remote, A_FILE, NULL, NULL), -EOPNOTSUPP);
	check_eq(xattrs->set(remote, A_FILE, "user.a", NULL, 0), -EOPNOTSUPP);
	check_eq(xattrs->remove(remote, A_FILE, "user.a"), -EOPNOTSUPP);
	errors[GETXATTR] = -ENODATA;
	check_eq(xattrs->get(remote, A_FILE, "user.a", NULL), -ENODATA);
	check(!failed);
	unmount();
}

Test(virtiofs, has_no_xattrs)
{
	run(has_no_xattrs);
}

/*
 * Directories.
 */
static char names[256];
static unsigned enough;

static bool note_name(void *unused, const char *name, size_t len, uint64_t ino,
		      unsigned type, uint64_t cookie)
{
	size_t at = strlen(names);

	snprintf(names + at, sizeof(names) - at, "%.*s %d %d %d, ", (int)len,
		 name, (int)ino, (int)type, (int)cookie);
	return --enough > 0;
}

static int read_names(uint64_t cookie)
{
	names[0] = '\0';
	enough = 100;
	return remote->ops->read_dir(remote, A_DIR, opened, cookie, note_name,
				     NULL);
}

static void reads_dirs(void *unused)
{
	check_eq(mount_it(""), 0);
	opens(true);
	check_eq(read_names(0), 0);
	check_str(names, ". 1001 4 17, .. 1000 4 99, file 1002 8 3, "
			 "link 1003 10 4, ");
	check_eq(counts[READDIR], 3);
	check_eq(read_names(3), 0);
	check_str(names, "link 1003 10 4, ");
	names[0] = '\0';
	enough = 2;
	check_eq(remote->ops->read_dir(remote, A_DIR, opened, 0, note_name,
				       NULL),
		 0);
	check_str(names, ". 1001 4 17, .. 1000 4 99, ");
	/* What does not fit may be cut off; the last needs no padding. */
	dirents = "\1\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0\2\0\0\0\10\0\0\0ab";
	dirents_len = 26;
	check_eq(read_names(0), 0);
	check_str(names, "ab 1 8 3, link 1003 10 4, ");
	errors[READDIR] = -EACCES;
	check_eq(read_names(0), -EACCES);
	remote->ops->close(remote, A_DIR, opened);
	unmount();
}

Test(virtiofs, reads_dirs)
{
	run(reads_dirs);
}

#define INO "\1\0\0\0\0\0\0\0"
#define OFF "\3\0\0\0\0\0\0\0"
#define WRONG(bytes, words)                     \
	{                                       \
		bytes, sizeof(bytes) - 1, words \
	}

static const struct wrong_names {
	const char *bytes;
	size_t len;
	const char *words;
} wrong[] = {
	WRONG(INO OFF "\3\0\0\0\10\0\0\0a/b\0\0\0\0\0", "name that is none"),
	WRONG(INO OFF "\3\0\0\0\10\0\0\0a\0b\0\0\0\0\0", "name that is none"),
	WRONG(INO OFF "\0\0\0\0\10\0\0\0", "empty, or too long"),
	WRONG(INO OFF "\377\377\377\377\10\0\0\0abcdefgh",
	      "empty, or too long"),
	WRONG(INO OFF "\0\1\0\0\10\0\0\0abcdefgh", "empty, or too long"),
	WRONG(INO OFF "\1\0\0\0\20\0\0\0a\0\0\0\0\0\0\0", "type is none"),
	WRONG(INO OFF "\20\0\0\0\10\0\0\0abcdefgh", "half a name"),
	WRONG(INO OFF "\20\0\0\0", "half a name"),
	WRONG(INO OFF "\1\0\0\0\10\0\0\0a\0\0\0\0\0\0\0" INO OFF
		      "\1\0\0\0\10\0\0\0b\0\0\0\0\0\0\0",
	      "do not go on"),
	WRONG(INO "\0\0\0\0\0\0\0\0\1\0\0\0\10\0\0\0a\0\0\0\0\0\0\0",
	      "do not go on"),
};

static void read_wrong_names(void *words)
{
	check_eq(mount_it(""), 0);
	opens(true);
	check_eq(read_names(0), -EIO);
	check(failed);
	check(strstr(fake_console, words) != NULL);
	remote->ops->close(remote, A_DIR, opened);
	unmount();
}

Test(virtiofs, wrong_names)
{
	boot();
	for (size_t i = 0; i < eft_array_size(wrong); i++) {
		failed = false;
		fake_console_clear();
		dirents = wrong[i].bytes;
		dirents_len = wrong[i].len;
		cr_log_info("names %zu", i);
		check_eq(fake_run(read_wrong_names, (void *)wrong[i].words),
			 FAKE_RETURNED);
	}
}

/*
 * Lies.
 */
static int ask(unsigned opcode)
{
	const struct eft_remote_ops *ops = remote->ops;
	struct eft_node_spec spec = {.mode = 0100600};
	struct eft_remote_data data;
	struct eft_statfs st;
	char buf[64];

	switch (opcode) {
	case LOOKUP:
		return ops->lookup(remote, ROOT, "file", 4, &handle,
				   &attributes);
	case GETATTR:
		return ops->get_attributes(remote, A_FILE, &attributes);
	case SETATTR:
		return ops->set_attributes(remote, A_FILE, 8, &attributes,
					   &attributes);
	case READLINK:
		return (int)ops->readlink(remote, A_LINK, buf, sizeof(buf));
	case CREATE:
		return make(&spec);
	case MKDIR:
		spec.mode = 040700;
		return make(&spec);
	case MKNOD:
		spec.mode = 010600;
		return make(&spec);
	case LINK:
		return ops->link(remote, ROOT, "b", 1, A_FILE);
	case UNLINK:
		return ops->unlink(remote, ROOT, "file", 4, false);
	case OPEN:
		return ops->open(remote, A_FILE, O_RDWR, &handle);
	case READ:
		return (int)read_at(0, PAGE);
	case WRITE:
		data = data_of(0, 100);
		return (int)ops->write(remote, A_FILE, opened, &data);
	case STATFS:
		return ops->statfs(remote, ROOT, &st);
	case LSEEK:
		return (int)ops->seek(remote, A_FILE, opened, 0, SEEK_DATA);
	case COPY_FILE_RANGE:
		return (int)ops->copy(
			remote, &(struct eft_remote_end){A_FILE, opened, 0},
			&(struct eft_remote_end){A_FILE, opened, 0}, 10);
	case GETXATTR:
		return (int)xattrs->get(remote, A_FILE, "user.a", NULL);
	default:
		check_eq(opcode, FSYNC);
		return ops->sync(remote, A_FILE, opened, false);
	}
}

static const struct lie_case {
	unsigned opcode, offset;
	uint64_t value;
	unsigned bytes;
	int longer, used;
	const char *words;
} lies[] = {
	/* The header: its length, error, and whose it is. */
	{GETATTR, 0, 15, 4, 0, 0, "shorter or longer"},
	{GETATTR, 0, 0, 4, 0, 0, "shorter or longer"},
	{GETATTR, 0, 121, 4, 0, 0, "shorter or longer"},
	{GETATTR, 0, UINT32_MAX, 4, 0, 0, "shorter or longer"},
	{GETATTR, 0, 119, 4, 0, 0, "too short"},
	{GETATTR, 0, 0, 0, -1, 0, "too short"},
	{GETATTR, 0, 0, 0, 1, 0, "shorter or longer"}, /* it was cut off */
	{GETATTR, 0, 0, 0, 0, -1, "shorter or longer"},
	{GETATTR, 0, 0, 0, 0, -110, "shorter or longer"},
	{GETATTR, 4, 1, 4, 0, 0, "error is none"},
	{GETATTR, 4, (uint64_t)-512, 4, 0, 0, "error is none"},
	{GETATTR, 4, 1u << 31, 4, 0, 0, "error is none"},
	{GETATTR, 4, (uint64_t)-EPERM, 4, 0, 0, "more to say"},
	{GETATTR, 8, 1, 8, 0, 0, "another request's"},
	{GETATTR, 15, 1, 1, 0, 0, "another request's"},
	{FSYNC, 8, 0, 8, 0, 0, "another request's"},
	{UNLINK, 8, 77, 8, 0, 0, "another request's"},
	/* Attributes. */
	{GETATTR, 32 + 60, 0, 4, 0, 0, "has no type"},
	{GETATTR, 32 + 60, 0160644, 4, 0, 0, "has no type"},
	{GETATTR, 32 + 60, 0170644, 4, 0, 0, "has no type"},
	{GETATTR, 32 + 60, 0300644, 4, 0, 0, "has no type"},
	{GETATTR, 32 + 15, 0x80, 1, 0, 0, "size is negative"},
	{GETATTR, 32 + 48, 1000000000, 4, 0, 0, "time is none"},
	{GETATTR, 32 + 52, 1000000000, 4, 0, 0, "time is none"},
	{SETATTR, 32 + 56, UINT32_MAX, 4, 0, 0, "time is none"},
	{LOOKUP, 56 + 60, 0, 4, 0, 0, "has no type"},
	{LOOKUP, 56 + 15, 0xff, 1, 0, 0, "size is negative"},
	/* Nodes. */
	{LOOKUP, 16, 1, 8, 0, 0, "has no node"},
	{CREATE, 16, 0, 8, 0, 0, "has no node"},
	{CREATE, 16, 1, 8, 0, 0, "has no node"},
	{MKDIR, 16, 0, 8, 0, 0, "has no node"},
	{LINK, 16, 0, 8, 0, 0, "has no node"},
	{CREATE, 56 + 60, 040700, 4, 0, 0, "another type"},
	{MKDIR, 56 + 60, 0100700, 4, 0, 0, "another type"},
	{MKNOD, 56 + 60, 0120700, 4, 0, 0, "another type"},
	/* Lengths, by what was asked. */
	{LOOKUP, 0, 0, 0, -1, 0, "too short"},
	{CREATE, 0, 0, 0, -16, 0, "too short"},
	{OPEN, 0, 0, 0, -8, 0, "too short"},
	{STATFS, 0, 0, 0, -80, 0, "too short"},
	{WRITE, 0, 0, 0, -4, 0, "too short"},
	{WRITE, 16, 101, 4, 0, 0, "more was written"},
	{WRITE, 16, UINT32_MAX, 4, 0, 0, "more was written"},
	{LSEEK, 23, 0x80, 1, 0, 0, "an offset is negative"},
	{LSEEK, 0, 0, 0, -4, 0, "too short"},
	{COPY_FILE_RANGE, 16, 11, 4, 0, 0, "more was copied"},
	{GETXATTR, 0, 0, 0, -4, 0, "too short"},
	{GETXATTR, 0, 0, 0, 1, 1, "too long"},
	{READ, 0, 0, 0, 1, 0, "shorter or longer"},
	{READ, 0, 0, 0, 1, 1, "too long"},
	{FSYNC, 0, 0, 0, 8, 8, "too long"},
	{READLINK, 0, 0, 0, -8, 0, "leads nowhere"},
	{READLINK, 18, 0, 1, 0, 0, "has a NUL"},
};

static void lies_once(void *arg)
{
	const struct lie_case *l = arg;
	unsigned before;

	check_eq(mount_it(""), 0);
	opens(false);
	lie_about(l->opcode, l->offset, l->value, l->bytes);
	lie.longer = l->longer;
	lie.used = l->used;
	check_eq(ask(l->opcode), -EIO);
	check(failed);
	check(strstr(fake_console, "virtiofs: src: ") != NULL);
	check(strstr(fake_console, l->words) != NULL);
	memset(&lie, 0, sizeof(lie));
	failed = false; /* and if it went on, it would not be asked */
	fake_console_clear();
	before = counts[GETATTR];
	check_eq(ask(GETATTR), -EIO);
	check_eq(counts[GETATTR], before);
	check_eq(strlen(fake_console), 0);
	remote->ops->close(remote, A_FILE, opened);
	free_pages();
	unmount();
}

Test(virtiofs, lies)
{
	boot();
	for (size_t i = 0; i < eft_array_size(lies); i++) {
		failed = false;
		fake_console_clear();
		memset(&lie, 0, sizeof(lie));
		cr_log_info("lie %zu", i);
		check_eq(fake_run(lies_once, (void *)&lies[i]), FAKE_RETURNED);
	}
}

/* The true answers to all of these, and errors that may be. */
static void truths(void *unused)
{
	check_eq(mount_it(""), 0);
	opens(false);
	for (size_t i = 0; i < eft_array_size(lies); i++) {
		unsigned opcode = lies[i].opcode;

		check(ask(opcode) >= 0);
		if (opcode == OPEN)
			remote->ops->close(remote, A_FILE, handle);
		if (opcode == CREATE)
			remote->ops->close(remote, NEW, opened);
		errors[opcode] = -511;
		check_eq(ask(opcode), -511);
		errors[opcode] = 0;
		if (opcode == CREATE)
			opens(false);
	}
	remote->ops->close(remote, A_FILE, opened);
	free_pages();
	check(!failed);
	unmount();
}

Test(virtiofs, truths)
{
	run(truths);
}

/* An answer that nobody waits for is checked too. */
static void lies_at_the_end(void *unused)
{
	check_eq(mount_it(""), 0);
	opens(false);
	lie_about(RELEASE, 8, 1, 8);
	remote->ops->close(remote, A_FILE, opened);
	check(failed);
	check_eq(ask(GETATTR), -EIO);
	unmount();
}

Test(virtiofs, lies_at_the_end)
{
	run(lies_at_the_end);
}

/*
 * Several at a time.
 */
enum { THREADS = 8, ROUNDS = 20 };

static unsigned finished;

static void look_up_own(void *arg)
{
	char name[] = {'#', '0' + (char)(uintptr_t)arg};
	struct eft_remote_attributes mine;
	eft_remote_handle found;

	for (unsigned i = 0; i < ROUNDS; i++) {
		found = 0;
		check_eq(remote->ops->lookup(remote, ROOT, name, 2, &found,
					     &mine),
			 0);
		check_eq(found, 10 + (uintptr_t)arg);
		check_eq(mine.ino, 1010 + (uintptr_t)arg);
		remote->ops->forget(remote, found);
	}
	finished++;
}

static void several(void *unused)
{
	check_eq(mount_it(""), 0);
	for (uintptr_t i = 0; i < THREADS; i++)
		check(eft_thread_create("other", look_up_own, (void *)i, 5) !=
		      NULL);
	while (finished < THREADS)
		eft_sleep(eft_now_ns() + SECOND);
	unmount();
	for (unsigned i = 0; i < THREADS; i++)
		check_eq(told[10 + i], 0);
	check_eq(counts[LOOKUP], THREADS * ROUNDS);
	check_eq(counts[FORGET], THREADS * ROUNDS);
}

Test(virtiofs, several_in_any_order)
{
	delay_ns = 1000;
	reversed = true;
	run(several);
	check(pending_most >= THREADS);
}

Test(virtiofs, several_with_little_room)
{
	delay_ns = 1000;
	room = 2;
	run(several);
	check_eq(pending_most, 2);
}

/* A spare message, for one at a time. */
static void several_without_memory(void *unused)
{
	check_eq(mount_it(""), 0);
	for (uintptr_t i = 0; i < THREADS; i++)
		check(eft_thread_create("other", look_up_own, (void *)i, 5) !=
		      NULL);
	eft_alloc_fail_after(0);
	while (finished < THREADS)
		eft_sleep(eft_now_ns() + SECOND);
	eft_alloc_fail_after(UINT64_MAX);
	unmount();
	check_eq(counts[LOOKUP], THREADS * ROUNDS);
	check_eq(counts[FORGET], THREADS * ROUNDS);
	check_eq(pending_most, 1);
}

Test(virtiofs, several_without_memory)
{
	delay_ns = 1000;
	run(several_without_memory);
}

static void ask_alone(void *arg)
{
	struct eft_remote_attributes mine;

	for (unsigned i = 0; i < ROUNDS; i++)
		check_eq(remote->ops->get_attributes(remote, A_FILE, &mine), 0);
	finished++;
}

/* The last one to have it lets the others go on. */
static void spare_is_waited_for(void *unused)
{
	check_eq(mount_it(""), 0);
	for (uintptr_t i = 0; i < THREADS; i++)
		check(eft_thread_create("other", ask_alone, NULL, 5) != NULL);
	eft_alloc_fail_after(0);
	while (eft_now_ns() < SECOND)
		eft_sleep(SECOND);
	check_eq(finished, THREADS);
	eft_alloc_fail_after(UINT64_MAX);
	unmount();
}

Test(virtiofs, spare_is_waited_for)
{
	delay_ns = 1000;
	run(spare_is_waited_for);
}

/*
 * Memory: each allocation fails in turn, and nothing is lost.
 */
static int do_all(void)
{
	int error = mount_it("cache=mmap"), result = 0;

	if (error != 0)
		return error;
	if (remote->ops->open(remote, A_DIR, O_DIRECTORY, &opened) == 0) {
		result |= read_names(0);
		remote->ops->close(remote, A_DIR, opened);
	} else {
		result = -ENOMEM;
	}
	for (unsigned i = 0; i < 3; i++) {
		static const unsigned made[] = {CREATE, MKDIR, READLINK};
		int one = ask(made[i]);

		check(one >= 0 || one == -ENOMEM);
		result |= one < 0 ? one : 0;
		if (one >= 0 && made[i] == CREATE)
			remote->ops->close(remote, NEW, opened);
	}
	unmount();
	return result;
}

static void without_memory(void *unused)
{
	struct everything before;
	int error = -1;

	check_eq(do_all(), 0);
	before = count_everything();
	for (uint64_t n = 0; error != 0; n++) {
		eft_alloc_fail_after(n);
		error = do_all();
		eft_alloc_fail_after(UINT64_MAX);
		check_everything("no memory", &before);
		check(n < 200);
	}
}

Test(virtiofs, without_memory)
{
	run(without_memory);
}

/*
 * A server that is silent.
 */
static void falls_silent(void *unused)
{
	check_eq(mount_it(""), 0);
	silent = true;
	check_eq(ask(GETATTR), -EIO);
	check(fake_now >= 120ul * SECOND && fake_now < 122ul * SECOND);
	check(strstr(fake_console, "src: the server does not answer") != NULL);
	check(strstr(fake_console, "src: the server is silent") != NULL);
	check(failed);
	check_eq(ask(LOOKUP), -EIO);
	unmount();
	check(fake_now < 122ul * SECOND);
}

Test(virtiofs, falls_silent)
{
	run(falls_silent);
}

/* timeout=SECONDS */
static void is_silent_for_less(void *unused)
{
	check_eq(mount_it("timeout=3"), 0);
	silent = true;
	check_eq(ask(GETATTR), -EIO);
	check(fake_now >= 3ul * SECOND && fake_now < 4ul * SECOND);
	check(strstr(fake_console, "src: the server is silent") != NULL);
	unmount();
}

Test(virtiofs, is_silent_for_less)
{
	run(is_silent_for_less);
}

/* So is one that need not answer, when it takes no more. */
static void takes_no_more(void *unused)
{
	check_eq(mount_it("timeout=3"), 0);
	silent = true;
	room = 2;
	for (unsigned i = 0; i < 3; i++)
		remote->ops->forget(remote, A_FILE);
	check(fake_now >= 3ul * SECOND && fake_now < 4ul * SECOND);
	check(strstr(fake_console, "src: the server is silent") != NULL);
	unmount();
}

Test(virtiofs, takes_no_more)
{
	run(takes_no_more);
}

static void wrong_times(void *unused)
{
	static const char *const times[] = {"timeout=",	  "timeout=0",
					    "timeout=1s", "timeout=86401",
					    "timeout=-1", "timeout=99999999"};

	for (unsigned i = 0; i < eft_array_size(times); i++)
		check_eq(mount_it(times[i]), -EINVAL);
}

Test(virtiofs, wrong_times)
{
	run(wrong_times);
}

/* It has its reasons, and is spoken of once. */
static void takes_its_time(void *unused)
{
	check_eq(mount_it(""), 0);
	delay_ns = 25ul * SECOND;
	check_eq(ask(GETATTR), 0);
	check(strstr(fake_console, "does not answer\n") != NULL);
	check(strstr(strstr(fake_console, "does not answer") + 1,
		     "does not answer") == NULL);
	check(strstr(fake_console, "answers again") != NULL);
	delay_ns = 0;
	check(!failed);
	unmount();
}

Test(virtiofs, takes_its_time)
{
	run(takes_its_time);
}

/* Who was to be forgotten when the device failed is forgotten. */
static void fails_meanwhile(void *unused)
{
	check_eq(mount_it(""), 0);
	silent = true;
	remote->ops->forget(remote, A_FILE);
	check_eq(pending_count, 1);
	fail(&share);
	check_eq(ask(GETATTR), -EIO);
	unmount();
}

Test(virtiofs, fails_meanwhile)
{
	run(fails_meanwhile);
}
