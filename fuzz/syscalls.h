// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Between fuzz/calls.py, which writes the table, and syscalls.c.
 */
enum kind {
	NUMBER,
	FD,
	DIRECTORY, /* a descriptor, or AT_FDCWD */
	PATH,
	OFFSET,
	ADDRESS, /* in the program's window, of what is mapped or not */
	SIGNAL,
	REQUEST, /* ioctl(2)'s */
	SIZE,	 /* of the array that the argument before is */
	COUNT,	 /* the same, of the argument after */
	MEMORY,	 /* (size) bytes, or an array of such, by SIZE or COUNT */
	MAYBE,	 /* the same, or NULL */
	VECTOR,
	MESSAGE,
	ACTION,
	ROBUST,
	ZEROES,
	NAME,	/* of a socket; SIZE follows */
	LENGTH, /* points to the room that the argument before has */
	SIGNAL_BYTES,
};

struct call_description {
	const char *name;
	long number;
	unsigned count;
	struct {
		enum kind kind;
		unsigned size;
	} arguments[6];
};

extern const struct call_description calls[];
extern const unsigned call_count;
