// SPDX-License-Identifier: BSD-3-Clause
/*
 * The I/O APICs (Intel 82093AA data sheet §3.2): which of them has a line, and
 * what its pin is told. Each has two registers: one selects, one is the data.
 *
 * LOCKS  One for the select registers, and for the MADT's window.
 */
#include "plat-kvm/pc/ioapic.h"
#include "core/lock.h"
#include "plat-kvm/pc/acpi.h"
#include "plat-kvm/x86/asm.h"

#define USUAL_ADDRESS 0xfec00000 /* where no MADT says it */
#define BYTES	      0x20

enum { SELECT = 0, DATA = 4 }; /* in words of 32 bits */
enum { VERSION = 1, REDIRECTION = 0x10 };
enum { ACTIVE_LOW = 1 << 13, LEVEL = 1 << 15 };

/* A bit for each line that has somebody, of those that PCs have. */
static uint64_t routed[4]; /* owned by (controllers) */

static struct eft_lock controllers = EFT_LOCK_INIT(EFT_RANK_LINES);

/* Fixed delivery, physical destination. The pin is masked meanwhile. */
static int route_locked(volatile uint32_t *io, unsigned pin,
			const struct eft_kvm_line *line, unsigned vector)
{
	uint32_t low = vector | (line->low ? ACTIVE_LOW : 0) |
		       (line->level ? LEVEL : 0);

	io[SELECT] = VERSION;
	if (pin > (io[DATA] >> 16 & 0xff))
		return -ENODEV;
	io[SELECT] = REDIRECTION + 2 * pin;
	io[DATA] = low | 1u << 16;
	io[SELECT] = REDIRECTION + 2 * pin + 1;
	io[DATA] = eft_kvm_apic_id() << 24;
	io[SELECT] = REDIRECTION + 2 * pin;
	io[DATA] = low;
	return 0;
}

/* One that was used before is mapped again: few lines are routed. */
static int route(const struct eft_kvm_ioapic *at,
		 const struct eft_kvm_line *line, unsigned vector)
{
	volatile uint32_t *io = eft_kvm_map_device(at->phys, BYTES);
	int err;

	if (!io)
		return -ENODEV;
	eft_lock(&controllers);
	err = route_locked(io, line->gsi - at->gsi, line, vector);
	eft_unlock(&controllers);
	return err;
}

/* One that is not on the list is nobody's. */
static bool take_line(uint32_t gsi)
{
	bool taken = false;

	if (gsi >= 64 * eft_array_size(routed))
		return true;
	eft_lock(&controllers);
	taken = routed[gsi / 64] >> gsi % 64 & 1;
	routed[gsi / 64] |= 1ull << gsi % 64;
	eft_unlock(&controllers);
	return !taken;
}

static void give_line(uint32_t gsi)
{
	if (gsi >= 64 * eft_array_size(routed))
		return;
	eft_lock(&controllers);
	eft_assert(routed[gsi / 64] >> gsi % 64 & 1);
	routed[gsi / 64] &= ~(1ull << gsi % 64);
	eft_unlock(&controllers);
}

static const struct eft_kvm_acpi_header *find_madt(void)
{
	return eft_kvm_acpi_find(EFT_KVM_WINDOW_MADT,
				 ACPI_SIGNATURE('A', 'P', 'I', 'C'));
}

/* A machine without a MADT has one, as old PCs do. */
static bool find_controller(uint32_t gsi, struct eft_kvm_ioapic *ret)
{
	const struct eft_kvm_acpi_header *madt;
	bool found = true;

	*ret = (struct eft_kvm_ioapic){USUAL_ADDRESS, 0};
	eft_lock(&controllers);
	madt = find_madt();
	if (madt)
		found = eft_kvm_madt_ioapic(madt, madt->len, gsi, ret);
	eft_unlock(&controllers);
	return found;
}

int eft_kvm_line_route(const struct eft_kvm_line *line,
		       eft_kvm_vector_fn *handler, void *arg)
{
	struct eft_kvm_ioapic controller;
	int vector, err = -ENODEV;

	if (!find_controller(line->gsi, &controller))
		return -ENODEV;
	if (!take_line(line->gsi))
		return -EBUSY;
	vector = eft_kvm_vector_alloc(handler, arg);
	if (vector < 0) {
		give_line(line->gsi);
		return vector;
	}
	eft_kvm_interrupts_listen();
	err = route(&controller, line, vector);
	if (err < 0) {
		eft_kvm_vector_free(vector);
		give_line(line->gsi);
	}
	return err;
}

static int route_isa(struct eft_kvm_line line, eft_kvm_vector_fn *handler,
		     void *arg)
{
	const struct eft_kvm_acpi_header *madt;

	eft_lock(&controllers);
	madt = find_madt();
	if (madt)
		eft_kvm_madt_override(madt, madt->len, line.gsi, &line);
	eft_unlock(&controllers);
	return eft_kvm_line_route(&line, handler, arg);
}

int eft_kvm_isa_route(unsigned irq, eft_kvm_vector_fn *handler, void *arg)
{
	return route_isa((struct eft_kvm_line){.gsi = irq}, handler, arg);
}

int eft_kvm_intx_route(unsigned irq, eft_kvm_vector_fn *handler, void *arg)
{
	return route_isa((struct eft_kvm_line){irq, .level = true, .low = true},
			 handler, arg);
}
