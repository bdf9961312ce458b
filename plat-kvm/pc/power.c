// SPDX-License-Identifier: BSD-3-Clause
/*
 * The end, by whatever door the host has: QEMU's debug exit, which carries
 * the status; ACPI; a reset. The status also goes to QEMU's debug console,
 * as text, for `eft run`.
 */
#include "plat-kvm/kvm.h"
#include "plat-kvm/x86/asm.h"

#define DEBUG_CONSOLE 0xe9  /* QEMU hw/char/debugcon.c; reads as its number */
#define DEBUG_EXIT    0x501 /* QEMU hw/misc/debugexit.c; elsewhere nothing */
#define RESET_CONTROL 0xcf9 /* PC chip sets: 2 asks for, 4 does a reset */
#define KEYBOARD      0x64  /* 8042 controller; 0xfe pulses the reset line */

static bool watched(void)
{
	return inb(DEBUG_CONSOLE) == DEBUG_CONSOLE;
}

bool eft_kvm_tell(const char *text)
{
	if (!watched())
		return false;
	while (text != NULL && *text != '\0')
		outb(DEBUG_CONSOLE, *text++);
	return true;
}

/* QEMU powers off a while after it was told to; some 0.1 s, or more. */
static void linger(void)
{
	for (int i = 0; i < 100000; i++)
		inb(KEYBOARD);
}

static void reset(void)
{
	static const struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) no_idt;

	outb(RESET_CONTROL, 2);
	outb(RESET_CONTROL, 6);
	outb(KEYBOARD, 0xfe);
	__asm__ volatile("lidt %0; int3" ::"m"(no_idt));
}

static void tell_status(unsigned status)
{
	char text[] = "exit 000\n", *digits = text + 5;

	digits[0] += status / 100 % 10;
	digits[1] += status / 10 % 10;
	digits[2] += status % 10;
	while (*digits == '0' && digits[1] != '\n')
		digits++;
	eft_kvm_tell("exit ");
	eft_kvm_tell(digits);
}

/* The last doors, which need nothing. */
static eft_noreturn void give_up(void)
{
	reset();
	halt_forever();
}

void eft_kvm_exit(int status)
{
	static bool ending;

	cli();
	if (eft_kvm_stop_others)
		eft_kvm_stop_others();
	if (ending) /* a trap on the way */
		give_up();
	ending = true;
	eft_kvm_console_drain();
	tell_status(status);
	outb(DEBUG_EXIT, status & 0x7f); /* QEMU ends with 2 * status + 1 */
	if (eft_kvm_acpi_power_off())
		linger();
	give_up();
}

/* As a shell reports it. */
void eft_kvm_crash(int signal)
{
	eft_kvm_exit(128 + signal);
}
