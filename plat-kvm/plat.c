// SPDX-License-Identifier: BSD-3-Clause
/*
 * The platform contract, as a guest keeps it.
 */
#include "plat-kvm/kvm.h"

/* One program, its own init, run by root. */
static void identity(struct eft_identity *ret_id)
{
	*ret_id = (struct eft_identity){.pid = 1};
}

/* x86/clock_time.c, in programs that ask for the time; NULL elsewhere. */
extern __typeof__(eft_plat_guest_find_clock) eft_plat_guest_find_clock eft_weak;
/* x86/realtime.c, where anybody asks for the wall clock. */
extern __typeof__(eft_plat_guest_realtime_ns) eft_plat_guest_realtime_ns
	eft_weak;

const struct eft_plat eft_kvm_plat = {
	.name = "guest",
	.exit = eft_kvm_exit,
	.crash = eft_kvm_crash,
	.tell = eft_kvm_tell,
	.read_tracer = eft_kvm_read_tracer,
	.console_write = eft_kvm_console_write,
	.monotonic_ns = eft_kvm_monotonic_ns,
	.realtime_ns = eft_plat_guest_realtime_ns,
	.find_clock = eft_plat_guest_find_clock,
	.entropy = eft_kvm_entropy,
	.set_cpu = eft_kvm_set_cpu,
	.set_thread_pointer = eft_kvm_set_thread_pointer,
	.wait = eft_kvm_wait,
	.set_timer = eft_kvm_set_timer,
	.deliver_interrupts = eft_kvm_deliver_interrupts,
	.map_zero = NULL,
	.map_page = eft_kvm_map_page,
	.unmap = eft_kvm_unmap,
	.protect = eft_kvm_protect,
	.move = eft_kvm_move,
	.identity = identity,
};
