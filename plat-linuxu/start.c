// SPDX-License-Identifier: BSD-3-Clause
/*
 * From the kernel's initial stack to eft_boot().
 */
#include "plat-linuxu/linuxu.h"
#include "plat-linuxu/valgrind.h"

struct eft_linuxu_facts eft_linuxu_facts;

/* Linux include/uapi/linux/auxvec.h */
enum {
	AT_NULL = 0,
	AT_UID = 11,
	AT_EUID = 12,
	AT_GID = 13,
	AT_EGID = 14,
	AT_HWCAP = 16,
	AT_SECURE = 23,
	AT_HWCAP2 = 26,
	AT_SYSINFO_EHDR = 33,
};

eft_noreturn void eft_linuxu_start(uintptr_t *stack);

static void read_auxv(const uintptr_t *auxv, struct eft_boot_info *info)
{
	struct eft_identity *id = &eft_linuxu_facts.identity;

	for (; auxv[0] != AT_NULL; auxv += 2) {
		switch (auxv[0]) {
		case AT_UID:
			id->uid = auxv[1];
			break;
		case AT_EUID:
			id->euid = auxv[1];
			break;
		case AT_GID:
			id->gid = auxv[1];
			break;
		case AT_EGID:
			id->egid = auxv[1];
			break;
		case AT_HWCAP:
			info->hwcap = auxv[1];
			break;
		case AT_SECURE: /* a set-user-ID program's caller */
			if (auxv[1] != 0)
				info->options = NULL;
			break;
		case AT_HWCAP2:
			info->hwcap2 = auxv[1];
			break;
		case AT_SYSINFO_EHDR:
			eft_linuxu_facts.vdso = (const void *)auxv[1];
			break;
		}
	}
	eft_linuxu_facts.hwcap2 = info->hwcap2;
}

/* The value of the variable EFT, or NULL. */
static const char *find_options(char **envp)
{
	for (; *envp != NULL; envp++) {
		if (memcmp(*envp, "EFT=", 4) == 0)
			return *envp + 4;
	}
	return NULL;
}

static void say(const char *text)
{
	size_t len = 0;

	while (text[len] != '\0')
		len++;
	eft_linux3(SYS_write, eft_linuxu_console, (long)text, len);
}

void eft_linuxu_give_up(const char *call)
{
	say("eft: the host refuses ");
	say(call);
	say(", which a process cannot do without\n");
	eft_linuxu_plat.exit(1);
}

eft_noreturn void eft_linuxu_start(uintptr_t *stack)
{
	static struct eft_boot_info info;
	uint64_t host_bytes = eft_linuxu_host_bytes();
	ssize_t ram;

	info.argv = (char **)&stack[1];
	info.envp = info.argv + stack[0] + 1;
	info.options = find_options(info.envp);
	stack = (uintptr_t *)info.envp;
	while (*stack++ != 0)
		;
	read_auxv(stack, &info);
	ram = eft_linuxu_ram_create(host_bytes);
	if (ram < 0)
		eft_linuxu_give_up("memory");
	info.ram[0] = (struct eft_ram){EFT_LINUXU_RAM, EFT_LINUXU_RAM + ram};
	info.ram_count = 1;
	info.program_bytes = host_bytes;
	info.window_start = EFT_LINUXU_WINDOW_START;
	info.window_end = EFT_LINUXU_WINDOW_END;
	if (eft_linuxu_under_valgrind())
		info.heap_watch = &eft_linuxu_heap_watch;
	info.blocked_signals = eft_linuxu_signals_init();
	eft_boot(&eft_linuxu_plat, &info);
}
