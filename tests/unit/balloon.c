// SPDX-License-Identifier: BSD-3-Clause
/*
 * virtio-balloon (plat-kvm/virtio/balloon.c) and what may go into one
 * (core/mem/balloon.c) against a device of the test's own, by VIRTIO 1.2 §5.5,
 * and one that lies.
 */
#include "core/mem/range.h"
#include "tests/unit/unit.h"

#include "plat-kvm/x86/pte.h"

/* The RAM of the fake begins at 1 MiB: its numbers of pages have 32 bits. */
#define PHYS		   (1ull << 20)
#define page_to_phys(page) ((uintptr_t)(page)-fake_info.ram[0].start + PHYS)
#define phys_to_page(phys) ((void *)((phys)-PHYS + fake_info.ram[0].start))
#include "core/mem/balloon.c"
#include "plat-kvm/virtio/balloon.c"
#include "plat-kvm/virtio/device.c"
#include "tests/fake/virtio.h"

enum { ALL = 1 << 20 }; /* pages: more than there are */

static uint16_t seen[EFT_VIRTIO_QUEUES_MAX];
static uint32_t given; /* pages that the device has */

/* Use the next request of queue (n). NULL: there is none. */
static const void *use(unsigned n, uint32_t len, uint32_t *ret_bytes)
{
	struct eft_virtq *q = &v.queue[n]->ring;
	uint16_t at = seen[n];
	uint16_t head;

	if (at == q->avail->idx)
		return NULL;
	seen[n]++;
	head = q->avail->ring[at % q->size];
	q->used->ring[q->used->idx % q->size] =
		(struct eft_virtq_used_elem){head, len};
	q->used->idx++;
	*ret_bytes = q->desc[head].len;
	return phys_to_page(q->desc[head].addr);
}

/* The host spoils what it was given. */
static void run_device(struct eft_virtio_queue *queue)
{
}

static bool serve(unsigned n)
{
	uint32_t bytes;
	const uint32_t *pfn = use(n, 0, &bytes);

	if (!pfn)
		return false;
	check(bytes > 0 && bytes % 4 == 0 && bytes / 4 <= BATCH);
	for (unsigned i = 0; i < bytes / 4; i++)
		memset(phys_to_page((uint64_t)pfn[i] * EFT_PAGE_SIZE), 0xb5,
		       EFT_PAGE_SIZE);
	given += (n == INFLATE ? 1 : -1) * (bytes / 4);
	eft_virtio_queue_interrupt(v.queue[n]);
	return true;
}

static void serve_all(void)
{
	while (serve(INFLATE) || serve(DEFLATE))
		;
}

static void want(uint32_t pages)
{
	memcpy(config_bytes + CONFIG_WANTED, &pages, sizeof(pages));
	eft_virtio_changed(&v);
}

static uint32_t has(void)
{
	uint32_t pages;

	memcpy(&pages, config_bytes + CONFIG_HAS, sizeof(pages));
	return pages;
}

static uint64_t free_pages(void)
{
	struct eft_page_stats pages;

	eft_page_stats(&pages);
	return pages.free;
}

static struct eft_range_stats promises(void)
{
	struct eft_range_stats stats;

	eft_range_stats(&stats);
	return stats;
}

static struct balloon *b;

static void time_passes(void)
{
	fake_now += 10 * AGAIN_NS;
	eft_irq_off();
	eft_timers_run();
	eft_irq_on();
}

/* The program's memory is core's, as in a guest. */
static void bring_up(uint64_t features)
{
	const struct fake_config config = {.paging = true};

	fake_boot(&config);
	begin_device("balloon");
	found_id = EFT_VIRTIO_BALLOON;
	config_len = 8;
	offers = features;
	queues = 3;
	space = eft_process()->space;
	b = eft_page_for_platform(0);
	check(start(&v, b));
	balloons.end = &balloons.first;
	eft_device_add(&balloons, &b->balloon.device);
	balloons.looked = true;
}

Test(balloon, takes_and_gives)
{
	uint64_t free, limit;

	bring_up(0);
	free = free_pages();
	limit = promises().limit;
	want(1000);
	serve_all();
	check_eq(given, 1000);
	check_eq(has(), 1000);
	check_eq(free_pages(), free - 1000 - 4); /* sheets */
	check_eq(promises().limit, limit - 1004 * EFT_PAGE_SIZE);
	for (unsigned i = 0; i < 300; i++) {
		want(unit_random(1200));
		if (unit_random(2))
			serve_all();
	}
	want(333);
	serve_all();
	check_eq(given, 333);
	check_eq(has(), 333);
	want(0);
	serve_all();
	check_eq(given, 0);
	check_eq(has(), 0);
	check_eq(free_pages(), free);
	check_eq(promises().limit, limit);
}

/* What is promised stays, and a share for the libOS. */
Test(balloon, promises)
{
	uint64_t limit;
	intptr_t at;

	bring_up(0);
	at = eft_range_map(0, 4 << 20, EFT_PROT_READ | EFT_PROT_WRITE, 0, NULL,
			   0);
	check(at > 0);
	want(ALL);
	serve_all();
	check(given > 256 && given < 1024);
	limit = promises().limit;
	check(limit >= promises().committed);
	check(free_pages() >= KEPT_MIN);
	check(eft_range_map(0, 1 << 20, EFT_PROT_READ | EFT_PROT_WRITE, 0, NULL,
			    0) == -ENOMEM);
}

