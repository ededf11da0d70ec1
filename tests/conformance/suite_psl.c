/* SPDX-License-Identifier: ISC
 * suite_psl.c - the registrable domain
 */
#include "conform.h"

void
run_psl(struct conform *c)
{
	struct ms_psl_answer answer;

	c->env.psl->ask(
	    c->env.psl, text_of(c->test, "domain"), c->arena, &answer);
	expect_text(c, c->want, "registrable", answer.registrable);
}
