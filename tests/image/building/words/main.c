// SPDX-License-Identifier: BSD-3-Clause
/* Count the words of files, a thread for each. */
#include <pthread.h>
#include <stdlib.h>

#include "count.h"

int main(int argc, char **argv)
{
	struct count *counts = calloc(argc, sizeof(*counts));
	pthread_t *threads = calloc(argc, sizeof(*threads));
	int failed = !counts || !threads;

	for (int i = 1; !failed && i < argc; i++) {
		counts[i].path = argv[i];
		if (pthread_create(&threads[i], NULL, count_words, &counts[i]))
			abort();
	}
	for (int i = 1; !failed && i < argc; i++) {
		pthread_join(threads[i], NULL);
		show(&counts[i]);
	}
	for (int i = 1; !failed && i < argc; i++)
		failed = counts[i].error != 0;
	free(threads);
	free(counts);
	return failed;
}
