// SPDX-License-Identifier: BSD-3-Clause
/*
 * The console: a 16550 serial port at COM1 (National Semiconductor, PC16550D
 * data sheet, §8). Output is polled; input comes by interrupt 4.
 *
 * The port is set up when it is first used. Nothing hangs where there is
 * none, or one that does not become ready then: its output is dropped. One that
 * was ready, and is not, has somebody slow at its other end, who is waited for.
 *
 * To enable the FIFOs is to empty them (§8.6.3). If a byte waits by then, more
 * of them follow it, as from a pipe; any that came between reading the first
 * and the FIFOs' start would be lost. So they stay off in that case, and the
 * port works a byte at a time: slower, but all of the input arrives.
 */
#include "core/arch/x86_64/cpu.h"
#include "core/dev/uart.h"
#include "core/lock.h"
#include "plat-kvm/kvm.h"
#include "plat-kvm/pc/ioapic.h"
#include "plat-kvm/x86/asm.h"

#define PORT	   0x3f8
#define ISA_IRQ	   4
#define FIFO_BYTES 16

enum {
	DATA = PORT,	/* divisor latch low while LCR_DLAB */
	IER = PORT + 1, /* interrupt enable; divisor latch high */
	FCR = PORT + 2, /* FIFO control, write only */
	LCR = PORT + 3, /* line control */
	MCR = PORT + 4, /* modem control */
	LSR = PORT + 5, /* line status */
	SCRATCH = PORT + 7,
};

enum {
	IER_RECEIVED = 0x01,
	FCR_ENABLE = 0x01, /* interrupt at the first byte */
	LCR_8N1 = 0x03,
	LCR_DLAB = 0x80,
	MCR_DTR_RTS_OUT2 = 0x0b, /* OUT2 lets the interrupt out on a PC */
	LSR_READY = 0x01,
	LSR_EMPTY = 0x20, /* takes a burst */
	LSR_IDLE = 0x40,  /* and has sent all */
};

/* 16 bytes take 1.4 ms at 115200; an emulated port read some 1 µs. */
#define SPINS_MAX   1000000 /* to tell what is there at all */
#define SPINS_WRITE 2000    /* a moment */

#define TURN_SPINS_MAX 10000000

static enum { UNKNOWN, ABSENT, PRESENT } state;
static bool writing; /* somebody does */
static bool tells_idle;
static size_t burst; /* bytes that it takes when it is empty */
static bool (*receiver)(uint8_t byte);
static struct eft_lock receiving = EFT_LOCK_INIT(EFT_RANK_SERIAL);
static bool stopped; /* the receiver takes no more; owned by (receiving) */

static bool comes(uint8_t status, int spins)
{
	while (spins-- > 0)
		if (inb(LSR) & status)
			return true;
	return false;
}

static bool present(void)
{
	if (state != UNKNOWN)
		return state == PRESENT;
	outb(SCRATCH, 0x5a);
	if (inb(SCRATCH) != 0x5a || inb(LSR) == 0xff) {
		state = ABSENT;
		return false;
	}
	state = PRESENT;
	outb(IER, 0);
	outb(LCR, LCR_DLAB);
	outb(DATA, 1); /* 115200 baud */
	outb(IER, 0);
	outb(LCR, LCR_8N1);
	outb(MCR, MCR_DTR_RTS_OUT2);
	burst = 1;
	if (!(inb(LSR) & LSR_READY)) {
		outb(FCR, FCR_ENABLE);
		burst = FIFO_BYTES;
	}
	if (!comes(LSR_EMPTY, SPINS_MAX))
		state = ABSENT;
	tells_idle = comes(LSR_IDLE, SPINS_WRITE);
	return state == PRESENT;
}

/*
 * Writers take turns. One that had a trap in its turn reports it in spite of
 * that: nobody waits for ever.
 */
static void take_turn(void)
{
	for (int i = 0; i < TURN_SPINS_MAX; i++) {
		if (!__atomic_exchange_n(&writing, true, __ATOMIC_ACQUIRE))
			return;
		eft_spin(i);
	}
}

static size_t write(const uint8_t *buf, size_t len)
{
	size_t done = 0;

	if (!present())
		return len;
	while (done < len && comes(LSR_EMPTY, SPINS_WRITE)) {
		size_t end = eft_min(len, done + burst);

		while (done < end)
			outb(DATA, buf[done++]);
	}
	return done;
}

/* Before there is a core, nothing interrupts. */
size_t eft_kvm_console_write(const void *buf, size_t len)
{
	size_t done;

	if (!eft_plat)
		return write(buf, len);
	eft_irq_off();
	take_turn();
	done = write(buf, len);
	__atomic_store_n(&writing, false, __ATOMIC_RELEASE);
	eft_irq_on();
	return done;
}

void eft_kvm_serial_drain(void)
{
	while (state == PRESENT &&
	       !(inb(LSR) & (tells_idle ? LSR_IDLE : LSR_EMPTY)))
		;
}

/*
 * Until none is left: an edge comes only after the line was low. An interrupt
 * may be on its way when the receiver has had enough; it takes nothing.
 */
static void receive_locked(void)
{
	for (int i = 0; i < SPINS_MAX && inb(LSR) & LSR_READY; i++) {
		if (stopped)
			return;
		stopped = !receiver(inb(DATA));
		if (stopped)
			outb(IER, 0);
	}
}

/* virtio/console.c has another, which drains this too. */
void eft_kvm_console_drain(void)
	__attribute__((weak, alias("eft_kvm_serial_drain")));

static void receive(void *arg)
{
	eft_lock(&receiving);
	receive_locked();
	eft_unlock(&receiving);
}

/* What waits in the port may raise no edge of its own: it is taken here. */
static void resume(void)
{
	eft_lock(&receiving);
	stopped = false;
	outb(IER, IER_RECEIVED);
	receive_locked();
	eft_unlock(&receiving);
}

static void start(bool (*to)(uint8_t byte))
{
	receiver = to;
	if (eft_kvm_isa_route(ISA_IRQ, receive, NULL) < 0)
		eft_log(EFT_LOG_WARN, "the serial line has no interrupt");
	eft_irq_off();
	outb(IER, IER_RECEIVED);
	eft_irq_on();
	eft_kvm_tell("listens\n"); /* ^C reaches the program */
}

const struct eft_uart *eft_plat_uart(void)
{
	static const struct eft_uart uart = {.start = start, .resume = resume};

	return eft_plat == &eft_kvm_plat && present() ? &uart : NULL;
}
