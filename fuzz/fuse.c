// SPDX-License-Identifier: BSD-3-Clause
/*
 * Answers of a server of files by FUSE (core/fs/virtiofs): the input says what
 * is asked, and what the server answers: what it should, that with bytes
 * changed, or anything. Whatever it says, what is believed of it is possible,
 * and a server that was caught is not asked again.
 */
#include "fuzz/fuzz.h"

/* A mount is its operations here: the layer above has nodes and pages. */
#define eft_remote_create_root keep_remote
#include "core/fs/virtiofs/type.c"
#undef eft_remote_create_root

enum { PARTS = 36, ANSWER = 4096, PAGES = 3 };

static struct eft_remote *remote;
static struct eft_share share;
static bool device_failed;
static eft_remote_handle opened, made;
static void *page[PAGES];

int keep_remote(struct eft_remote *r, uint32_t dev, struct eft_dir **ret_root)
{
	remote = r;
	return 0;
}

/* The beginning of an honest answer, which is (bytes) long. */
static uint32_t answer_honestly(uint32_t opcode, uint8_t *bytes, uint64_t node)
{
	struct eft_fuse_attr attr = {
		.ino = node, .size = 5000, .mode = S_IFREG | 0644, .nlink = 1};
	struct eft_fuse_entry_out entry = {.node = 2 + fuzz_below(8),
					   .attr = attr};
	struct eft_fuse_attr_out attr_out = {.attr = attr};
	struct eft_fuse_init_out init = {.major = 7,
					 .minor = 31,
					 .flags = EFT_FUSE_MAX_PAGES,
					 .max_write = 65536,
					 .max_pages = 16};
	struct eft_fuse_dirent dirents[] = {{2, 3, 1, 4}, {'.', 0, 0, 0}};

	switch (opcode) {
	case EFT_FUSE_INIT:
		memcpy(bytes, &init, sizeof(init));
		return sizeof(init);
	case EFT_FUSE_MKDIR:
		entry.attr.mode = S_IFDIR | 0700;
		memcpy(bytes, &entry, sizeof(entry));
		return sizeof(entry);
	case EFT_FUSE_CREATE:
		memcpy(bytes, &entry, sizeof(entry));
		return sizeof(struct eft_fuse_create_out);
	case EFT_FUSE_LOOKUP:
	case EFT_FUSE_LINK:
	case EFT_FUSE_MKNOD:
		memcpy(bytes, &entry, sizeof(entry));
		return sizeof(entry);
	case EFT_FUSE_GETATTR:
	case EFT_FUSE_SETATTR:
		memcpy(bytes, &attr_out, sizeof(attr_out));
		return sizeof(attr_out);
	case EFT_FUSE_OPEN:
	case EFT_FUSE_OPENDIR:
		return sizeof(struct eft_fuse_open_out);
	case EFT_FUSE_READDIR:
		memcpy(bytes, dirents, sizeof(dirents));
		return fuzz_below(2) ? 32 : 0;
	case EFT_FUSE_READLINK:
	case EFT_FUSE_READ:
		memset(bytes, 'r', 64);
		return fuzz_below(64);
	case EFT_FUSE_WRITE:
		return sizeof(struct eft_fuse_write_out);
	case EFT_FUSE_LSEEK:
		bytes[0] = fuzz_u8();
		return sizeof(struct eft_fuse_lseek_out);
	case EFT_FUSE_COPY_FILE_RANGE:
		bytes[0] = (uint8_t)fuzz_below(101);
		return sizeof(struct eft_fuse_write_out);
	case EFT_FUSE_GETXATTR:
	case EFT_FUSE_LISTXATTR:
		memcpy(bytes, "user.a\0b", 9);
		return fuzz_below(2) ? 8 : fuzz_below(16);
	case EFT_FUSE_STATFS:
		return sizeof(struct eft_fuse_statfs_out);
	default:
		return 0;
	}
}

/* Change some of (len) bytes; mostly to numbers that are small. */
static void change(uint8_t *bytes, uint32_t len)
{
	for (unsigned count = 1 + fuzz_below(4); count > 0; count--) {
		uint32_t at = fuzz_u8() % len;

		bytes[at] = fuzz_u8();
	}
}

static void scatter(struct eft_share_request *r, const uint8_t *bytes,
		    uint32_t len)
{
	uint32_t at = 0;

	for (unsigned i = 0; i < r->in; i++) {
		const struct eft_share_part *part = &r->parts[r->out + i];
		uint32_t now = eft_min(part->len, len - at);

		memcpy(part->data, bytes + at, now);
		at += now;
	}
	r->len = at;
	if (fuzz_below(16) == 1 && at > 0)
		r->len = fuzz_u8() % at;
}

