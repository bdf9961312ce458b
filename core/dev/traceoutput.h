// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Device class: where the tracer's file of events goes (trace/events.c). The
 * drivers are linked into the tracer, and not into images.
 *
 * What is written are the objects of a JSON list and what stands between them;
 * the brackets around it are the driver's, so that the file is whole whenever
 * the instance stops.
 */
#include "core/base.h"

struct eft_trace_output {
	/*
	 * Begin the file called (name).
	 *
	 * Returns   0; a negative errno, -ENODEV: nobody takes it
	 */
	int (*open)(const char *name, size_t name_len);

	/* Context: any. */
	void (*write)(const char *text, size_t len);
};

extern const struct eft_trace_output eft_linuxu_trace_output;
extern const struct eft_trace_output eft_kvm_trace_output;
