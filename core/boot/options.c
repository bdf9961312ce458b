// SPDX-License-Identifier: BSD-3-Clause
/*
 * Options: words split as a shell does, then looked up in one table.
 *
 * A guest has but its command line: `key=value` words, `env.NAME=VALUE` for
 * the program's environment, and after a word `--` the program's arguments.
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
extern __typeof__(eft_corefile_path) eft_corefile_path eft_weak;
extern __typeof__(eft_export_to) eft_export_to eft_weak;

struct eft_options eft_options = {.cpus = 1};
uint64_t eft_host_uring_off;
uint64_t eft_deadlock_reported;

enum kind { SIZE, NUMBER, TEXT, CHOICE };

static const struct option {
	const char *key;
	enum kind kind;
	void *value;	     /* NULL: this image does not know it */
	const char *choices; /* CHOICE: blank-separated; the index is stored */
} options[] = {
	{"mem", SIZE, &eft_options.mem, NULL},
	{"cpus", NUMBER, &eft_options.cpus, NULL},
	{"log", CHOICE, &eft_options.log, "error warn info debug"},
	{"tty", CHOICE, &eft_options.tty_plain, "terminal plain"},
	{"uring", CHOICE, &eft_host_uring_off, "on off"},
	{"deadlock", CHOICE, &eft_deadlock_reported, "sleep report"},
	{"alloc.fail", NUMBER, &eft_options.alloc_fail, NULL},
	{"root", TEXT, &eft_options.root, NULL},
	{"initrd", TEXT, &eft_options.initrd, NULL},
	{"arg0", TEXT, &eft_options.arg0, NULL},
	{"core", TEXT, &eft_corefile_path, NULL},
	{"out", NUMBER, &eft_export_to, NULL},
	{"hostname", TEXT, &eft_options.hostname, NULL},
	{"trace", TEXT, &eft_options.trace, NULL},
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/*
 * Take the next word off (*text), unquoted in place: '…' as it is, "…" and
 * outside with \ before a character that is meant.
 *
 * Returns   0, (*ret_word) NULL at the end; -EINVAL a quote without its end
 */
static int next_word(char **text, char **ret_word)
{
	char *in = *text, *out, quote = 0;

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
	*out = '\0';
	return quote ? -EINVAL : 0;
}

/* The index of (word) in the blank-separated (choices), or -EINVAL. */
static int choose(const char *choices, const char *word)
{
	size_t len = eft_strlen(word);

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
	int result = 0;

	switch (option->kind) {
	case TEXT:
		*(const char **)option->value = text;
		return 0;
	case CHOICE:
		result = choose(option->choices, text);
		if (result >= 0)
			*(uint64_t *)option->value = result;
		return result < 0 ? result : 0;
	default:
		return eft_parse_u64(text, option->kind == SIZE, option->value);
	}
}

static int bad(char *message, size_t size, const char *what, const char *word)
{
	eft_snprintf(message, size, "%s '%s'", what, word);
	return -EINVAL;
}

static int bad_value(const struct option *option, const char *value,
		     char *message, size_t size)
{
	static const char *const wanted[] = {
		[SIZE] = "a size such as 64M",
		[NUMBER] = "a number",
	};

	eft_snprintf(message, size, "option '%s': '%s' is not %s%s",
		     option->key, value,
		     option->kind == CHOICE ? "one of: " : "",
		     option->kind == CHOICE ? option->choices
					    : wanted[option->kind]);
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
		    eft_strcmp(options[i].key, word) != 0)
			continue;
		if (set_value(&options[i], value) < 0)
			return bad_value(&options[i], value, message, size);
		return 0;
	}
	return bad(message, size, "unknown option", word);
}

/* What is left of the text after `--`: the program's arguments. */
static int take_arguments(char *text, char **argv, char *message, size_t size)
{
	for (;;) {
		if (next_word(&text, argv) < 0)
			return bad(message, size,
				   "quote without its end:", *argv);
		if (*argv++ == NULL)
			return 0;
	}
}

/* (envp) NULL: a process, whose environment has come with it. */
static int parse(char *text, char **argv, char **envp, char *message,
		 size_t size)
{
	char *word;

	for (;;) {
		int error = next_word(&text, &word);

		if (error < 0)
			return bad(message, size,
				   "quote without its end:", word);
		if (word == NULL)
			return 0;
		if (envp != NULL && eft_strcmp(word, "--") == 0)
			return take_arguments(text, argv, message, size);
		if (envp != NULL && eft_starts_with(word, "env."))
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

/* Room for as many words as (text) could have, two more, and a NULL. */
static char **word_vector(size_t text_len)
{
	return eft_alloc((text_len / 2 + 5) * sizeof(char *));
}

int eft_options_init(const struct eft_boot_info *info, char *message,
		     size_t size)
{
	size_t len = info->options ? eft_strlen(info->options) : 0;
	char *text = eft_strndup(info->options ? info->options : "", len);
	char **argv = NULL, **envp = NULL;
	int error;

	if (info->argv == NULL) {
		argv = word_vector(len);
		envp = word_vector(len);
	}
	if (text == NULL || (info->argv == NULL && (!argv || !envp))) {
		eft_snprintf(message, size,
			     "no memory for %lu bytes of options",
			     (unsigned long)len);
		return -ENOMEM;
	}
	error = parse(text, argv ? argv + 1 : NULL, envp, message, size);
	if (error == 0)
		error = check(message, size);
	if (envp != NULL) {
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
