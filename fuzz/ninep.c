// SPDX-License-Identifier: BSD-3-Clause
/*
 * 9P2000.L (core/fs/ninep): the input says what is asked, and what the server
 * answers: something that is right, with a byte of it changed, an error, bytes
 * of the input, or nothing until the channel fails. Whatever it says, nothing is
 * left at the end, and who has talked nonsense is not asked again.
 */
#include "core/fs/ninep/ninep.h"
#include "fuzz/fuzz.h"
#include "tests/fake/share.h"

enum { FILES = 4, PAGES = 4, PARTS = 8, BODY_MAX = 320 };

static struct fake_share channel;
static struct eft_ninep *fs;
static eft_remote_handle root, file[FILES], open[FILES];
static bool has_file[FILES], has_open[FILES];

static void find(struct eft_device_class *class)
{
	eft_device_add(class, &channel.share.device);
}

/*
 * The server.
 */
static uint8_t *at;

static void put(uint64_t value, unsigned bytes)
{
	for (; bytes > 0; bytes--, value >>= 8)
		*at++ = (uint8_t)value;
}

static uint64_t get(const uint8_t *from, unsigned bytes)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < bytes; i++)
		value |= (uint64_t)from[i] << 8 * i;
	return value;
}

static void put_qid(unsigned type)
{
	put(type, 1);
	put(0, 4);
	put(fuzz_below(3), 8);
}

static void put_bytes(unsigned count)
{
	while (count-- > 0)
		put(fuzz_u8(), 1);
}

static void put_attributes(void)
{
	static const struct {
		uint8_t qid;
		uint32_t mode;
	} types[] = {{0x80, S_IFDIR}, {0, S_IFREG}, {2, S_IFLNK}, {0, S_IFIFO}};
	unsigned type = fuzz_below(4);

	put(0x7ff, 8);
	put_qid(types[type].qid);
	put(types[type].mode | fuzz_below(512), 4);
	put(1000, 4);
	put(1000, 4);
	put(1, 8);
	put(0, 8);
	put(fuzz_below(9) << 10, 8);
	put(4096, 8);
	put(8, 8);
	for (unsigned i = 0; i < 10; i++)
		put(fuzz_below(9), 8);
}

static void put_names(uint32_t room)
{
	unsigned count = fuzz_below(5);
	uint8_t *start = at, *end;

	at += 4;
	for (unsigned i = 0; i < count; i++) {
		unsigned len = 1 + fuzz_below(8);

		if ((uint32_t)(at - start) + 20 + len > room)
			break;
		put_qid(0);
		put(fuzz_below(9), 8);
		put(fuzz_below(16), 1);
		put(len, 2);
		put_bytes(len);
	}
	end = at;
	at = start;
	put((uint64_t)(end - start) - 4, 4);
	at = end;
}

static void put_data(uint32_t asked)
{
	uint32_t count = (uint32_t)eft_min(fuzz_below(256) * 64, asked);

	put(count, 4);
	memset(at, (int)count, count);
	at += count;
}

static void put_statfs(void)
{
	put(1, 4);
	put(4096, 4);
	for (unsigned i = 0; i < 6; i++)
		put(fuzz_below(9), 8);
	put(255, 4);
}

/* What is right behind the head of an answer to (request). */
static void put_body(const uint8_t *request)
{
	unsigned names;

	switch (request[4]) {
	case EFT_NINEP_VERSION:
		put(get(request + 7, 4), 4);
		put(8, 2);
		memcpy(at, "9P2000.L", 8);
		at += 8;
		return;
	case EFT_NINEP_WALK:
		names = (unsigned)get(request + 15, 2);
		put(names, 2);
		if (names > 0)
			put_qid(0);
		return;
	case EFT_NINEP_ATTACH:
	case EFT_NINEP_MKDIR:
	case EFT_NINEP_MKNOD:
	case EFT_NINEP_SYMLINK:
		put_qid(0);
		return;
	case EFT_NINEP_LOPEN:
	case EFT_NINEP_LCREATE:
		put_qid(0);
		put(0, 4);
		return;
	case EFT_NINEP_GETATTR:
		put_attributes();
		return;
	case EFT_NINEP_STATFS:
		put_statfs();
		return;
	case EFT_NINEP_READDIR:
		put_names((uint32_t)get(request + 19, 4));
		return;
	case EFT_NINEP_READ:
		put_data((uint32_t)get(request + 19, 4));
		return;
	case EFT_NINEP_WRITE:
		put(1 + fuzz_below((unsigned)get(request + 19, 4)), 4);
		return;
	case EFT_NINEP_XATTRWALK:
		put(fuzz_below(256) * (1 + 256 * fuzz_below(2)), 8);
		return;
	case EFT_NINEP_READLINK:
		names = 1 + fuzz_below(64);
		put(names, 2);
		put_bytes(names);
		return;
	}
}

