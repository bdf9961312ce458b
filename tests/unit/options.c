// SPDX-License-Identifier: BSD-3-Clause
/*
 * The options' grammar.
 */
#include "core/options.h"
#include "core/dev/host.h"
#include "tests/unit/unit.h"

static char message[256];
static struct eft_boot_info info;

static int guest(const char *text)
{
	message[0] = '\0';
	info.options = text;
	info.argv = info.envp = NULL;
	return eft_options_init(&info, message, sizeof(message));
}

static void refused(const char *text, const char *why)
{
	check_eq(guest(text), -EINVAL);
	check_str(message, why);
}

Test(options, every_one)
{
	fake_boot(NULL);
	check_eq(guest("mem=64M cpus=1 log=debug trace=syscall tty=plain "
		       "uring=off alloc.fail=7 root=/r initrd=/i arg0=a "
		       "hostname=h"),
		 0);
	check_eq(eft_options.mem, 64 << 20);
	check_eq(eft_options.cpus, 1);
	check_eq(eft_options.log, EFT_LOG_DEBUG);
	check_str(eft_options.trace, "syscall");
	check_eq(eft_options.tty_plain, 1);
	check_eq(eft_host_uring_off, 1);
	check_eq(eft_options.alloc_fail, 7);
	check_str(eft_options.root, "/r");
	check_str(eft_options.initrd, "/i");
	check_str(eft_options.arg0, "a");
	check_str(eft_options.hostname, "h");
	check_str(eft_options.argv[0], "a");
	check_str(eft_program_name(), "a");
}

Test(options, none)
{
	fake_boot(NULL);
	info.options = NULL;
	check_eq(eft_options_init(&info, message, sizeof(message)), 0);
	check_eq(eft_options.mem, 0);
	check(eft_options.root == NULL);
	check_str(eft_options.argv[0], "app");
	check(eft_options.argv[1] == NULL);
	check_str(eft_options.envp[0], "HOME=/");
	check_str(eft_options.envp[1], "TERM=linux");
	check(eft_options.envp[2] == NULL);
	check_eq(guest(" \t\n "), 0);
	check(eft_options.argv[1] == NULL);
}

Test(options, choices_and_the_last_word_wins)
{
	fake_boot(NULL);
	check_eq(guest("log=warn trace=off tty=terminal uring=on"), 0);
	check_eq(eft_options.log, EFT_LOG_WARN);
	check_str(eft_options.trace, "off");
	check_eq(guest("log=info log=error"), 0);
	check_eq(eft_options.log, EFT_LOG_ERROR);
}

Test(options, refused)
{
	fake_boot(NULL);
	refused("frobnicate=1", "unknown option 'frobnicate'");
	refused("mem=1M x=", "unknown option 'x'");
	refused("Mem=1M", "unknown option 'Mem'");
	refused("=5", "unknown option ''");
	refused("mem", "option without a value: 'mem'");
	refused("mem=", "option 'mem': '' is not a size such as 64M");
	refused("mem=lots", "option 'mem': 'lots' is not a size such as 64M");
	refused("mem=-1", "option 'mem': '-1' is not a size such as 64M");
	refused("mem=99999999999T",
		"option 'mem': '99999999999T' is not a size such as 64M");
	refused("cpus=two", "option 'cpus': 'two' is not a number");
	refused("cpus=1k", "option 'cpus': '1k' is not a number");
	refused("log=loud", "option 'log': 'loud' is not one of: error warn "
			    "info debug");
	refused("log=", "option 'log': '' is not one of: error warn info "
			"debug");
	refused("log=err", "option 'log': 'err' is not one of: error warn info "
			   "debug");
	refused("''", "option without a value: ''");
	check_eq(guest("cpus=64"), 0);
	check_eq(eft_options.cpus, 64);
	refused("cpus=65", "option 'cpus': 65 is not from 1 to 64");
	refused("cpus=0", "option 'cpus': 0 is not from 1 to 64");
}

