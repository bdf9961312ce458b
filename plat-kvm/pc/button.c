// SPDX-License-Identifier: BSD-3-Clause
/*
 * The power button: the fixed one of PCs, by the system control interrupt, or
 * that of a generic event device, as microvms have.
 */
#include "core/dev/button.h"
#include "core/arch/x86_64/cpu.h"
#include "plat-kvm/pc/acpi.h"
#include "plat-kvm/pc/acpi_button.h"
#include "plat-kvm/pc/acpi_enable.h"
#include "plat-kvm/pc/ioapic.h"

static struct {
	struct eft_kvm_sleep sleep; /* who owns the fixed one's ports */
	struct eft_kvm_fixed_button fixed;
	struct eft_kvm_event_button event;
	volatile void *events; /* the register */
} button;

/* Take the button's bit from both blocks; was it set? */
static bool take_fixed(void)
{
	bool pressed = false;

	for (int n = 0; n < 2; n++) {
		uint16_t port = button.fixed.status[n];

		if (port == 0 || !(inw(port) & EFT_KVM_BUTTON_BIT))
			continue;
		outw(port, EFT_KVM_BUTTON_BIT); /* written, it is cleared */
		pressed = true;
	}
	return pressed;
}

static uint32_t take_events(void)
{
	switch (button.event.bytes) {
	case 1:
		return *(volatile uint8_t *)button.events;
	case 2:
		return *(volatile uint16_t *)button.events;
	}
	return *(volatile uint32_t *)button.events;
}

static void fixed_interrupt(void *arg)
{
	if (take_fixed())
		eft_button_pressed();
}

static void event_interrupt(void *arg)
{
	if (take_events() & button.event.mask)
		eft_button_pressed();
}

static int start_fixed(void)
{
	int err = eft_kvm_intx_route(button.fixed.irq, fixed_interrupt, NULL);

	if (err < 0)
		return err;
	eft_kvm_acpi_enable(&button.sleep);
	take_fixed();
	for (int n = 0; n < 2; n++)
		if (button.fixed.enable[n] != 0)
			outw(button.fixed.enable[n], EFT_KVM_BUTTON_BIT);
	return 0;
}

static int start_event(void)
{
	button.events =
		eft_kvm_map_device(button.event.phys, button.event.bytes);
	if (!button.events)
		return -ENODEV;
	return eft_kvm_line_route(&button.event.line, event_interrupt, NULL);
}

/* Windows are one CPU's: no other thread, no other CPU meanwhile. */
static int (*find(void))(void)
{
	const struct eft_kvm_acpi_header *dsdt;
	struct eft_kvm_fadt fadt;
	int (*start)(void) = NULL;

	eft_irq_off();
	dsdt = eft_kvm_acpi_dsdt(&fadt);
	if (dsdt && eft_kvm_find_fixed_button(&fadt, &button.fixed) &&
	    eft_kvm_find_sleep(&fadt, dsdt, dsdt->len, &button.sleep) &&
	    button.sleep.pm1a != 0)
		start = start_fixed;
	else if (dsdt &&
		 eft_kvm_find_event_button(dsdt, dsdt->len, &button.event))
		start = start_event;
	eft_irq_on();
	return start;
}

void eft_plat_guest_button_start(void)
{
	int (*start)(void), err = -ENODEV;

	if (eft_plat != &eft_kvm_plat)
		return;
	start = find();
	if (start)
		err = start();
	if (err < 0)
		eft_log(EFT_LOG_INFO, "no power button (error %d)", -err);
	else
		eft_kvm_tell("button\n"); /* to press it ends the program */
}