static void check_request(const uint8_t *request, uint32_t len)
{
	fuzz_check(len >= EFT_NINEP_HEAD && get(request, 4) == len);
	fuzz_check(request[4] % 2 == 0 && !fs->client.failed);
	fuzz_check(len <= fs->msize || fs->remote.io_pages_max == 0);
}

static void fail_channel(void *arg)
{
	channel.share.fail(&channel.share);
}

static uint32_t serve(struct fake_share *self, const uint8_t *request,
		      uint32_t len, uint8_t *answer)
{
	unsigned how = fuzz_below(16);
	uint32_t end;

	check_request(request, len);
	if (how == 15) {
		fake_interrupt_at(fake_now + 1000, fail_channel, NULL);
		return 0;
	}
	at = answer + 4;
	put(how == 14 ? EFT_NINEP_LERROR + 1 : request[4] + 1, 1);
	put(get(request + 5, 2), 2);
	if (how == 14)
		put(fuzz_below(200), 4);
	else if (how == 13)
		put_bytes(fuzz_below(BODY_MAX));
	else
		put_body(request);
	end = (uint32_t)(at - answer);
	at = answer;
	put(end, 4);
	if (how == 12) {
		at = answer + fuzz_below((unsigned)eft_min(end, 256));
		put_bytes(1);
	}
	return how == 11 ? 1 + fuzz_below((unsigned)eft_min(end, 256)) : end;
}

/*
 * What is asked.
 */
static void check_error(ssize_t result)
{
	fuzz_check(result <= 0 && result > -4096);
	fuzz_check(result != -EINTR && result != -EFAULT);
	if (fs->client.failed)
		fuzz_check(channel.failures == 1);
}

static void keep(unsigned i, int error, eft_remote_handle new)
{
	check_error(error);
	if (error != 0)
		return;
	fuzz_check(!has_file[i]);
	has_file[i] = true;
	file[i] = new;
}

static void do_lookup(unsigned i, eft_remote_handle dir)
{
	struct eft_remote_attributes attributes;
	eft_remote_handle new = 0;
	int error;

	if (has_file[i])
		return;
	error = eft_ninep_lookup(&fs->remote, dir, "name", 4, &new,
				 &attributes);
	keep(i, error, new);
}

static void do_create(unsigned i, eft_remote_handle dir)
{
	static const uint32_t types[] = {S_IFREG, S_IFDIR, S_IFLNK, S_IFCHR};
	struct eft_node_spec spec = {.mode = types[fuzz_below(4)] | 0644,
				     .gid = UINT32_MAX,
				     .rdev = 0x503,
				     .target = "target",
				     .target_len = 6};
	struct eft_remote_attributes attributes;
	eft_remote_handle new = 0, opened = EFT_REMOTE_NO_OPEN;
	int error;

	if (has_file[i])
		return;
	error = eft_ninep_create(&fs->remote, dir, "new", 3, &spec, &new,
				 &attributes, &opened);
	keep(i, error, new);
	if (error == 0 && opened != EFT_REMOTE_NO_OPEN)
		eft_ninep_close(&fs->remote, new, opened);
}

static void do_open(unsigned i)
{
	int error;

	if (!has_file[i] || has_open[i])
		return;
	error = eft_ninep_open(&fs->remote, file[i], O_RDWR, &open[i]);
	check_error(error);
	has_open[i] = error == 0;
}

static void do_close(unsigned i)
{
	if (has_open[i])
		eft_ninep_close(&fs->remote, file[i], open[i]);
	has_open[i] = false;
}

static void do_forget(unsigned i)
{
	do_close(i);
	if (has_file[i])
		eft_ninep_forget(&fs->remote, file[i]);
	has_file[i] = false;
}

static void do_transfer(unsigned i, bool writes)
{
	unsigned count =
		1 + fuzz_below(eft_min(PAGES, fs->remote.io_pages_max));
	void *page[PAGES];
	struct eft_remote_data data = {fuzz_below(9), page, count,
				       count * EFT_PAGE_SIZE -
					       fuzz_below(4096)};
	ssize_t result;

	if (!has_open[i])
		return;
	for (unsigned n = 0; n < count; n++)
		page[n] = eft_page_alloc(0);
	if (writes)
		result = eft_ninep_write(&fs->remote, file[i], open[i], &data);
	else
		result = eft_ninep_read(&fs->remote, file[i], open[i], &data);
	if (result < 0)
		check_error(result);
	fuzz_check(result <= (ssize_t)data.bytes);
	for (unsigned n = 0; n < count; n++)
		eft_page_free(page[n]);
}

