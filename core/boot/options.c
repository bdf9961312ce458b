// SPDX-License-Identifier: BSD-3-Clause
/*
 * Options: words split as a shell does, then looked up in one table.
 *
 * A guest has but its command line: `key=value` words, `env.NAME=VALUE` for
 * the program's environment, and after a word `--` the program's arguments.
 * Loaders and monitors add words for Linux to it, at either end, which are
 * passed over; they quote none, so that a quoted word is always the user's.
 * A process has its arguments and environment from its caller, and the
 * options in the variable EFT (which the program does not see).
 */
#include "core/options.h"
#include "core/abi.h"
#include "core/corefile.h"
#include "core/dev/host.h"
#include "core/file.h"
#include "core/lib.h"
#include "core/mem.h"
#include "core/plat.h"
#include "core/thread.h"

/* Only some images have them. */
extern __typeof__(eft_rare_option) eft_rare_option eft_weak;
extern __typeof__(eft_corefile_path) eft_corefile_path eft_weak;
extern __typeof__(eft_export_to) eft_export_to eft_weak;

struct eft_options eft_options = {.cpus = 1};
uint64_t eft_host_uring_off;
uint64_t eft_deadlock_reported;

/* What a value is: the first letter of an option's name here. */
#define SIZE   "s"
#define NUMBER "n"
#define TEXT   "t"
#define CHOICE "c" /* blank-separated ones follow; the index is stored */

static const struct option {
	const char *name;
	void *value; /* NULL: this image does not know it */
} options[] = {
	{SIZE "mem", &eft_options.mem},
	{NUMBER "cpus", &eft_options.cpus},
	{CHOICE "log\0error warn info debug", &eft_options.log},
	{CHOICE "tty\0terminal plain", &eft_options.tty_plain},
	{CHOICE "uring\0on off", &eft_host_uring_off},
	{CHOICE "deadlock\0sleep report", &eft_deadlock_reported},
	{NUMBER "alloc.fail", &eft_options.alloc_fail},
	{TEXT "root", &eft_options.root},
	{TEXT "initrd", &eft_options.initrd},
	{TEXT "arg0", &eft_options.arg0},
	{TEXT "core", &eft_corefile_path},
	{NUMBER "out", &eft_export_to},
	{TEXT "hostname", &eft_options.hostname},
	{TEXT "trace", &eft_options.trace},
};