static void answer(struct eft_share_request *r)
{
	static uint8_t bytes[ANSWER];
	const struct eft_fuse_in_header *asked = r->parts[0].data;
	struct eft_fuse_out_header header = {.unique = asked->unique};
	uint32_t len, kind = fuzz_below(8);

	memset(bytes, 0, sizeof(bytes));
	len = sizeof(header) + answer_honestly(asked->opcode,
					       bytes + sizeof(header),
					       asked->node);
	if (kind == 1) {
		header.error = -(int)fuzz_u8();
		len = sizeof(header);
	} else if (kind == 2) {
		len = sizeof(header) + fuzz_u8() * 8;
		for (uint32_t i = sizeof(header); i < len; i++)
			bytes[i] = fuzz_u8();
	}
	header.len = len;
	memcpy(bytes, &header, sizeof(header));
	if (kind == 3)
		change(bytes, eft_min(len, 255));
	scatter(r, bytes, len);
}

static int submit(struct eft_share *self, struct eft_share_request *r)
{
	fuzz_check(r->out >= 1 && r->out + r->in <= PARTS);
	if (device_failed)
		return -EIO;
	r->result = fuzz_below(64) == 1 ? -EIO : 0;
	r->len = 0;
	if (r->result == 0 && r->in > 0)
		answer(r);
	fake_interrupt((void (*)(void *))r->done, r);
	return 0;
}

static void fail(struct eft_share *self)
{
	fuzz_check(!device_failed);
	device_failed = true;
}

static void find(struct eft_device_class *class)
{
	share = (struct eft_share){.device.name = "virtio 26",
				   .protocol = EFT_SHARE_FUSE,
				   .tag = "t",
				   .parts_max = PARTS,
				   .submit = submit,
				   .fail = fail};
	eft_device_add(class, &share.device);
}

void fuzz_boot(void)
{
	struct fake_config config = FUZZ_WORLD;

	fake_boot(&config);
	fake_find_virtiofs = find;
}

static void check_attributes(const struct eft_remote_attributes *a)
{
	fuzz_check(a->size <= INT64_MAX && a->mode >> 16 == 0);
	fuzz_check(a->atime.nsec < 1000000000 && a->mtime.nsec < 1000000000);
	fuzz_check(a->ctime.nsec >= 0 && a->ctime.nsec < 1000000000);
}

static bool check_name(void *arg, const char *name, size_t len, uint64_t ino,
		       unsigned type, uint64_t cookie)
{
	unsigned *left = arg;

	fuzz_check(len > 0 && len <= NAME_MAX && type < 16 && cookie != 0);
	for (size_t i = 0; i < len; i++)
		fuzz_check(name[i] != '/' && name[i] != '\0');
	return --*left > 0;
}

static void close_all(void)
{
	if (opened != EFT_REMOTE_NO_OPEN)
		remote->ops->close(remote, 2, opened);
	if (made != EFT_REMOTE_NO_OPEN)
		remote->ops->close(remote, 2, made);
	opened = made = EFT_REMOTE_NO_OPEN;
}

static int look_up(void)
{
	struct eft_remote_attributes attributes;
	eft_remote_handle handle = 0;
	int error =
		remote->ops->lookup(remote, 1, "name", 4, &handle, &attributes);

	if (error == 0) {
		fuzz_check(handle > 1);
		check_attributes(&attributes);
		remote->ops->forget(remote, handle);
	}
	return error;
}

static int make(void)
{
	static const uint32_t types[] = {S_IFREG, S_IFDIR, S_IFLNK, S_IFIFO};
	struct eft_node_spec spec = {.mode = types[fuzz_below(4)] | 0600,
				     .target = "target",
				     .target_len = 6};
	struct eft_remote_attributes attributes;
	eft_remote_handle handle = 0;
	int error;

	close_all();
	error = remote->ops->create(remote, 1, "name", 4, &spec, &handle,
				    &attributes, &made);
	if (error == 0) {
		fuzz_check(handle > 1);
		fuzz_check((attributes.mode & S_IFMT) == (spec.mode & S_IFMT));
		check_attributes(&attributes);
	}
	return error;
}

static int attributes(void)
{
	struct eft_remote_attributes a = {.size = 7};
	int error = fuzz_below(2)
			    ? remote->ops->get_attributes(remote, 2, &a)
			    : remote->ops->set_attributes(remote, 2, 8, &a, &a);

	if (error == 0)
		check_attributes(&a);
	return error;
}

static int names(void)
{
	switch (fuzz_below(4)) {
	case 0:
		return remote->ops->link(remote, 1, "b", 1, 2);
	case 1:
		return remote->ops->unlink(remote, 1, "b", 1, fuzz_below(2));
	default:
		return remote->ops->rename(remote, 1, "b", 1, 3, "c", 1,
					   fuzz_below(2));
	}
}