/* What the program frees later goes too, without being asked for again. */
Test(balloon, later)
{
	uint32_t before;
	intptr_t at;

	bring_up(0);
	at = eft_range_map(0, 4 << 20, EFT_PROT_READ | EFT_PROT_WRITE, 0, NULL,
			   0);
	want(ALL);
	serve_all();
	before = given;
	check_eq(eft_range_unmap(at, 4 << 20), 0);
	serve_all();
	check_eq(given, before);
	time_passes();
	serve_all();
	check(given > before + 700);
	check_eq(has(), given);
}

/* A thread maps what the host has, and the host hears of it. */
static void yields(void *arg)
{
	for (;;) {
		serve_all();
		eft_yield();
	}
}

static void maps(void *arg)
{
	struct eft_thread *host;
	intptr_t *ret_at = arg;

	host = eft_thread_create("host", yields, NULL, 0);
	check(host != NULL);
	*ret_at = eft_range_map(0, 4 << 20, EFT_PROT_READ | EFT_PROT_WRITE, 0,
				NULL, 0);
	fake_return();
}

static intptr_t map_beside_host(uint64_t features)
{
	intptr_t at = 0;

	bring_up(features);
	want(1500);
	serve_all();
	check_eq(given, 1500);
	check_eq(fake_run(maps, &at), FAKE_RETURNED);
	return at;
}

Test(balloon, shrinks_if_it_may)
{
	check(map_beside_host(1ull << SHRINKS) > 0);
	check(given > 0 && given < 1000);
	check_eq(has(), given);
	time_passes();
	serve_all();
	check(given < 1000);
	want(600); /* another wish */
	serve_all();
	check_eq(given, 600);
}

Test(balloon, shrinks_not_unasked)
{
	check_eq(map_beside_host(0), -ENOMEM);
	check_eq(given, 1500);
}

/* A host that does not hear: the mapping fails, and not for ever. */
static void maps_alone(void *arg)
{
	*(intptr_t *)arg = eft_range_map(
		0, 4 << 20, EFT_PROT_READ | EFT_PROT_WRITE, 0, NULL, 0);
	fake_return();
}

static void passes(void *arg)
{
	for (;;) {
		fake_now += PATIENCE_NS / 10;
		eft_yield();
	}
}

static void maps_as_time_passes(void *arg)
{
	struct eft_thread *clock;

	clock = eft_thread_create("clock", passes, NULL, 0);
	check(clock != NULL);
	maps_alone(arg);
}

Test(balloon, deaf_host)
{
	intptr_t at = 0;

	bring_up(1ull << SHRINKS);
	want(1500);
	serve_all();
	check_eq(fake_run(maps_as_time_passes, &at), FAKE_RETURNED);
	check_eq(at, -ENOMEM);
	check_eq(given, 1500);
}

Test(balloon, statistics)
{
	const struct statistic *statistic;
	uint32_t bytes;

	bring_up(1ull << STATISTICS);
	for (unsigned i = 0; i < 3; i++) {
		statistic = use(REPORT, 0, &bytes);
		check(statistic != NULL);
		check_eq(bytes, 30);
		check_eq(statistic[0].tag, FREE);
		check_eq(statistic[0].value, free_pages() * EFT_PAGE_SIZE);
		check_eq(statistic[1].tag, TOTAL);
		check(statistic[1].value > statistic[0].value);
		want(100 * i);
		serve_all();
		eft_virtio_queue_interrupt(v.queue[REPORT]);
	}
}

/* Everything may fail to be had: nothing is lost. */
Test(balloon, no_memory)
{
	uint64_t free;

	bring_up(0);
	free = free_pages();
	for (unsigned n = 0; n < 5; n++) {
		eft_alloc_fail_after(n);
		want(1000);
		serve_all();
		eft_alloc_fail_after(UINT64_MAX);
		check_eq(given, n > 0 ? n - 1 : 0);
		want(0);
		serve_all();
		check_eq(free_pages(), free);
	}
}

/* A liar has failed; what it has, it keeps, and the rest is as it was. */
static void lie(unsigned n, uint32_t pages_then)
{
	uint64_t free;
	uint32_t bytes;

	want(pages_then);
	free = free_pages();
	check(use(n, 1, &bytes) != NULL); /* it wrote what it may only read */
	eft_virtio_queue_interrupt(v.queue[n]);
	check(v.failed);
	check_eq(free_pages(), free);
	want(0);
	go_on(&b->balloon);
	check(!shrink(&b->balloon, 10));
	check_eq(free_pages(), free);
}

Test(balloon, liar_inflates)
{
	bring_up(1ull << SHRINKS | 1ull << STATISTICS);
	lie(INFLATE, 1000);
}

Test(balloon, liar_deflates)
{
	bring_up(1ull << SHRINKS | 1ull << STATISTICS);
	want(1000);
	serve_all();
	lie(DEFLATE, 10);
}

Test(balloon, short_configuration)
{
	fake_boot(NULL);
	begin_device("balloon");
	found_id = EFT_VIRTIO_BALLOON;
	config_len = 3;
	queues = 3;
	check(!start(&v, eft_page_for_platform(0)));
	check(v.failed);
}

Test(balloon, no_queues)
{
	fake_boot(NULL);
	begin_device("balloon");
	found_id = EFT_VIRTIO_BALLOON;
	config_len = 8;
	queues = 1;
	check(!start(&v, eft_page_for_platform(0)));
	check(v.failed);
}
