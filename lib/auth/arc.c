/* SPDX-License-Identifier: ISC
 * arc.c - the chain of ARC sets judged, RFC 8617 section 5.2
 *
 * Every set is judged, also where the chain is broken already: which of them
 * still hold tells how far the message came unchanged. Nothing is sealed here.
 */
#include "mailsonde/arc.h"

#include "dkim_priv.h"
#include "mailsonde/scan.h"

#define INSTANCE_MAX 50 /* RFC 8617 4.2.1 */
#define SHORT_KEY    1024

struct chain {
	struct dkim_judge judge;
	struct ms_arc_result *out;
	struct ms_arc_instance sets[INSTANCE_MAX + 1];
	unsigned highest;
};

const char *
ms_arc_cv_name(enum ms_arc_cv cv)
{
	static const char *const names[] = {
		[MS_ARC_CV_NONE] = "none",
		[MS_ARC_CV_PASS] = "pass",
		[MS_ARC_CV_FAIL] = "fail",
		[MS_ARC_CV_UNKNOWN] = NULL,
	};

	return names[cv];
}

/* The first thing that breaks the chain stays. */
static void
broken(struct chain *chain, unsigned instance, const char *reason)
{
	struct ms_arc_result *out = chain->out;

	if (out->result == MS_AUTH_FAIL)
		return;
	out->result = MS_AUTH_FAIL;
	out->failed_instance = instance;
	out->reason = instance == 0 ? reason
				    : ms_arena_printf(chain->judge.arena,
					  "ARC set %u: %s", instance, reason);
}

/* ---- the sets ---- */

/* instance = [CFWS] %s"i" [CFWS] "=" [CFWS] 1*2DIGIT [CFWS] ";", 4.1.1. */
static unsigned
instance_of_results(const struct ms_field *field)
{
	struct ms_scan s = ms_scan_init(field->body);
	uint64_t n;

	ms_scan_cfws(&s);
	if (!ms_scan_try_byte(&s, 'i'))
		return 0;
	ms_scan_cfws(&s);
	if (!ms_scan_try_byte(&s, '='))
		return 0;
	ms_scan_cfws(&s);
	n = ms_scan_number(&s, 2, INSTANCE_MAX);
	ms_scan_cfws(&s);
	return s.bad || ms_scan_peek(&s) != ';' ? 0 : (unsigned)n;
}

static unsigned
instance_of_tags(const struct ms_taglist *tags)
{
	struct ms_slice value = ms_taglist_value(tags, "i");
	struct ms_scan s = ms_scan_init(value);
	uint64_t n = value.p ? ms_scan_number(&s, 2, INSTANCE_MAX) : 0;

	return !ms_scan_at_end(&s) || s.bad ? 0 : (unsigned)n;
}

static enum ms_arc_cv
cv_of(const struct ms_taglist *tags)
{
	struct ms_slice value = ms_taglist_value(tags, "cv");

	if (!value.p)
		return MS_ARC_CV_MISSING;
	if (ms_slice_is(value, "none"))
		return MS_ARC_CV_NONE;
	if (ms_slice_is(value, "pass"))
		return MS_ARC_CV_PASS;
	return ms_slice_is(value, "fail") ? MS_ARC_CV_FAIL : MS_ARC_CV_UNKNOWN;
}

/* Puts a field where it belongs. */
static void
place(struct chain *chain, const struct ms_field *field)
{
	const struct ms_field **at;
	struct ms_arc_instance *set;
	struct ms_dkim_signature read = { 0 };
	unsigned instance;

	if (field->id == MS_FIELD_ARC_AUTHENTICATION_RESULTS) {
		instance = instance_of_results(field);
	} else {
		dkim_signature_read(
		    field->id == MS_FIELD_ARC_SEAL ? DKIM_SEAL : DKIM_AMS,
		    field, &chain->judge.env->limits, chain->judge.arena,
		    chain->judge.request->at, &read);
		instance = instance_of_tags(read.tags);
	}
	if (instance == 0) {
		broken(chain, 0, "an ARC field has no valid instance (i=)");
		return;
	}
	set = &chain->sets[instance];
	at = field->id == MS_FIELD_ARC_SEAL                ? &set->seal
	     : field->id == MS_FIELD_ARC_MESSAGE_SIGNATURE ? &set->message
							   : &set->results;
	if (*at) {
		broken(chain, instance, "one of its fields is there twice");
		return;
	}
	*at = field;
	if (field->id == MS_FIELD_ARC_SEAL) {
		set->as = read;
		set->cv = cv_of(read.tags);
	} else if (field->id == MS_FIELD_ARC_MESSAGE_SIGNATURE) {
		set->ams = read;
	}
	if (instance > chain->highest)
		chain->highest = instance;
}

