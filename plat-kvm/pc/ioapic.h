// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Interrupt lines: from a wire to a device vector of the calling CPU.
 */
#include "plat-kvm/kvm.h"
#include "plat-kvm/pc/acpi_madt.h"

/*
 * Have (handler) called when (line) is raised. The boot CPU takes interrupts
 * from then on.
 *
 * Returns   0; -ENOSPC no vector is left; -ENODEV no I/O APIC has the line;
 *           -EBUSY somebody has it: lines are not shared
 * Context   thread
 */
int eft_kvm_line_route(const struct eft_kvm_line *line,
		       eft_kvm_vector_fn *handler, void *arg);

/* The same of the ISA interrupt (irq): an edge, unless the MADT overrides it.
 */
int eft_kvm_isa_route(unsigned irq, eft_kvm_vector_fn *handler, void *arg);

/* Of a PCI function's interrupt line register: a level, low by default. */
int eft_kvm_intx_route(unsigned irq, eft_kvm_vector_fn *handler, void *arg);
