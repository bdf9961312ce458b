// SPDX-License-Identifier: BSD-3-Clause
/*
 * Device vectors: who is called for each. Only images with a driver that takes
 * interrupts have them.
 *
 * LOCKS  None: a bit says whose a vector is. A handler is there before its
 *        device may raise it.
 */
#include "core/arch/x86_64/cpu.h"
#include "plat-kvm/kvm.h"

extern const char eft_kvm_device_stubs[];

static struct {
	eft_kvm_vector_fn *handler; /* atomic */
	void *arg;
} vectors[EFT_KVM_DEVICE_COUNT];

static uint64_t taken; /* a bit each; atomic */

_Static_assert(EFT_KVM_DEVICE_COUNT == 64, "bits of (taken)");
_Static_assert(EFT_KVM_DEVICE + EFT_KVM_DEVICE_COUNT == EFT_KVM_VECTORS, "");

/* One that nobody has any more may still have been on its way. */
static void dispatch(void)
{
	const struct eft_kvm_cpu *cpu = eft_cpu()->platform;
	size_t end = (size_t)(cpu->stack[EFT_KVM_IST_IRQ - 1].stub -
			      eft_kvm_device_stubs);
	size_t n = end / EFT_KVM_DEVICE_STUB_BYTES - 1;
	eft_kvm_vector_fn *handler;

	eft_assert(n < EFT_KVM_DEVICE_COUNT);
	handler = __atomic_load_n(&vectors[n].handler, __ATOMIC_ACQUIRE);
	if (handler)
		handler(vectors[n].arg);
}

static void (*stub_of(int n))(void)
{
	return (void (*)(void))(eft_kvm_device_stubs +
				n * EFT_KVM_DEVICE_STUB_BYTES);
}

int eft_kvm_vector_alloc(eft_kvm_vector_fn *handler, void *arg)
{
	int n = eft_take_bit(&taken);

	if (n < 0)
		return -ENOSPC;
	vectors[n].arg = arg;
	__atomic_store_n(&vectors[n].handler, handler, __ATOMIC_RELEASE);
	eft_kvm_set_gate(EFT_KVM_DEVICE + n, stub_of(n));
	eft_kvm_set_irq_handler(EFT_KVM_IRQ_DEVICE, dispatch);
	return EFT_KVM_DEVICE + n;
}

void eft_kvm_vector_free(int vector)
{
	int n = vector - EFT_KVM_DEVICE;

	eft_assert(n >= 0);
	__atomic_store_n(&vectors[n].handler, NULL, __ATOMIC_RELEASE);
	eft_give_bit(&taken, n);
}