static void
collect(struct chain *chain)
{
	const struct ms_header *header = &chain->judge.message->header;
	size_t max = 3 * chain->judge.env->limits.arc_sets;

	for (size_t i = 0; i < header->n; i++) {
		enum ms_field_id id = header->fields[i].id;

		if (id != MS_FIELD_ARC_SEAL &&
		    id != MS_FIELD_ARC_MESSAGE_SIGNATURE &&
		    id != MS_FIELD_ARC_AUTHENTICATION_RESULTS)
			continue;
		if (max-- == 0) {
			chain->out->truncated = true;
			broken(chain, 0,
			    "there are more ARC fields than a "
			    "chain may have");
			return;
		}
		place(chain, &header->fields[i]);
	}
}

/* ---- 5.2, steps 1 to 3 ---- */

static void
check_structure(struct chain *chain)
{
	for (unsigned i = 1; i <= chain->highest; i++) {
		const struct ms_arc_instance *set = &chain->sets[i];
		enum ms_arc_cv wanted =
		    i == 1 ? MS_ARC_CV_NONE : MS_ARC_CV_PASS;

		if (!set->seal || !set->message || !set->results)
			broken(chain, i,
			    !set->seal && !set->message && !set->results
				? "it is missing"
				: "one of its three fields is missing");
		else if (set->cv == MS_ARC_CV_FAIL)
			broken(chain, i,
			    "its seal says that the chain was broken when it "
			    "came there (cv=fail)");
		else if (set->cv != wanted)
			broken(chain, i,
			    i == 1 ? "its seal does not say cv=none, as that "
				     "of the first must"
				   : "its seal does not say cv=pass, as it "
				     "must");
	}
}

/* ---- the signatures ---- */

/* RFC 8617 4.1: rsa-sha1 never was ARC's; RFC 8301 on short keys. */
static void
apply_policy(struct ms_dkim_signature *s)
{
	if (s->result != MS_AUTH_PASS || !s->policy)
		return;
	dkim_fail(s, MS_AUTH_PERMERROR, MS_DKIM_UNKNOWN_ALGORITHM,
	    s->key_bits < SHORT_KEY ? "the key is too short (RFC 8301)"
				    : "rsa-sha1 is none of ARC's algorithms");
}

static void
judge_messages(struct chain *chain)
{
	const struct ms_dkim_signature *list[INSTANCE_MAX];
	struct dkim_judge *judge = &chain->judge;
	struct ms_dkim_hashes local = { .n = 0 };
	struct ms_dkim_hashes *hashes = judge->request->hashes;
	size_t n = 0;

	if (!hashes)
		hashes = &local;
	for (unsigned i = 1; i <= chain->highest; i++) {
		struct ms_dkim_signature *ams = &chain->sets[i].ams;

		if (ams->header_list.p)
			dkim_cover(&judge->index, &judge->env->limits,
			    judge->arena, ams);
		if (ams->readable)
			list[n++] = ams;
	}
	if (!judge->message->outlook)
		dkim_hash_bodies(judge->message, hashes, list, n);
	for (unsigned i = 1; i <= chain->highest; i++) {
		dkim_judge_signature(judge, hashes, &chain->sets[i].ams);
		apply_policy(&chain->sets[i].ams);
	}
}

static void
seal_field(
    const struct chain *chain, const struct ms_field *field, struct ms_buf *out)
{
	ms_dkim_header_canon(
	    MS_DKIM_RELAXED, chain->judge.message->bare_cr, field->raw, out);
}

/* 5.1.1: the sets from the first to this one, its own seal with an empty b=;
 * of one that says cv=fail its own set alone (5.1.2). */
