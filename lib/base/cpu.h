/* SPDX-License-Identifier: ISC
 * cpu.h - what the processor can do
 *
 * The dynamic linker has asked it already. Asking again, as the compiler's
 * __builtin_cpu_supports does before main, costs a tenth of the whole start
 * where CPUID is trapped: in virtual machines.
 */
#ifndef BASE_CPU_H
#define BASE_CPU_H

#include <stdbool.h>

#if defined(__x86_64__)
#ifdef __has_include
#if __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>
#define CPU_AVX2() CPU_FEATURE_ACTIVE(AVX2)
#define CPU_SHA()  (CPU_FEATURE_ACTIVE(SHA) && CPU_FEATURE_ACTIVE(SSE4_1))
#define CPU_AVX512()                                                           \
	(CPU_FEATURE_ACTIVE(AVX512F) && CPU_FEATURE_ACTIVE(AVX512BW))
#endif
#endif
#ifndef CPU_AVX2
#define CPU_AVX2() __builtin_cpu_supports("avx2")
#define CPU_SHA()  false /* not every compiler knows its name */
#define CPU_AVX512()                                                           \
	(__builtin_cpu_supports("avx512f") &&                                  \
	    __builtin_cpu_supports("avx512bw"))
#endif

static inline bool
cpu_has_avx2(void)
{
	return CPU_AVX2();
}

static inline bool
cpu_has_sha(void)
{
	return CPU_SHA();
}

static inline bool
cpu_has_avx512(void)
{
	return CPU_AVX512();
}
#endif

#endif
