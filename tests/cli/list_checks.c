/* SPDX-License-Identifier: ISC
 * list_checks.c - the table of checks, a line each, for the test of the pages
 *
 * id, gravest severity, reference, title; tabs between.
 */
#include <stdio.h>

#include "mailsonde/check.h"

int
main(void)
{
	for (const struct ms_check *const *c = ms_checks(); *c; c++)
		printf("%s\t%s\t%s\t%s\n", (*c)->id,
		    ms_severity_name((*c)->severity), (*c)->reference,
		    (*c)->title);
	return 0;
}
