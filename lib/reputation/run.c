/* SPDX-License-Identifier: ISC
 * run.c - one subject on all lists
 */
#include "mailsonde/dns_wrap.h"
#include "mailsonde/dnsbl.h"

/* Places for the lists that hold such things. */
static void
choose(struct ms_dnsbl_case *c)
{
	c->answers = MS_NEW_ARRAY(c->arena, struct ms_dnsbl_answer, c->lists_n);
	c->answers_n = 0;
	for (size_t i = 0; i < c->lists_n; i++)
		if (ms_dnsbl_holds(&c->lists[i], &c->subject))
			c->answers[c->answers_n++].list = &c->lists[i];
}

static void
skip_all(struct ms_dnsbl_case *c)
{
	for (size_t i = 0; i < c->answers_n; i++) {
		c->answers[i].status = MS_DNSBL_SKIPPED;
		c->answers[i].why = "no list is about such addresses";
	}
}

/* Lists that are none are not asked: they learn nothing of the subject, and
 * nobody waits for those that are gone. */
static void
test_all(struct ms_dnsbl_case *c, const struct ms_env *env)
{
	bool names = !c->subject.ip.set;

	for (size_t i = 0; i < c->answers_n && !env->careful; i++)
		ms_dnsbl_hint_sound(env, c->arena, c->answers[i].list, names);
	for (size_t i = 0; i < c->answers_n; i++)
		(void)ms_dnsbl_is_sound(
		    env, c->arena, c->answers[i].list, names, &c->answers[i]);
}

static bool
is_asked(const struct ms_dnsbl_answer *answer)
{
	return answer->status != MS_DNSBL_UNKNOWN &&
	       answer->status != MS_DNSBL_SKIPPED;
}

static void
hint_all(struct ms_dnsbl_case *c, const struct ms_env *env)
{
	for (size_t i = 0; i < c->answers_n && !env->careful; i++)
		if (is_asked(&c->answers[i]))
			ms_dnsbl_hint(
			    env, c->arena, c->answers[i].list, &c->subject);
}

static void
ask_all(struct ms_dnsbl_case *c, const struct ms_env *env)
{
	hint_all(c, env);
	for (size_t i = 0; i < c->answers_n; i++)
		if (is_asked(&c->answers[i]))
			ms_dnsbl_ask(env, c->arena, c->answers[i].list,
			    &c->subject, &c->answers[i]);
}

static void
ask_reasons(struct ms_dnsbl_case *c, const struct ms_env *env)
{
	for (size_t i = 0; i < c->answers_n && !env->careful; i++)
		ms_dnsbl_hint_reason(env, &c->answers[i]);
	for (size_t i = 0; i < c->answers_n; i++)
		ms_dnsbl_ask_reason(env, c->arena, &c->answers[i]);
}

/* The address that stands where there should be none. */
static struct ms_ip
rewritten(const struct ms_dnsbl_answer *answer)
{
	const struct ms_dns_answer *a = &answer->answer;
	struct ms_ip none = { 0 };

	if (answer->cause != MS_DNSBL_REWRITTEN)
		return none;
	for (size_t i = 0; i < a->n; i++)
		if (a->records[i].u.ip.b[12] != 127)
			return a->records[i].u.ip;
	return none;
}

static void
count(struct ms_dnsbl_case *c, const struct ms_dnsbl_answer *answer)
{
	bool unknown = answer->status == MS_DNSBL_UNKNOWN;
	bool listed = answer->status == MS_DNSBL_LISTED;

	if (!c->rewritten.set)
		c->rewritten = rewritten(answer);
	if (answer->status == MS_DNSBL_SKIPPED)
		return;
	c->any = true;
	if (answer->list->allow) {
		c->allowed += listed;
		return;
	}
	c->asked++;
	c->told += !unknown;
	c->unknown += unknown;
	c->unknown_matter += unknown && ms_dnsbl_matters(answer->list);
	c->listed += listed;
}

void
ms_dnsbl_run(struct ms_dnsbl_case *out)
{
	struct ms_env env = *out->env;

	out->asked = out->told = out->listed = out->allowed = 0;
	out->unknown = out->unknown_matter = 0;
	out->any = out->rewritten.set = false;
	choose(out);
	out->special =
	    out->subject.ip.set ? ms_env_special(&env, &out->subject.ip) : NULL;
	if (out->special) {
		skip_all(out);
		return;
	}
	env.dns =
	    ms_dns_until(out->arena, env.dns, env.clock.ticks, env.timeout);
	test_all(out, &env);
	ask_all(out, &env);
	ask_reasons(out, &env);
	for (size_t i = 0; i < out->answers_n; i++)
		count(out, &out->answers[i]);
}

void
ms_dnsbl_ahead(struct ms_dnsbl_case *out)
{
	choose(out);
	if (out->subject.ip.set && ms_env_special(out->env, &out->subject.ip))
		return;
	test_all(out, out->env);
	hint_all(out, out->env);
}
