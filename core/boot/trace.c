// SPDX-License-Identifier: BSD-3-Clause
/*
 * The tracer's way into memory.
 */
#include "core/trace.h"
#include "core/abi.h"
#include "core/arch/x86_64/cpu.h"
#include "core/arch/x86_64/image.h"
#include "core/lock.h"
#include "core/mem.h"
#include "core/options.h"
#include "core/plat.h"

const struct eft_tracer *eft_tracer;
uint8_t eft_tracing;

static void relocate(struct eft_tracer *tracer)
{
	char *base = (char *)tracer;
	const uint32_t *at = (const void *)(base + tracer->relocations);

	for (uint32_t n = tracer->relocation_count; n > 0; n--)
		*(uintptr_t *)(base + *at++) += (uintptr_t)base;
}

/* It is written first, then run: never both (W^X). */
static const struct eft_tracer *load(struct eft_plat_space *space)
{
	intptr_t at = eft_range_map(0, EFT_TRACER_BYTES,
				    EFT_PROT_READ | EFT_PROT_WRITE, 0, NULL, 0);
	struct eft_tracer *tracer = (void *)at;

	if (at < 0 || eft_plat->read_tracer == NULL ||
	    eft_plat->read_tracer(tracer, EFT_TRACER_BYTES) <
		    (ssize_t)sizeof(*tracer) ||
	    tracer->key != eft_tracer_key)
		return NULL;
	relocate(tracer);
	if (eft_plat->protect(space, at, tracer->text_bytes,
			      EFT_PROT_READ | EFT_PROT_EXEC) < 0)
		return NULL;
	return tracer;
}

int eft_trace_start(const char *words, struct eft_plat_space *space,
		    char *message, size_t size)
{
	static struct eft_trace_services services;
	const struct eft_tracer *tracer;
	int error;

	if (eft_strcmp(words, "off") == 0)
		return 0;
	tracer = load(space);
	if (tracer == NULL) {
		eft_snprintf(message, size,
			     "trace=%s: no tracer in this image's debug file",
			     words);
		return -ENOENT;
	}
	services = (struct eft_trace_services){
		.plat = eft_plat,
		.console_write = eft_console_write,
		.range_peek = eft_range_peek,
		.page_alloc = eft_page_alloc,
		.irq_deliver = eft_irq_deliver,
		.spin = eft_spin,
		.image_start = (uintptr_t)eft_image_start,
		.image_end = (uintptr_t)eft_image_end,
		.cpus = eft_options.cpus,
	};
	error = tracer->start(&services, words, message, size);
	if (error == 0) {
		eft_tracer = tracer;
		eft_tracing = EFT_ATTENTION_TRACE;
	}
	return error;
}

void eft_trace_event(enum eft_trace_event event, uintptr_t a, uintptr_t b)
{
	eft_tracer->event(event, a, b);
}