static int open_one(void)
{
	close_all();
	return remote->ops->open(remote, 2,
				 fuzz_below(2) ? O_DIRECTORY : O_RDWR, &opened);
}

static int transfer(bool writes)
{
	struct eft_remote_data data = {.page = page, .offset = 4096};
	ssize_t len;

	if (opened == EFT_REMOTE_NO_OPEN)
		return 0;
	data.bytes = 1 + fuzz_below(PAGES * EFT_PAGE_SIZE);
	data.count = (data.bytes + EFT_PAGE_SIZE - 1) / EFT_PAGE_SIZE;
	len = writes ? remote->ops->write(remote, 2, opened, &data)
		     : remote->ops->read(remote, 2, opened, &data);
	fuzz_check(len <= (ssize_t)data.bytes);
	return len < 0 ? (int)len : 0;
}

static int read_names(void)
{
	unsigned left = 1 + fuzz_below(300);

	if (opened == EFT_REMOTE_NO_OPEN)
		return 0;
	return remote->ops->read_dir(remote, 2, opened, fuzz_below(2),
				     check_name, &left);
}

static int read_link(void)
{
	char buf[100];
	ssize_t len = remote->ops->readlink(remote, 2, buf, sizeof(buf));

	fuzz_check(len != 0 && len <= (ssize_t)sizeof(buf));
	if (len > 0)
		fuzz_check(eft_strnlen(buf, (size_t)len) == (size_t)len);
	return len < 0 ? (int)len : 0;
}

static int others(void)
{
	struct eft_statfs st;

	if (opened == EFT_REMOTE_NO_OPEN || fuzz_below(3) == 0)
		return remote->ops->statfs(remote, 1, &st);
	return fuzz_below(2)
		       ? remote->ops->sync(remote, 2, opened, fuzz_below(2))
		       : remote->ops->allocate(remote, 2, opened, 0, 1, 2);
}

static int seek_or_copy(void)
{
	const struct eft_remote_end end = {2, opened, 1};
	int64_t n;

	if (opened == EFT_REMOTE_NO_OPEN)
		return 0;
	if (fuzz_below(2)) {
		n = remote->ops->seek(remote, 2, opened, 10, SEEK_DATA);
	} else {
		n = remote->ops->copy(remote, &end, &end, 100);
		fuzz_check(n <= 100);
	}
	return n < 0 ? (int)n : 0;
}

static int xattr(void)
{
	const struct eft_remote_xattr_ops *ops = &eft_virtiofs_xattr_ops;
	struct eft_remote_data data = {.page = page};
	const char *name = fuzz_below(2) ? "user.a" : NULL;
	ssize_t n;

	data.bytes = 1 + fuzz_below(PAGES * EFT_PAGE_SIZE);
	data.count = (data.bytes + EFT_PAGE_SIZE - 1) / EFT_PAGE_SIZE;
	switch (fuzz_below(4)) {
	case 0:
		n = ops->get(remote, 2, name, NULL);
		break;
	case 1:
		n = ops->get(remote, 2, name, &data);
		fuzz_check(n <= (ssize_t)data.bytes);
		break;
	case 2:
		n = ops->set(remote, 2, "user.a", &data, 0);
		break;
	default:
		n = ops->remove(remote, 2, "user.a");
	}
	return n < 0 ? (int)n : 0;
}

static int step(void)
{
	switch (fuzz_below(11)) {
	case 0:
		return look_up();
	case 1:
		return make();
	case 2:
		return attributes();
	case 3:
		return names();
	case 4:
		return open_one();
	case 5:
		return transfer(fuzz_below(2));
	case 6:
		return read_names();
	case 7:
		return read_link();
	case 8:
		return seek_or_copy();
	case 9:
		return xattr();
	default:
		return others();
	}
}

void fuzz_one(void)
{
	struct eft_dir *root;
	bool broken;
	int error;

	device_failed = false;
	opened = made = EFT_REMOTE_NO_OPEN;
	for (unsigned i = 0; i < PAGES; i++)
		page[i] = eft_page_alloc(0);
	error = eft_virtiofs_type.create("t", "", 9, &root);
	fuzz_check(error <= 0 && error > -512);
	while (error == 0 && fuzz_more()) {
		int result;

		broken = device_failed;
		result = step();
		fuzz_check(result <= 0 && result > -512);
		fuzz_check(!broken || result == 0 || result == -EIO);
	}
	if (error == 0) {
		close_all();
		remote->ops->destroy(remote);
	}
	for (unsigned i = 0; i < PAGES; i++)
		eft_page_free(page[i]);
	fuzz_check(!share.taken);
	fuzz_check_left();
}
