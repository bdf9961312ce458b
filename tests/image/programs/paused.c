// SPDX-License-Identifier: BSD-3-Clause
/*
 * usage: paused N NS: take a nap of 20 ms, with a host that pauses the guest
 * for 10 ms at the first of the clock's readings that comes (NS) or more after
 * the Nth from main() on, and say how many milliseconds it took. To be linked
 * with -Wl,--wrap=eft_kvm_monotonic_ns.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { PAUSE_NS = 10000000, NAP_NS = 20000000 };

static int readings_left;
static uint64_t since, after;

uint64_t __real_eft_kvm_monotonic_ns(void);
uint64_t __wrap_eft_kvm_monotonic_ns(void);

uint64_t __wrap_eft_kvm_monotonic_ns(void)
{
	uint64_t now = __real_eft_kvm_monotonic_ns();

	if (readings_left > 0 && --readings_left == 0)
		since = now;
	if (since != 0 && now >= since + after) {
		since = 0;
		while (__real_eft_kvm_monotonic_ns() < now + PAUSE_NS)
			;
	}
	return now;
}

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

int main(int argc, char **argv)
{
	const struct timespec nap = {.tv_nsec = NAP_NS};
	double start = now_ms();

	if (argc != 3)
		return EXIT_FAILURE;
	after = atoi(argv[2]);
	readings_left = atoi(argv[1]);
	nanosleep(&nap, NULL);
	printf("%.3f\n", now_ms() - start);
	return EXIT_SUCCESS;
}