static void
judge_seals(struct chain *chain)
{
	struct ms_digest state;
	struct ms_buf buf;

	ms_digest_init(&state, MS_DIGEST_SHA256);
	ms_buf_init(&buf, chain->judge.arena);
	for (unsigned i = 1; i <= chain->highest; i++) {
		struct ms_arc_instance *set = &chain->sets[i];
		struct ms_digest own;
		struct ms_digests digests;

		if (!set->seal || !set->message || !set->results)
			return;
		buf.n = 0;
		seal_field(chain, set->results, &buf);
		seal_field(chain, set->message, &buf);
		if (set->cv == MS_ARC_CV_FAIL)
			ms_digest_init(&own, MS_DIGEST_SHA256);
		else
			own = state;
		ms_digest_update(&own, ms_buf_get(&buf));
		ms_digest_update(&state, ms_buf_get(&buf));
		buf.n = 0;
		dkim_own_field(MS_DKIM_RELAXED, chain->judge.message->bare_cr,
		    &set->as, &buf);
		ms_digest_update(&own, ms_buf_get(&buf));
		ms_digest_final(&own, &digests);
		dkim_judge_digest(&chain->judge, digests.sha256, &set->as);
		apply_policy(&set->as);
		buf.n = 0;
		seal_field(chain, set->seal, &buf);
		ms_digest_update(&state, ms_buf_get(&buf));
	}
}

static void
need(struct chain *chain, unsigned instance, const char *what,
    const struct ms_dkim_signature *s)
{
	struct ms_arc_result *out = chain->out;
	const char *reason = ms_arena_printf(chain->judge.arena, "%s: %s", what,
	    s->reason ? s->reason : "not judged");

	if (s->result == MS_AUTH_PASS)
		return;
	if (s->code == MS_DKIM_NOT_KEPT) {
		if (out->result == MS_AUTH_NONE) {
			out->result = MS_AUTH_NEUTRAL;
			out->reason = s->reason;
		}
	} else if (s->result != MS_AUTH_TEMPERROR) {
		broken(chain, instance, reason);
	} else if (out->result != MS_AUTH_FAIL &&
		   out->result != MS_AUTH_TEMPERROR) {
		out->result = MS_AUTH_TEMPERROR;
		out->failed_instance = instance;
		out->reason = ms_arena_printf(
		    chain->judge.arena, "ARC set %u: %s", instance, reason);
	}
}

/* Steps 4 to 6. */
static void
conclude(struct chain *chain)
{
	struct ms_arc_result *out = chain->out;
	unsigned n = chain->highest;

	need(chain, n, "its message signature", &chain->sets[n].ams);
	for (unsigned i = n; i > 0; i--)
		need(chain, i, "its seal", &chain->sets[i].as);
	for (unsigned i = n; i > 0 && chain->sets[i].ams.result == MS_AUTH_PASS;
	     i--)
		out->oldest_pass = i;
	if (out->result == MS_AUTH_NONE) {
		out->result = MS_AUTH_PASS;
		out->reason = ms_arena_printf(chain->judge.arena,
		    "the chain of %u set%s holds", n, n == 1 ? "" : "s");
	}
}

void
ms_arc_verify(const struct ms_env *env, struct ms_arena *arena,
    const struct ms_message *message, const struct ms_dkim_request *request,
    struct ms_arc_result *out)
{
	const struct ms_header *header = &message->header;
	struct chain *chain;

	memset(out, 0, sizeof(*out));
	if (header->count[MS_FIELD_ARC_SEAL] +
		header->count[MS_FIELD_ARC_MESSAGE_SIGNATURE] +
		header->count[MS_FIELD_ARC_AUTHENTICATION_RESULTS] ==
	    0)
		return;
	chain = MS_NEW(arena, struct chain);
	chain->out = out;
	dkim_judge_start(&chain->judge, env, arena, message, request);
	collect(chain);
	check_structure(chain);
	for (unsigned i = 1; i <= chain->highest; i++) {
		chain->sets[i].instance = i;
		dkim_judge_hint(&chain->judge, &chain->sets[i].as);
		dkim_judge_hint(&chain->judge, &chain->sets[i].ams);
	}
	judge_messages(chain);
	judge_seals(chain);
	if (chain->highest > 0)
		conclude(chain);
	dkim_judge_end(&chain->judge);
	out->instances = &chain->sets[1];
	out->n = chain->highest;
}
