// SPDX-License-Identifier: BSD-3-Clause
#define _GNU_SOURCE
#include "tests/fake/host.h"

#include <asm/prctl.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum { ALIGN = 2 << 20, FAULT_STACK = 256 << 10, HIGH_DESCRIPTOR = 900 };

static int ram_fd = -1;

static void must(bool ok, const char *what)
{
	if (!ok) {
		perror(what);
		abort();
	}
}

static void map(uintptr_t addr, size_t len, int prot, int flags, int fd,
		off_t offset)
{
	void *at = mmap((void *)addr, len, prot, flags | MAP_FIXED, fd, offset);

	must(at == (void *)addr, "mmap");
}

uintptr_t host_reserve(size_t len)
{
	void *at = mmap(NULL, len + ALIGN, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	must(at != MAP_FAILED, "mmap");
	return eft_align_up((uintptr_t)at, ALIGN);
}

/* Out of the way of those that a test counts. */
static int high(int fd)
{
	int other = fcntl(fd, F_DUPFD_CLOEXEC, HIGH_DESCRIPTOR);

	if (other < 0)
		return fd;
	close(fd);
	return other;
}

/* The file is as long as the address space that any RAM may lie in. */
void host_map_ram(uintptr_t addr, size_t len)
{
	if (ram_fd < 0)
		ram_fd = high(memfd_create("fake-ram", MFD_CLOEXEC));
	must(ram_fd >= 0, "memfd_create");
	must(ftruncate(ram_fd, len) == 0, "ftruncate");
	map(addr, len, PROT_READ | PROT_WRITE, MAP_SHARED, ram_fd, 0);
}

void host_empty_ram(size_t offset, size_t len)
{
	must(fallocate(ram_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		       offset, len) == 0,
	     "fallocate");
}

void host_unpoison(void *addr, size_t len)
{
	__asan_unpoison_memory_region(addr, len);
}

void host_map_page(uintptr_t addr, size_t ram_offset, int prot)
{
	map(addr, EFT_PAGE_SIZE, prot, MAP_SHARED, ram_fd, ram_offset);
}

void host_map_zero(uintptr_t addr, size_t len, int prot)
{
	map(addr, len, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
	    0);
}

void host_unmap(uintptr_t addr, size_t len)
{
	host_map_zero(addr, len, PROT_NONE);
}

void host_protect(uintptr_t addr, size_t len, int prot)
{
	must(mprotect((void *)addr, len, prot) == 0, "mprotect");
}

void host_move(uintptr_t from, uintptr_t to, size_t len)
{
	void *at = mremap((void *)from, len, len, MREMAP_MAYMOVE | MREMAP_FIXED,
			  to);

	must(at == (void *)to, "mremap");
	host_unmap(from, len);
}

void host_set_gs(void *base)
{
	must(syscall(SYS_arch_prctl, ARCH_SET_GS, base) == 0, "arch_prctl");
}

/* Who handled faults before: the sanitizer. */
static struct sigaction segv_before, bus_before;

static void (*fault_handler)(uintptr_t addr, int access, struct eft_regs *regs);

static struct eft_regs registers(const greg_t *g)
{
	return (struct eft_regs){
		.r15 = g[REG_R15],
		.r14 = g[REG_R14],
		.r13 = g[REG_R13],
		.r12 = g[REG_R12],
		.rbp = g[REG_RBP],
		.rbx = g[REG_RBX],
		.r11 = g[REG_R11],
		.r10 = g[REG_R10],
		.r9 = g[REG_R9],
		.r8 = g[REG_R8],
		.rax = g[REG_RAX],
		.rcx = g[REG_RCX],
		.rdx = g[REG_RDX],
		.rsi = g[REG_RSI],
		.rdi = g[REG_RDI],
		.vector = g[REG_TRAPNO],
		.error = g[REG_ERR],
		.rip = g[REG_RIP],
		.rflags = g[REG_EFL],
		.rsp = g[REG_RSP],
	};
}

/* Page fault error code: bit 1 a write, bit 4 a fetch (SDM vol. 3 §4.7). */
static void on_signal(int signal, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	struct eft_regs regs = registers(uc->uc_mcontext.gregs);
	sigset_t faults;
	int access = regs.error & 16  ? PROT_EXEC
		     : regs.error & 2 ? PROT_WRITE
				      : PROT_READ;

	/* libFuzzer stands before us, and we may never return. */
	sigemptyset(&faults);
	sigaddset(&faults, signal);
	sigprocmask(SIG_UNBLOCK, &faults, NULL);
	fault_handler((uintptr_t)info->si_addr, access, &regs);
	uc->uc_mcontext.gregs[REG_RIP] = (greg_t)regs.rip;
	uc->uc_mcontext.gregs[REG_RSP] = (greg_t)regs.rsp;
}

void host_on_fault(void (*handler)(uintptr_t addr, int access,
				   struct eft_regs *regs))
{
	static char stack[FAULT_STACK];
	stack_t ss = {.ss_sp = stack, .ss_size = sizeof(stack)};
	struct sigaction action = {
		.sa_sigaction = on_signal,
		.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER,
	};

	fault_handler = handler;
	must(sigaltstack(&ss, NULL) == 0, "sigaltstack");
	must(sigaction(SIGSEGV, &action, &segv_before) == 0, "sigaction");
	must(sigaction(SIGBUS, &action, &bus_before) == 0, "sigaction");
}

void host_give_up_faults(void)
{
	sigaction(SIGSEGV, &segv_before, NULL);
	sigaction(SIGBUS, &bus_before, NULL);
}

/* Asked once: libc reads a file of the kernel's to know. */
void host_stack(uintptr_t *ret_start, uintptr_t *ret_end)
{
	static uintptr_t start, end;
	pthread_attr_t attr;
	void *addr;
	size_t size;

	if (start == 0) {
		must(pthread_getattr_np(pthread_self(), &attr) == 0, "pthread");
		pthread_attr_getstack(&attr, &addr, &size);
		pthread_attr_destroy(&attr);
		start = (uintptr_t)addr;
		end = start + size;
	}
	*ret_start = start;
	*ret_end = end;
}

void host_print(const void *text, size_t len)
{
	fflush(stderr);
	fwrite(text, 1, len, stderr);
}

void host_print_stack(void)
{
	__sanitizer_print_stack_trace();
}

bool host_asks(const char *name)
{
	return getenv(name) != NULL;
}

const char *host_variable(const char *name)
{
	return getenv(name);
}

const void *host_read_file(const char *path, size_t *ret_len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	off_t len = fd >= 0 ? lseek(fd, 0, SEEK_END) : -1;
	void *data = malloc(len >= 0 ? len : 0);

	must(len >= 0 && pread(fd, data, len, 0) == len, path);
	close(fd);
	*ret_len = len;
	return data;
}

void host_abort(const char *why, const char *text)
{
	fprintf(stderr, "fake: %s\n%s", why, text);
	abort();
}

void host_skip(const char *why)
{
	printf("skipped: wants %s\n", why);
	exit(77);
}

void *host_calloc(size_t size)
{
	return calloc(1, size);
}

void *host_memalign(size_t align, size_t size)
{
	void *ptr = NULL;

	return posix_memalign(&ptr, align, size) == 0 ? ptr : NULL;
}

void *host_realloc(void *ptr, size_t size)
{
	return realloc(ptr, size);
}

void host_free(void *ptr)
{
	free(ptr);
}

size_t host_usable_size(void *ptr)
{
	return malloc_usable_size(ptr);
}
