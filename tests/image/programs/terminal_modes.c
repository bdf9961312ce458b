// SPDX-License-Identifier: BSD-3-Clause
/*
 * Reads its terminal in non-canonical mode (termios(3)) in all four ways that
 * VMIN and VTIME make, and says what read() and poll() answer. Before a read
 * it says the line that who types has to wait for.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { TENTHS_OF_A_LONG_TIME = 250 };

static struct termios before;
static atomic_int naps;

static void *nap(void *arg)
{
	struct timespec moment = {.tv_nsec = 1000000};

	for (;;) {
		nanosleep(&moment, NULL);
		naps++;
	}
	return arg;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void set(int min, int tenths)
{
	struct termios raw = before;

	raw.c_lflag &= ~(ICANON | ECHO);
	raw.c_cc[VMIN] = (cc_t)min;
	raw.c_cc[VTIME] = (cc_t)tenths;
	tcsetattr(0, TCSANOW, &raw);
}

/* Set the mode and read (len) bytes at most; took[0] is how long. */
static void attempt(const char *what, int min, int tenths, size_t len,
		    double took[1])
{
	char text[64] = "";
	ssize_t n;

	set(min, tenths);
	printf("%s?\n", what);
	fflush(stdout);
	took[0] = now();
	n = read(0, text, len);
	took[0] = now() - took[0];
	if (n < 0)
		printf("%s: %s\n", what, strerror(errno));
	else
		printf("%s: %zd '%s'\n", what, n, text);
}

static void poll_nothing(const char *what, int min, int tenths)
{
	struct pollfd one = {.fd = 0, .events = POLLIN};

	set(min, tenths);
	printf("%s: poll %d\n", what, poll(&one, 1, 0));
}

static void without_waiting(void)
{
	double took[1];

	fcntl(0, F_SETFL, fcntl(0, F_GETFL) | O_NONBLOCK);
	attempt("O_NONBLOCK, MIN 0", 0, 0, 9, took);
	attempt("O_NONBLOCK, TIME", 0, 1, 9, took);
	attempt("O_NONBLOCK, MIN 2", 2, 0, 9, took);
	fcntl(0, F_SETFL, fcntl(0, F_GETFL) & ~O_NONBLOCK);
}

/* An empty one first. */
static void write_parts(void)
{
	struct iovec parts[] = {
		{"", 0}, {"three ", 6}, {"", 0}, {"parts\n", 6}};
	ssize_t n = writev(1, parts, 4);

	printf("%zd bytes\n", n);
}

int main(void)
{
	pthread_t thread;
	double took[1];

	if (tcgetattr(0, &before) != 0 ||
	    pthread_create(&thread, NULL, nap, NULL) != 0)
		return 1;
	poll_nothing("MIN 0", 0, 0);
	poll_nothing("TIME", 0, 1);
	attempt("MIN 0", 0, 0, 9, took);
	naps = 0;
	attempt("TIME", 0, 3, 9, took);
	printf("%s, %s\n", took[0] > 0.29 ? "waited" : "did not wait",
	       naps > 0 ? "others ran" : "others waited");
	attempt("TIME, a", 0, TENTHS_OF_A_LONG_TIME, 9, took);
	puts(took[0] < TENTHS_OF_A_LONG_TIME / 10.0 ? "in time" : "late");
	attempt("MIN 3, ab c", 3, 0, 9, took);
	attempt("MIN 3, len 2, ab", 3, 0, 2, took);
	attempt("MIN 3 TIME, ab", 3, 3, 9, took);
	puts(took[0] > 0.29 ? "waited" : "did not wait");
	attempt("MIN 2, abc", 2, 0, 2, took);
	attempt("MIN 1, rest", 1, 0, 9, took);
	without_waiting();
	tcsetattr(0, TCSANOW, &before);
	attempt("MIN 255, a", 255, 1, 9, took);
	write_parts();
	tcsetattr(0, TCSANOW, &before);
	return 0;
}
