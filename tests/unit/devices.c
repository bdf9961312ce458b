// SPDX-License-Identifier: BSD-3-Clause
/*
 * The registry of devices (core/dev/device.h), and its first class: sources of
 * random bytes.
 */
#include "core/dev/block.h"
#include "core/dev/random.h"
#include "core/dev/share.h"
#include "core/random.h"
#include "tests/unit/unit.h"

static struct eft_device one = {.name = "one"}, two = {.name = "two"},
			 three = {.name = "three"};
static unsigned looks;

static void find_two(struct eft_device_class *class)
{
	looks++;
	eft_device_add(class, &two);
	eft_device_add(class, &one);
}

static void find_none(struct eft_device_class *class)
{
	looks++;
}

static void find_one(struct eft_device_class *class)
{
	eft_device_add(class, &three);
}

Test(devices, found_once_in_order)
{
	static void (*const finders[])(struct eft_device_class * class) = {
		find_none, find_two, find_one, NULL};
	struct eft_device_class class = {.name = "test", .finders = finders};

	fake_boot(NULL);
	check_eq(looks, 0);
	for (unsigned i = 0; i < 2; i++) {
		check(eft_device_next(&class, NULL) == &two);
		check(eft_device_next(&class, &two) == &one);
		check(eft_device_next(&class, &one) == &three);
		check(eft_device_next(&class, &three) == NULL);
	}
	check_eq(looks, 2);
}

Test(devices, none)
{
	static void (*const finders[])(struct eft_device_class *
				       class) = {find_none, NULL};
	struct eft_device_class class = {.name = "test", .finders = finders};

	fake_boot(NULL);
	check(eft_device_next(&class, NULL) == NULL);
	check(eft_device_next(&class, NULL) == NULL);
	check_eq(looks, 1);
}

/*
 * Sources: what each answers, and when.
 */
struct source {
	struct eft_random_source source;
	int error;    /* of ask() */
	bool at_once; /* or by the next interrupt */
	bool never;   /* not even then */
	size_t len;   /* that come */
	void (*done)(const void *data, size_t len);
};

static struct source sources[3];
static unsigned waits, source_count;
static uint64_t now_ns;
static const uint8_t data[EFT_RANDOM_BYTES] = {1, 2, 3};

static int ask(struct eft_random_source *source, size_t len,
	       void (*done)(const void *data, size_t len))
{
	struct source *s = (struct source *)source;

	check_eq(len, EFT_RANDOM_BYTES);
	if (s->error == 0 && s->at_once)
		done(data, s->len);
	else if (s->error == 0)
		s->done = done;
	return s->error;
}

static void find(struct eft_device_class *class)
{
	for (unsigned i = 0; i < source_count; i++) {
		sources[i].source.device.name = "source";
		sources[i].source.ask = ask;
		eft_device_add(class, &sources[i].source.device);
	}
}

static void answer(struct source *s)
{
	void (*done)(const void *data, size_t len) = s->done;

	s->done = NULL;
	done(data, s->len);
}

static uint64_t clock_ns(void)
{
	return now_ns;
}

/* One interrupt a time; at last, the deadline. */
static void wait(uint64_t deadline_ns)
{
	waits++;
	for (unsigned i = 0; i < source_count; i++) {
		if (sources[i].done && !sources[i].never) {
			answer(&sources[i]);
			return;
		}
	}
	now_ns = deadline_ns;
}

/* Returns   whether the generator is fed: it does not complain */
static bool begin(unsigned count)
{
	uint64_t word;

	fake_boot(NULL);
	eft_log_set_level(EFT_LOG_WARN);
	fake_fail_always(FAKE_ENTROPY, -ENODEV);
	fake_plat.wait = wait;
	fake_plat.monotonic_ns = clock_ns;
	fake_find_random = find;
	source_count = count;
	eft_random_begin();
	eft_random(&word, sizeof(word));
	return strstr(fake_console, "are weak") == NULL;
}

Test(devices, no_source)
{
	check(!begin(0));
	check_eq(waits, 0);
}

Test(devices, source_at_once)
{
	sources[0] = (struct source){.at_once = true, .len = 64};
	check(begin(1));
	check_eq(waits, 0);
}

Test(devices, source_by_an_interrupt)
{
	sources[0].len = 64;
	check(begin(1));
	check_eq(waits, 1);
}

/* The second of three has something; it is not waited for the third. */
Test(devices, first_source_that_has_something)
{
	sources[0] = (struct source){.error = -EIO};
	sources[1] = (struct source){.len = 32};
	sources[2] = (struct source){.len = 64, .never = true};
	check(begin(3));
	check_eq(waits, 1);
	answer(&sources[2]); /* late */
}

Test(devices, sources_have_nothing)
{
	sources[0].at_once = true;
	check(!begin(2));
	check_eq(waits, 1);
	check(strstr(fake_console, "answers") == NULL);
}

Test(devices, source_does_not_answer)
{
	sources[0] = (struct source){.len = 64, .never = true};
	check(!begin(1));
	check_eq(waits, 1);
	check(strstr(fake_console, "no source of random bytes answers") !=
	      NULL);
}

static struct eft_block disks[2];

static void find_disks(struct eft_device_class *class)
{
	for (unsigned i = 0; i < 2; i++) {
		disks[i].device.name = "disk";
		eft_device_add(class, &disks[i].device);
	}
}

Test(devices, disks)
{
	fake_boot(NULL);
	fake_find_block = find_disks;
	check(eft_block_next(NULL) == &disks[0]);
	check(eft_block_next(&disks[0]) == &disks[1]);
	check(eft_block_next(&disks[1]) == NULL);
}

static struct eft_share shares[] = {
	{.device.name = "one", .protocol = EFT_SHARE_9P, .tag = "src"},
	{.device.name = "two", .protocol = EFT_SHARE_9P, .tag = "data"},
	{.device.name = "three", .protocol = EFT_SHARE_FUSE, .tag = "data"},
};

static void find_ninep(struct eft_device_class *class)
{
	eft_device_add(class, &shares[0].device);
	eft_device_add(class, &shares[1].device);
}

static void find_virtiofs(struct eft_device_class *class)
{
	eft_device_add(class, &shares[2].device);
}

static int take(enum eft_share_protocol protocol, const char *tag, int number)
{
	struct eft_share *share = NULL;
	int error = eft_share_take(protocol, tag, &share);

	check(share == (error == 0 ? &shares[number] : NULL));
	return error;
}

Test(devices, shares)
{
	fake_boot(NULL);
	fake_find_ninep = find_ninep;
	fake_find_virtiofs = find_virtiofs;
	check_eq(take(EFT_SHARE_9P, "data", 1), 0);
	check_eq(take(EFT_SHARE_9P, "src", 0), 0);
	check_eq(take(EFT_SHARE_9P, "", 0), -ENOENT);
	check_eq(take(EFT_SHARE_9P, "dat", 0), -ENOENT);
	check_eq(take(EFT_SHARE_FUSE, "data", 2), 0);
	check_eq(take(EFT_SHARE_FUSE, "src", 0), -ENOENT);
	check_eq(take(EFT_SHARE_9P, "data", 0), -EBUSY);
	eft_share_give(&shares[1]);
	check_eq(take(EFT_SHARE_9P, "data", 1), 0);
}

Test(devices, no_share)
{
	fake_boot(NULL);
	check_eq(take(EFT_SHARE_9P, "src", 0), -ENOENT);
	check_eq(take(EFT_SHARE_FUSE, "src", 0), -ENOENT);
}
