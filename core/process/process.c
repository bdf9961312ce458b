// SPDX-License-Identifier: BSD-3-Clause
/*
 * The first process, of the parts that its image has.
 */
#include "core/process.h"

extern struct eft_space eft_first_space eft_weak;
extern struct eft_descriptors eft_first_descriptors eft_weak;
extern struct eft_directory eft_first_directory eft_weak;
extern struct eft_mutex eft_first_space_changes eft_weak;
extern struct eft_tasks eft_first_tasks eft_weak;
extern struct eft_process_signals eft_first_signals eft_weak;
extern struct eft_process_timers eft_first_timers eft_weak;
extern struct eft_itimers eft_first_itimers eft_weak;
extern struct eft_limits eft_first_limits eft_weak;
extern struct eft_groups eft_first_groups eft_weak;
extern struct eft_wishes eft_first_wishes eft_weak;

struct eft_process eft_first_process = {
	.space = &eft_first_space,
	.descriptors = &eft_first_descriptors,
	.directory = &eft_first_directory,
	.space_changes = &eft_first_space_changes,
	.tasks = &eft_first_tasks,
	.signals = &eft_first_signals,
	.timers = &eft_first_timers,
	.itimers = &eft_first_itimers,
	.limits = &eft_first_limits,
	.groups = &eft_first_groups,
	.wishes = &eft_first_wishes,
	.file_limit = UINT64_MAX,
};
