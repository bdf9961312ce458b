// SPDX-License-Identifier: BSD-3-Clause
/*
 * The options' grammar (core/boot/options.c): the input is a guest's command
 * line, or, where its first byte is odd, what is in the variable EFT of a
 * process.
 */
#include "core/options.h"
#include "fuzz/fuzz.h"

enum { TEXT = 1024 };

void fuzz_boot(void)
{
	struct fake_config config = FUZZ_WORLD;

	fake_boot(&config);
}

static void check_words(char **words)
{
	for (; *words != NULL; words++)
		fuzz_check(eft_strlen(*words) < TEXT);
}

void fuzz_one(void)
{
	static char program[] = "program", a[] = "A=1";
	static char *argv[] = {program, NULL};
	static char *envp[] = {a, NULL, NULL};
	static char text[TEXT], variable[TEXT + 4], message[256];
	struct eft_boot_info info = fake_info;
	bool process = fuzz_u8() & 1;

	fuzz_string(text, sizeof(text));
	if (process) {
		eft_snprintf(variable, sizeof(variable), "EFT=%s", text);
		envp[1] = variable;
		info.argv = argv;
		info.envp = envp;
	}
	info.options = text;
	if (eft_options_init(&info, message, sizeof(message)) < 0) {
		fuzz_check(message[0] != '\0');
		return;
	}
	fuzz_check(eft_options.cpus >= 1);
	check_words(eft_options.argv);
	check_words(eft_options.envp);
}