Test(options, quotes)
{
	fake_boot(NULL);
	check_eq(guest("root='/a b' arg0=\"c d\" hostname=e\\ f"), 0);
	check_str(eft_options.root, "/a b");
	check_str(eft_options.arg0, "c d");
	check_str(eft_options.hostname, "e f");
	check_eq(guest("root='a\\b' arg0=\"q\\\"q\" hostname=\\'x"), 0);
	check_str(eft_options.root, "a\\b");
	check_str(eft_options.arg0, "q\"q");
	check_str(eft_options.hostname, "'x");
	check_eq(guest("'root'=a\"b\"'c' arg0='' hostname=end\\"), 0);
	check_str(eft_options.root, "abc");
	check_str(eft_options.arg0, "");
	check_str(eft_options.hostname, "end\\");
}

Test(options, quotes_without_end)
{
	fake_boot(NULL);
	refused("root='/a b", "quote without its end: 'root=/a b'");
	refused("root=\"x\\\"", "quote without its end: 'root=x\"'");
	refused("'", "quote without its end: ''");
	refused("mem=1M -- a 'b c", "quote without its end: 'b c'");
}

Test(options, arguments_and_environment)
{
	fake_boot(NULL);
	check_eq(guest("env.HOME=/x mem=1M env.A='b c' -- -x 'a b' \"\" "
		       "mem=2M -- --"),
		 0);
	check_eq(eft_options.mem, 1 << 20);
	check_str(eft_options.envp[0], "HOME=/x");
	check_str(eft_options.envp[1], "A=b c");
	check_str(eft_options.envp[2], "TERM=linux");
	check(eft_options.envp[3] == NULL);
	check_str(eft_options.argv[0], "app");
	check_str(eft_options.argv[1], "-x");
	check_str(eft_options.argv[2], "a b");
	check_str(eft_options.argv[3], "");
	check_str(eft_options.argv[4], "mem=2M");
	check_str(eft_options.argv[5], "--");
	check_str(eft_options.argv[6], "--");
	check(eft_options.argv[7] == NULL);
	check_eq(guest("--"), 0);
	check(eft_options.argv[1] == NULL);
}

Test(options, process)
{
	static char eft[] = "EFT=mem=1M", a[] = "A=1", b[] = "B=2", x[] = "x";
	char *argv[] = {x, a, NULL}, *envp[] = {a, eft, b, NULL};

	fake_boot(NULL);
	info = (struct eft_boot_info){
		.options = "mem=1M", .argv = argv, .envp = envp};
	check_eq(eft_options_init(&info, message, sizeof(message)), 0);
	check(eft_options.argv == argv);
	check_str(eft_options.envp[0], "A=1");
	check_str(eft_options.envp[1], "B=2");
	check(eft_options.envp[2] == NULL);
	check_str(eft_program_name(), "x");
	info.options = "mem=1M --";
	check_eq(eft_options_init(&info, message, sizeof(message)), -EINVAL);
	check_str(message, "option without a value: '--'");
}

/* The shortest words there are, and room for what is added to them. */
Test(options, many_variables)
{
	static char text[8192];

	fake_boot(NULL);
	for (unsigned len = 0; len + 5 < sizeof(text); len += 5) {
		unsigned n = 0;

		if (len % 500 == 0)
			check_eq(guest(text), 0);
		while (len % 500 == 0 && eft_options.envp[n] != NULL)
			n++;
		check(len % 500 != 0 || n == len / 5 + 2);
		memcpy(text + len, "env. ", 6);
	}
}

/* As many words as fit in their text, and one of 64 KiB. */
Test(options, long_lines)
{
	static char text[1 << 16];
	unsigned n = 0;

	fake_boot(NULL);
	memset(text, 'a', sizeof(text) - 1);
	memcpy(text, "root=", 5);
	check_eq(guest(text), 0);
	check_eq(eft_strlen(eft_options.root), sizeof(text) - 6);
	memcpy(text, "mess=", 5);
	check_eq(guest(text), -EINVAL);
	memcpy(text, "-- ", 3);
	for (unsigned i = 3; i + 1 < sizeof(text); i++)
		text[i] = i % 2 ? 'w' : ' ';
	check_eq(guest(text), 0);
	while (eft_options.argv[n] != NULL)
		n++;
	check_eq(n, 1 + (sizeof(text) - 3) / 2);
}

