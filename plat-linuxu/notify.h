// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Waiting for the host's files: see core/dev/host.h, notify() and cancel().
 */
#include "core/base.h"
#include "core/dev/uring.h"

int eft_linuxu_notify(int handle, unsigned events, void (*done)(void *arg),
		      void *arg);
void eft_linuxu_cancel(int ticket);
bool eft_linuxu_waits(void);

/*
 * (more) things will ring the doorbell, or -1: one less. Who watches has
 * eft_linuxu_tell_ended() look afterwards. Returns 0, or -ENOMEM.
 */
int eft_linuxu_expect(int more);
/* A CPU watches just now, and takes notice of the doorbell. Context: any. */
bool eft_linuxu_is_watched(void);

/*
 * For socketwatch.c, once something is expected: is it waited for by io_uring?
 * The doorbell's handle.
 */
bool eft_linuxu_waits_by_uring(void);
int eft_linuxu_doorbell(void);

/*
 * The watcher waits until something has come, or the deadline. It is the second
 * where there are no sockets, else socketwatch.c's, which has the choice of the
 * second, and of the third for sockets besides.
 */
void eft_linuxu_wait_for_files(uint64_t deadline_ns);
void eft_linuxu_wait_for_table(uint64_t deadline_ns);
void eft_linuxu_wait_for_all(uint64_t deadline_ns);

/* What waits in one slot of the table. */
struct eft_linuxu_pending {
	int handle;
	unsigned events;
	uint32_t generation;	 /* tells a late completion from a new use */
	void (*done)(void *arg); /* NULL: the slot is free */
	void *arg;
};

/* The table, which moves when it grows, and how many slots it has. */
extern struct eft_linuxu_pending *eft_linuxu_pending;
extern unsigned eft_linuxu_slots;

/* Slot (slot) has its events: call done, once. The table is locked. */
void eft_linuxu_complete(unsigned slot);

/* The time from now to (deadline_ns), as ppoll takes it; NULL: for ever. */
struct eft_timespec;
const struct eft_timespec *eft_linuxu_timeout(uint64_t deadline_ns,
					      struct eft_timespec *buf);

/*
 * uring.c: the same through io_uring, once eft_plat_process_uring() has set it
 * up. All but submit() and enter() want the
 * table locked.
 */

int eft_linuxu_uring_add(unsigned slot);
/* The ring's handle, which is readable when slots are complete. */
int eft_linuxu_uring_handle(void) eft_weak;
/* The number of requests for submit(). */
unsigned eft_linuxu_uring_remove(unsigned slot);
/* Have the host see what was added and removed; returns a negative errno. */
int eft_linuxu_uring_submit(unsigned requests);
/* The number of requests for submit(), or for enter(), which then waits. */
unsigned eft_linuxu_uring_flush(void);
void eft_linuxu_uring_enter(unsigned requests, uint64_t deadline_ns);
/* Complete the slots whose events have come. */
void eft_linuxu_uring_collect(void);