static const char *choices_of(const struct option *option)
{
	return option->name + eft_strlen(option->name) + 1;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/*
 * Take the next word off (*text), unquoted in place: '…' as it is, "…" and
 * outside with \ before a character that is meant.
 *
 * Returns   0, (*ret_word) NULL at the end; 1 there was a quote in it; -EINVAL
 *           a quote without its end
 */
static int next_word(char **text, char **ret_word)
{
	char *in = *text, *out, quote = 0;
	bool quoted;

	while (is_blank(*in))
		in++;
	*ret_word = *in ? in : NULL;
	for (out = in; *in != '\0' && (quote || !is_blank(*in)); in++) {
		if (*in == quote)
			quote = 0;
		else if (!quote && (*in == '\'' || *in == '"'))
			quote = *in;
		else if (*in == '\\' && quote != '\'' && in[1] != '\0')
			*out++ = *++in;
		else
			*out++ = *in;
	}
	*text = *in ? in + 1 : in;
	quoted = in != out;
	*out = '\0';
	return quote ? -EINVAL : quoted;
}

/* The index of (word), of (len) bytes, in (choices), or -EINVAL. */
static int choose(const char *choices, const char *word, size_t len)
{
	for (int index = 0;; index++) {
		size_t n = 0;

		while (choices[n] != '\0' && choices[n] != ' ')
			n++;
		if (n == len && memcmp(choices, word, n) == 0)
			return index;
		if (choices[n] == '\0')
			return -EINVAL;
		choices += n + 1;
	}
}

static int set_value(const struct option *option, char *text)
{
	char kind = option->name[0];
	int choice;

	if (kind == TEXT[0]) {
		*(const char **)option->value = text;
		return 0;
	}
	if (kind != CHOICE[0])
		return eft_parse_u64(text, kind == SIZE[0], option->value);
	choice = choose(choices_of(option), text, eft_strlen(text));
	if (choice >= 0)
		*(uint64_t *)option->value = choice;
	return choice;
}

static int bad(char *message, size_t size, const char *what, const char *word)
{
	eft_snprintf(message, size, "%s '%s'", what, word);
	return -EINVAL;
}

static int bad_value(const struct option *option, const char *value,
		     char *message, size_t size)
{
	char kind = option->name[0];

	eft_snprintf(message, size, "option '%s': '%s' is not %s%s",
		     option->name + 1, value,
		     kind == CHOICE[0] ? "one of: "
		     : kind == SIZE[0] ? "a size such as 64M"
				       : "a number",
		     kind == CHOICE[0] ? choices_of(option) : "");
	return -EINVAL;
}

static int set_option(char *word, char *message, size_t size)
{
	char *value = word;

	while (*value != '\0' && *value != '=')
		value++;
	if (*value == '\0')
		return bad(message, size, "option without a value:", word);
	*value++ = '\0';
	for (size_t i = 0; i < eft_array_size(options); i++) {
		if (options[i].value == NULL ||
		    eft_strcmp(options[i].name + 1, word) != 0)
			continue;
		if (set_value(&options[i], value) < 0)
			return bad_value(&options[i], value, message, size);
		return 0;
	}
	if (eft_rare_option != NULL && eft_rare_option(word, value))
		return 0;
	return bad(message, size, "unknown option", word);
}

/*
 * Linux's (Documentation/admin-guide/kernel-parameters.txt), as GRUB, QEMU,
 * Firecracker, crosvm, kvmtool and libkrun write them. "rw" and "ro" are only
 * behind a root that is Linux's, as Firecracker has them.
 */
static bool is_for_linux(const char *word)
{
	const char *names =
		"rw ro virtio_mmio.device= console= reboot= panic= pci= "
		"nomodule BOOT_IMAGE= swiotlb= 8250.nr_uarts=";
	static bool after_root;
	bool is_root = eft_starts_with(word, "root=/dev/");
	size_t len = 0, skip = after_root ? 0 : 6;

	while (word[len] != '\0' && word[len++] != '=')
		;
	after_root = is_root;
	return is_root || choose(names + skip, word, len) >= 0 ||
	       eft_starts_with(word, "i8042.");
}

/* next_word(), past those for Linux in a guest; returns as that does. */
static int next_own_word(char **text, char **ret_word, bool guest)
{
	for (;;) {
		int quoted = next_word(text, ret_word);

		if (!guest || quoted || *ret_word == NULL ||
		    !is_for_linux(*ret_word))
			return quoted;
		eft_log(EFT_LOG_INFO, "for Linux: %s", *ret_word);
	}
}

/*
 * Options, and after `--` the program's arguments. (envp) NULL: a process, whose
 * environment and arguments have come with it.
 */
static int parse(char *text, char **argv, char **envp, char *message,
		 size_t size)
{
	bool is_argument = false;
	char *word;

	for (;;) {
		int error = next_own_word(&text, &word, envp != NULL);

		if (error < 0)
			return bad(message, size,
				   "quote without its end:", word);
		if (word == NULL)
			return 0;
		if (is_argument)
			*argv++ = word;
		else if (envp != NULL && eft_strcmp(word, "--") == 0)
			is_argument = true;
		else if (envp != NULL && eft_starts_with(word, "env."))
			*envp++ = word + 4;
		else
			error = set_option(word, message, size);
		if (error < 0)
			return error;
	}
}

static int check(char *message, size_t size)
{
	if (eft_options.cpus < 1 || eft_options.cpus > EFT_CPUS_MAX) {
		eft_snprintf(message, size,
			     "option 'cpus': %lu is not from 1 to %d",
			     eft_options.cpus, EFT_CPUS_MAX);
		return -EINVAL;
	}
	return 0;
}

/* A process: all but the variable EFT, which it moves to the front. */
static char **without_eft(char **envp)
{
	for (char **at = envp; *at != NULL; at++) {
		if (eft_starts_with(*at, "EFT=")) {
			*at = *envp;
			return envp + 1;
		}
	}
	return envp;
}

/* What Linux gives the first program (init/main.c), unless it was given. */
static void add_default(char **envp, const char *name, const char *variable)
{
	for (; *envp != NULL; envp++) {
		if (eft_starts_with(*envp, name))
			return;
	}
	*envp = (char *)variable;
}

int eft_options_init(const struct eft_boot_info *info, char *message,
		     size_t size)
{
	size_t len = info->options ? eft_strlen(info->options) : 0;
	char *text = eft_strndup(info->options ? info->options : "", len);
	/* As many as there could be in the text, two more, and a NULL. */
	size_t words = len / 2 + 5;
	char **argv = NULL, **envp = NULL;
	int error;

	if (info->argv == NULL)
		argv = eft_alloc(2 * words * sizeof(*argv));
	if (text == NULL || (info->argv == NULL && argv == NULL)) {
		eft_snprintf(message, size,
			     "no memory for %lu bytes of options",
			     (unsigned long)len);
		return -ENOMEM;
	}
	if (argv != NULL)
		envp = argv + words;
	error = parse(text, argv ? argv + 1 : NULL, envp, message, size);
	if (error == 0)
		error = check(message, size);
	if (argv != NULL) {
		add_default(envp, "HOME=", "HOME=/");
		add_default(envp, "TERM=", "TERM=linux");
	}
	if (argv != NULL)
		argv[0] = (char *)(eft_options.arg0 ? eft_options.arg0 : "app");
	else if (eft_options.arg0 != NULL && info->argv[0] != NULL)
		info->argv[0] = (char *)eft_options.arg0;
	eft_options.argv = argv ? argv : info->argv;
	eft_options.envp = envp ? envp : without_eft(info->envp);
	return error;
}
