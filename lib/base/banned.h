/* SPDX-License-Identifier: ISC
 * banned.h - functions this house does without; included by the compiler
 *
 * The headers that declare them come first, so that only our uses are hit.
 */
#ifndef MAILSONDE_BANNED_H
#define MAILSONDE_BANNED_H

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MS_BANNED(name, instead) name##_is_banned_use_##instead

#undef strcpy
#define strcpy(a, b) MS_BANNED(strcpy, ms_arena_string)
#undef strcat
#define strcat(a, b) MS_BANNED(strcat, ms_buf_text)
#undef strncpy
#define strncpy(a, b, c) MS_BANNED(strncpy, snprintf)
#undef strncat
#define strncat(a, b, c) MS_BANNED(strncat, ms_buf_add)
#undef sprintf
#define sprintf(...) MS_BANNED(sprintf, snprintf)
#undef vsprintf
#define vsprintf(...) MS_BANNED(vsprintf, vsnprintf)
#undef gets
#define gets(a) MS_BANNED(gets, read)
#undef strtok
#define strtok(a, b) MS_BANNED(strtok, ms_scan)
#undef strtok_r
#define strtok_r(a, b, c) MS_BANNED(strtok_r, ms_scan)
#undef sscanf
#define sscanf(...) MS_BANNED(sscanf, ms_scan)
#undef scanf
#define scanf(...) MS_BANNED(scanf, ms_scan)
#undef atoi
#define atoi(a) MS_BANNED(atoi, ms_scan_number)
#undef atol
#define atol(a) MS_BANNED(atol, ms_scan_number)
#undef atoll
#define atoll(a) MS_BANNED(atoll, ms_scan_number)
#undef atof
#define atof(a) MS_BANNED(atof, ms_scan)
#undef strtol
#define strtol(a, b, c) MS_BANNED(strtol, ms_scan_number)
#undef strtoul
#define strtoul(a, b, c) MS_BANNED(strtoul, ms_scan_number)
#undef strtoll
#define strtoll(a, b, c) MS_BANNED(strtoll, ms_scan_number)
#undef strtoull
#define strtoull(a, b, c) MS_BANNED(strtoull, ms_scan_number)
#undef gmtime
#define gmtime(a) MS_BANNED(gmtime, ms_time_to_civil)
#undef gmtime_r
#define gmtime_r(a, b) MS_BANNED(gmtime_r, ms_time_to_civil)
#undef localtime
#define localtime(a) MS_BANNED(localtime, ms_time_to_civil)
#undef localtime_r
#define localtime_r(a, b) MS_BANNED(localtime_r, ms_time_to_civil)
#undef mktime
#define mktime(a) MS_BANNED(mktime, ms_time_from_civil)
#undef ctime
#define ctime(a) MS_BANNED(ctime, ms_time_format)
#undef asctime
#define asctime(a) MS_BANNED(asctime, ms_time_format)
#undef isalpha
#define isalpha(a) MS_BANNED(isalpha, ms_is)
#undef isdigit
#define isdigit(a) MS_BANNED(isdigit, ms_is)
#undef isalnum
#define isalnum(a) MS_BANNED(isalnum, ms_is)
#undef isspace
#define isspace(a) MS_BANNED(isspace, ms_is)
#undef isupper
#define isupper(a) MS_BANNED(isupper, ms_is)
#undef islower
#define islower(a) MS_BANNED(islower, ms_is)
#undef isxdigit
#define isxdigit(a) MS_BANNED(isxdigit, ms_is)
#undef isprint
#define isprint(a) MS_BANNED(isprint, ms_is)
#undef iscntrl
#define iscntrl(a) MS_BANNED(iscntrl, ms_is)
#undef ispunct
#define ispunct(a) MS_BANNED(ispunct, ms_is)
#undef tolower
#define tolower(a) MS_BANNED(tolower, ms_lower)
#undef toupper
#define toupper(a) MS_BANNED(toupper, ms_lower)
#undef tmpnam
#define tmpnam(a) MS_BANNED(tmpnam, mkstemp)
#undef mktemp
#define mktemp(a) MS_BANNED(mktemp, mkstemp)
#undef system
#define system(a) MS_BANNED(system, nothing)
#undef popen
#define popen(a, b) MS_BANNED(popen, nothing)
#undef alloca
#define alloca(a) MS_BANNED(alloca, ms_arena_alloc)

#endif
