/* SPDX-License-Identifier: ISC
 * mapped.c - outliving that a file is cut short while it is mapped
 */
#include "mapped.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

static uintptr_t page_size;
static atomic_uintptr_t lost; /* where; 0 */

/* A page of zeros takes the place of the missing one. mmap is a system call
 * and no more, though POSIX does not list it for handlers. */
static void
on_bus(int number, siginfo_t *info, void *context)
{
	uintptr_t at = (uintptr_t)info->si_addr & (page_size - 1);
	unsigned char *page = (unsigned char *)info->si_addr - at;
	int error = errno;

	(void)context;
	if (info->si_code == BUS_ADRERR &&
	    mmap(page, page_size, PROT_READ,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED) {
		atomic_store(&lost, (uintptr_t)info->si_addr);
		errno = error;
		return;
	}
	signal(number, SIG_DFL);
	raise(number);
}

void
mapped_watch(void)
{
	struct sigaction action = { .sa_sigaction = on_bus,
		.sa_flags = SA_SIGINFO };

	page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
	sigaction(SIGBUS, &action, NULL);
}

bool
mapped_lost(struct ms_slice bytes)
{
	uintptr_t at = atomic_load(&lost), from = (uintptr_t)bytes.p;

	return at >= from && at - from < bytes.n &&
	       atomic_compare_exchange_strong(&lost, &at, 0);
}