Test(options, message_is_cut)
{
	char small[12];

	fake_boot(NULL);
	info.options = "averylongoption=1";
	check_eq(eft_options_init(&info, small, sizeof(small)), -EINVAL);
	check_str(small, "unknown opt");
}

Test(options, every_failure)
{
	int error = -ENOMEM;

	fake_boot(NULL);
	for (uint64_t n = 0; error != 0; n++) {
		check(n < 8);
		eft_alloc_fail_after(n);
		error = guest("env.A=1 mem=1M -- x");
		check(error == 0 || error == -ENOMEM);
	}
}

/* No word, however odd, may end in anything but an answer. */
Test(options, random_text)
{
	static const char alphabet[] = " '\"\\=-amem=1Mlog.env.--\t";
	char text[40];

	fake_boot(NULL);
	for (unsigned i = 0; i < 5000; i++) {
		unsigned len = unit_random(sizeof(text));

		for (unsigned j = 0; j < len; j++)
			text[j] = alphabet[unit_random(sizeof(alphabet) - 1)];
		text[len] = '\0';
		check(guest(text) == 0 || message[0] != '\0');
	}
}

static void check_arguments(const char *text, const char *first,
			    const char *second)
{
	check_eq(guest(text), 0);
	check_str(eft_options.argv[1] ? eft_options.argv[1] : "", first);
	check_str(first[0] && eft_options.argv[2] ? eft_options.argv[2] : "",
		  second);
}

/* What Firecracker 1.8 and QEMU's microvm write, around the user's words. */
Test(options, words_for_linux)
{
	static char log[4096];

	fake_boot(NULL);
	check_eq(guest("BOOT_IMAGE=/boot/app reboot=k panic=1 nomodule pci=off "
		       "8250.nr_uarts=0 i8042.noaux i8042.nomux "
		       "i8042.dumbkbd swiotlb=noforce console=ttyS0 "
		       "root=/dev/vda rw log=warn"),
		 0);
	check_eq(eft_options.log, EFT_LOG_WARN);
	check(eft_options.root == NULL);
	check(eft_options.argv[1] == NULL);
	check_arguments("log=info -- a b root=/dev/vda1 ro "
			"virtio_mmio.device=4K@0xd0000000:5 "
			"virtio_mmio.device=4K@0xd0001000:6",
			"a", "b");
	check(eft_log_read(log, sizeof(log)) > 0);
	check(strstr(log, "for Linux: virtio_mmio.device=4K@0xd0001000:6") !=
	      NULL);
	check_arguments("--  virtio_mmio.device=512@0xfeb00e00:12 ", "", "");
	check_arguments("-- console=ttyS0 a panic=1 b", "a", "b");
	check_arguments("root=initrd -- root=/dev/vda rw rw", "rw", "");
	check_str(eft_options.root, "initrd");
}

/* They quote none of theirs: a quoted word is the user's. */
Test(options, words_like_those_for_linux)
{
	fake_boot(NULL);
	check_arguments("-- 'console=ttyS0' nomodul\\e", "console=ttyS0",
			"nomodule");
	check_arguments("-- rw ro", "rw", "ro");
	check_arguments("-- root=/dev x root=/dev/x", "root=/dev", "x");
	check_arguments("-- i8042 consoles=1", "i8042", "consoles=1");
	check_arguments("-- panic console.txt", "panic", "console.txt");
	check_arguments("-- pci.off=1 nomodule=1", "pci.off=1", "nomodule=1");
	check_arguments("-- env.panic=1 con=1", "env.panic=1", "con=1");
	refused("rw", "option without a value: 'rw'");
	refused("root=/dev/vda x=1 rw", "unknown option 'x'");
	refused("'console=ttyS0'", "unknown option 'console'");
	refused("consol=ttyS0", "unknown option 'consol'");
}

/* A process has no loader. */
Test(options, words_for_linux_in_a_process)
{
	static char name[] = "name";
	static char *argv[] = {name, NULL}, *envp[] = {NULL};

	fake_boot(NULL);
	info.argv = argv;
	info.envp = envp;
	info.options = "console=ttyS0";
	check_eq(eft_options_init(&info, message, sizeof(message)), -EINVAL);
	check_str(message, "unknown option 'console'");
}
