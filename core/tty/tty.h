// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * The guest's console terminal. Private to core.
 *
 *	console.c  the description, writing
 *	read.c     reading, poll
 *	line.c     the line discipline: what an arriving byte does
 *	raw.c      both in raw mode, of programs that can ask for it
 *	ring.c     the bytes that wait to be read
 *	echo.c     what is shown, and the cursor's column
 *	ioctl.c    settings
 *	device.c   a device in place of the serial line
 *
 * None of them knows of paths or of the tree, so that an image which only
 * prints does not carry those.
 */
#include "core/file.h"

enum { EFT_TTY_RING = 4096 }; /* a power of two; a line is one less */
enum { IUTF8 = 040000, IMAXBEL = 020000 };

enum { EFT_TTY_CHUNK = 256 }; /* copied at a time */

/* What stat() says of it, and of /dev/console, so that ttyname() works. */
enum { EFT_TTY_DEV = 1, EFT_TTY_INO = 2, EFT_TTY_RDEV = 5 << 8 | 1 };

struct eft_tty {
	struct eft_lock lock;
	/* Owned by lock. */
	struct eft_termios termios;
	struct eft_winsize winsize;
	bool plain;	      /* option tty=plain */
	bool ended;	      /* plain: the end of file came, and stays */
	bool paused;	      /* the line waits for resume() */
	unsigned column;      /* of the cursor */
	unsigned line_column; /* where the line that is typed began */
	/*
	 * Positions in the ring, counted on for ever: [tail, start) can be
	 * read, [start, head) is the line that is typed.
	 */
	uint32_t tail, start, head;
	uint8_t ring[EFT_TTY_RING];
	uint64_t ends[EFT_TTY_RING / 64]; /* bytes that end a line */

	struct eft_waitq readers;
};

extern struct eft_tty eft_tty;

/* The console's one description of the standard streams, with a reference. */
struct eft_file *eft_tty_console(void);
/* A further description. */
int eft_tty_open(int flags, struct eft_file **ret_file);

/*
 * A byte has arrived. False: the next one must wait until the reader has made
 * room, which (paused) notes. Context: interrupt.
 */
bool eft_tty_receive(struct eft_tty *tty, uint8_t c);

/* What a read of (len) bytes waits for. */
struct eft_tty_need {
	bool met;
	bool polled;	    /* what poll() says, which does not know (len) */
	bool timed;	    /* give up (time_ns) after the last byte */
	uint64_t time_ns;   /* termios' VTIME */
	uint32_t available; /* bytes */
};

/* Complete (need), of which (available) is set. */
void eft_tty_need_raw_locked(const struct eft_tty *tty, size_t len,
			     struct eft_tty_need *need);

/*
 * The ring. The terminal's lock is held.
 */
uint8_t eft_tty_byte(const struct eft_tty *tty, uint32_t pos);
/* Put (c) at the head, where there is room. (end): it ends a line. */
void eft_tty_put_locked(struct eft_tty *tty, uint8_t c, bool end);

/*
 * Take up to (len) bytes, in canonical mode not past the end of a line;
 * *ret_end says that this read is over.
 */
size_t eft_tty_take_locked(struct eft_tty *tty, void *buf, size_t len,
			   bool *ret_end);
/* How many bytes take would give, all lines together. */
unsigned eft_tty_available_locked(const struct eft_tty *tty);
void eft_tty_flush_locked(struct eft_tty *tty);
/* After a change of ICANON: the bytes that wait are read in the new mode. */
void eft_tty_switch_locked(struct eft_tty *tty);

/*
 * What is shown. The terminal's lock is held.
 */

/* Echo that waits to be written. */
struct eft_tty_echo {
	size_t len;
	char buf[128];
};

/* Translate (c) for output into (out), two bytes; returns how many. */
size_t eft_tty_translate_locked(struct eft_tty *tty, uint8_t c, char *out);
bool eft_tty_is_continuation(const struct eft_tty *tty, uint8_t c);
/* Where the cursor is after (c) was echoed at (column). */
unsigned eft_tty_echoed_column(const struct eft_tty *tty, uint8_t c,
			       unsigned column);
void eft_tty_echo_byte(struct eft_tty *tty, struct eft_tty_echo *echo,
		       uint8_t c);
/* Echo a typed (c), a control character as ^X. */
void eft_tty_echo_typed(struct eft_tty *tty, struct eft_tty_echo *echo,
			uint8_t c);
void eft_tty_echo_flush(struct eft_tty_echo *echo);

/*
 * Put (c) at the end of the line; keep (reserve) bytes of room after it.
 * False: there is none.
 */
bool eft_tty_append_locked(struct eft_tty *tty, struct eft_tty_echo *echo,
			   uint8_t c, unsigned reserve, bool end);
/* (c) comes in raw mode, for what was (typed). */
void eft_tty_input_raw_locked(struct eft_tty *tty, struct eft_tty_echo *echo,
			      uint8_t c, uint8_t typed);

/* By the serial line; and by it or a device. */
ssize_t eft_tty_write_line(struct eft_file *file, const struct eft_iovec *iov,
			   int count, off_t at);
ssize_t eft_tty_write(struct eft_file *file, const struct eft_iovec *iov,
		      int count, off_t at);

/* A terminal's serial line, or device, begins to listen. Context: boot. */
void eft_tty_begin_line(void);
struct eft_uart;

/* The device, or where there is none the serial line; weak (device.c). */
const struct eft_uart *eft_console_uart(void);
/* Look for a device; images that are linked with it have some. */
void eft_console_device(void);

ssize_t eft_tty_read(struct eft_file *file, const struct eft_iovec *iov,
		     int count, off_t at);
/* Have the line bring what is typed. */
void eft_tty_start_input(void);
bool eft_tty_has_input(void); /* as poll() says it */
unsigned eft_tty_poll(struct eft_file *file, unsigned events,
		      struct eft_poll *poll);
int eft_tty_ioctl(struct eft_file *file, unsigned long request,
		  void eft_user *arg);
