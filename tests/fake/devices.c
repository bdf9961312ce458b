// SPDX-License-Identifier: BSD-3-Clause
/*
 * The serial line of the fake.
 */
#include "core/dev/uart.h"
#include "tests/fake/fake.h"

bool fake_has_uart = true;
bool fake_uart_started;

static void (*receiver)(uint8_t byte);

static void start(void (*receive)(uint8_t byte))
{
	receiver = receive;
	fake_uart_started = true;
}

const struct eft_uart *eft_plat_uart(void)
{
	static const struct eft_uart uart = {.start = start};

	return fake_has_uart ? &uart : NULL;
}

static void arrive(void *arg)
{
	receiver((uint8_t)(uintptr_t)arg);
}

void fake_uart_type(const char *text)
{
	eft_assert(receiver != NULL);
	for (; *text != '\0'; text++)
		fake_interrupt(arrive, (void *)(uintptr_t)(uint8_t)*text);
}
