// SPDX-License-Identifier: BSD-3-Clause
/* A program of one thread that waits for a mutex that it holds. */
#include <pthread.h>

static pthread_mutex_t mine = PTHREAD_MUTEX_INITIALIZER;

int main(void)
{
	pthread_mutex_lock(&mine);
	pthread_mutex_lock(&mine);
	return 0;
}