static bool see_name(void *arg, const char *name, size_t len, uint64_t ino,
		     unsigned type, uint64_t cookie)
{
	unsigned *left = arg;

	fuzz_check(len > 0 && len <= 255 && *left > 0);
	return --*left > 0;
}

static void do_names(unsigned i)
{
	unsigned left = 1 + fuzz_below(20);

	if (has_open[i])
		check_error(eft_ninep_read_dir(&fs->remote, file[i], open[i],
					       fuzz_below(9), see_name, &left));
}

static void do_target(eft_remote_handle handle)
{
	char buf[64];
	ssize_t result =
		eft_ninep_readlink(&fs->remote, handle, buf, sizeof(buf));

	if (result <= 0)
		check_error(result);
	fuzz_check(result <= (ssize_t)sizeof(buf));
}

static void do_names_change(eft_remote_handle dir, eft_remote_handle other)
{
	switch (fuzz_below(3)) {
	case 0:
		check_error(eft_ninep_link(&fs->remote, dir, "l", 1, other));
		return;
	case 1:
		check_error(eft_ninep_unlink(&fs->remote, dir, "l", 1, false));
		return;
	default:
		check_error(eft_ninep_rename(&fs->remote, dir, "a", 1, other,
					     "b", 1, false));
	}
}

static void do_attributes(eft_remote_handle handle)
{
	struct eft_remote_attributes a = {0};
	struct eft_statfs st;

	switch (fuzz_below(3)) {
	case 0:
		check_error(eft_ninep_get_attributes(&fs->remote, handle, &a));
		return;
	case 1:
		check_error(eft_ninep_set_attributes(&fs->remote, handle,
						     fuzz_below(64), &a, &a));
		return;
	default:
		check_error(eft_ninep_statfs(&fs->remote, handle, &st));
	}
	fuzz_check(a.size <= INT64_MAX);
}

/* What is read is all there is of a value, or nothing. */
static void do_xattr(eft_remote_handle handle)
{
	const struct eft_remote_xattr_ops *ops = &eft_ninep_xattr_ops;
	unsigned count = 1 + fuzz_below(4), what = fuzz_below(5);
	void *page[4];
	struct eft_remote_data data = {
		0, page, count, count * EFT_PAGE_SIZE - fuzz_below(4096)};
	ssize_t n = 0;

	for (unsigned i = 0; i < count; i++)
		page[i] = eft_page_alloc(0);
	if (what < 3)
		n = ops->get(&fs->remote, handle, what == 0 ? NULL : "user.a",
			     what == 1 ? NULL : &data);
	else if (what == 3)
		n = ops->set(&fs->remote, handle, "user.a", &data, 0);
	else
		n = ops->remove(&fs->remote, handle, "user.a");
	if (n < 0)
		check_error(n);
	fuzz_check(n <= (ssize_t)(what == 1 ? 65536 : data.bytes));
	for (unsigned i = 0; i < count; i++)
		eft_page_free(page[i]);
}

static void do_one(void)
{
	unsigned what = fuzz_below(12), i = fuzz_below(FILES);
	unsigned other = fuzz_below(FILES);
	eft_remote_handle handle = has_file[other] ? file[other] : root;

	switch (what) {
	case 0:
		return do_lookup(i, handle);
	case 1:
		return do_create(i, handle);
	case 2:
		return do_open(i);
	case 3:
		return do_close(i);
	case 4:
		return do_forget(i);
	case 5:
	case 6:
		return do_transfer(i, what == 6);
	case 7:
		return do_names(i);
	case 8:
		return do_target(handle);
	case 9:
		return do_names_change(handle, root);
	case 10:
		return do_xattr(handle);
	default:
		return do_attributes(handle);
	}
}

void fuzz_boot(void)
{
	struct fake_config config = FUZZ_WORLD;

	fake_boot(&config);
	fake_find_ninep = find;
	fake_share_init(&channel, EFT_SHARE_9P, "src", PARTS);
	channel.answer = serve;
}

static void use(void)
{
	struct eft_remote_attributes attributes;

	if (eft_ninep_root(&fs->remote, &root, &attributes) != 0)
		return;
	while (fuzz_more())
		do_one();
	for (unsigned i = 0; i < FILES; i++)
		do_forget(i);
	eft_ninep_forget(&fs->remote, root);
}

void fuzz_one(void)
{
	fs = eft_ninep_fs_create();
	fuzz_check(fs != NULL);
	if (eft_ninep_connect(fs, "src") == 0)
		use();
	fuzz_check(eft_share_pending() == 0);
	eft_ninep_destroy(&fs->remote);
	fuzz_check_left();
}
