/* SPDX-License-Identifier: ISC
 * login.c - logging in: by which mechanism, whether it is safe, step by step
 *
 * In a replay there is no secret. What was found out of it, and out of what no
 * record holds, the record has as a word: the status of each step.
 */
#include "login_priv.h"

#include "mailsonde/codec.h"
#include "mailsonde/identity.h"

#define STEPS_MAX 8 /* of one exchange; SCRAM has 3 */

/* RFC 7677 4. */
#define ROUNDS_LEAST 4096

struct login {
	struct probe *probe;
	const struct ms_login *want;
	struct ms_login_result *result;
	const struct login_carrier *carrier;
	struct ms_sasl_request request;
	struct ms_sasl *sasl;
	bool first_apart;   /* the first message is too long to stand there */
	bool token;         /* the secret is one of OAuth 2.0 */
	const char *unsafe; /* why the secret may not be told; NULL */
};

/* ---- what is shown of what the server says ---- */

static size_t
find_bytes(struct ms_slice in, size_t from, struct ms_slice what)
{
	for (; from + what.n <= in.n; from++)
		if (memcmp(in.p + from, what.p, what.n) == 0)
			return from;
	return in.n;
}

/* A server may say the secret back. */
static struct ms_slice
without(struct ms_arena *arena, struct ms_slice line, struct ms_slice secret)
{
	static const char stands[] = "(secret)";
	size_t at = 0, end;
	struct ms_buf out;

	if (secret.n == 0 || find_bytes(line, 0, secret) == line.n)
		return line;
	ms_buf_init(&out, arena);
	while ((end = find_bytes(line, at, secret)) < line.n) {
		ms_buf_slice(&out, ms_slice_part(line, at, end));
		ms_buf_text(&out, stands);
		at = end + secret.n;
	}
	ms_buf_slice(&out, ms_slice_part(line, at, line.n));
	return ms_buf_get(&out);
}

/* Also in base64, at each of the three places that it can begin at: without
 * the characters at both ends that hold bits of something else. */
static struct ms_slice
without_encoded(
    struct ms_arena *arena, struct ms_slice line, struct ms_slice secret)
{
	unsigned char *raw, *text;
	size_t n = secret.n + 2;

	if (secret.n < 3)
		return line;
	raw = ms_arena_bytes(arena, n);
	text = ms_arena_bytes(arena, 4 * ((n + 2) / 3));
	for (size_t shift = 0; shift < 3; shift++) {
		size_t from = shift ? 4 : 0, to;

		memset(raw, 0, n);
		memcpy(raw + shift, secret.p, secret.n);
		ms_base64_encode(ms_slice_make(raw, shift + secret.n), text);
		to = (shift + secret.n) / 3 * 4;
		if (to > from + 3)
			line = without(
			    arena, line, ms_slice_make(text + from, to - from));
	}
	explicit_bzero(raw, n);
	explicit_bzero(text, 4 * ((n + 2) / 3));
	return line;
}

static struct ms_slice
veil(void *with, struct ms_slice line)
{
	struct probe *probe = with;
	const struct ms_login *want = probe->options->login;
	struct ms_slice shown = { NULL, 0 };

	if (probe->stepping)
		shown = login_carrier(probe)->veil(probe, line);
	probe->hidden = shown.p != NULL;
	if (probe->hidden)
		return shown;
	line = without(probe->arena, line, want->secret);
	return without_encoded(probe->arena, line, want->secret);
}

/* ---- may the secret be told? ---- */

/* NULL, or why it may not. */
static const char *
unsafe(struct probe *probe)
{
	struct ms_identity identity;

	if (!probe->secured)
		return "there is no TLS";
	ms_identity_find(probe->env, probe->arena, probe->result, &identity);
	return identity.valid ? NULL : identity.why;
}

static void
say_unsafe(struct login *login)
{
	login->result->outcome = MS_LOGIN_UNSAFE;
	login->result->why = ms_arena_printf(
	    login->probe->arena, "the secret was not sent: %s", login->unsafe);
}

/* ---- one step ---- */

/* What came of a step: in a replay, what was recorded. */
static enum ms_sasl_status
recall(struct login *login, enum ms_sasl_status status)
{
	struct probe *probe = login->probe;
	const char *why = login->sasl ? ms_sasl_why(login->sasl) : NULL;
	struct ms_slice word =
	    ms_slice_from(ms_arena_printf(probe->arena, "%s %s %u %s",
		ms_sasl_status_name(status), login->first_apart ? "apart" : "-",
		login->sasl ? ms_sasl_rounds(login->sasl) : 0, why ? why : ""));
	struct ms_scan scan;

	word = probe_recall(probe, word);
	if (!word.p || !ms_sasl_status_parse(probe_word(&word), &status)) {
		probe_fail(probe, MS_WIRE_NOT_RECORDED, probe->wire->why);
		return MS_SASL_FAILED;
	}
	login->first_apart =
	    ms_slice_equal(probe_word(&word), MS_SLICE("apart"));
	scan = ms_scan_init(probe_word(&word));
	login->result->rounds = (unsigned)ms_scan_number(&scan, 10, UINT32_MAX);
	word = ms_slice_trim(word);
	if (word.n > 0)
		login->result->why = ms_arena_string(probe->arena, word);
	return status;
}

static enum ms_sasl_status
step(struct login *login, struct ms_slice said, struct ms_slice *out)
{
	enum ms_sasl_status status = MS_SASL_FAILED;

	*out = ms_slice_make(NULL, 0);
	if (login->want->secret.p)
		status = ms_sasl_step(login->sasl, said, out);
	return recall(login, status);
}

static enum ms_login_outcome
outcome_of(enum ms_sasl_status status)
{
	switch (status) {
	case MS_SASL_BAD_MESSAGE:
	case MS_SASL_TOO_COSTLY:
		return MS_LOGIN_PROTOCOL;
	case MS_SASL_TOO_CHEAP:
		return MS_LOGIN_UNSAFE;
	case MS_SASL_REFUSED:
		return MS_LOGIN_REFUSED;
	case MS_SASL_UNBOUND:
		return MS_LOGIN_UNBOUND;
	case MS_SASL_IMPOSTOR:
		return MS_LOGIN_IMPOSTOR;
	default:
		return MS_LOGIN_UNABLE;
	}
}

static const char *
words_of(enum ms_sasl_status status)
{
	switch (status) {
	case MS_SASL_NO_LIBRARY:
		return "libgsasl cannot be opened: is libgsasl18 installed?";
	case MS_SASL_NO_BINDING:
		return "the connection has nothing that a log-in could be tied "
		       "to";
	case MS_SASL_UNPREPARED:
		return "SASLprep (RFC 4013) refuses the name or the secret";
	case MS_SASL_BAD_MESSAGE:
		return "what it says is against the rules of the mechanism";
	case MS_SASL_TOO_COSTLY:
		return "it asks for more rounds of hashing than are worth it";
	case MS_SASL_TOO_CHEAP:
		return "no proof was sent: with so few rounds of hashing it is "
		       "quickly guessed at, and nobody knows by whom";
	case MS_SASL_IMPOSTOR:
		return "it cannot prove that it knows the secret";
	default:
		return NULL;
	}
}

/* ---- one exchange ---- */

static void
note_answer(struct login *login, const struct login_answer *answer)
{
	struct ms_login_result *r = login->result;

	r->code = answer->code;
	r->text = ms_slice_trim(answer->text);
	r->status = ms_login_status(r->text);
	if (!ms_slice_is(r->status, "CAPABILITY"))
		return;
	/* they are told elsewhere */
	r->text = ms_slice_trim(ms_slice_part(
	    r->text, ms_slice_find(r->text, 0, ']') + 1, r->text.n));
	r->status = ms_slice_make(NULL, 0);
}

static enum ms_login_outcome
ended(struct login *login, const struct login_answer *answer, bool proven)
{
	const struct ms_sasl_mechanism *m = login->request.mechanism;

	note_answer(login, answer);
	switch (answer->said) {
	case LOGIN_ACCEPTED:
		if (proven || !m || !m->proves)
			return MS_LOGIN_OK;
		login->result->why = "it lets in without the proof that the "
				     "mechanism asks of it";
		return MS_LOGIN_IMPOSTOR;
	case LOGIN_REJECTED:
		return ms_login_judge(
		    answer->code, login->result->status, login->result->text);
	case LOGIN_GARBAGE:
		login->result->why = "its answer is against the protocol";
		return MS_LOGIN_PROTOCOL;
	default:
		return MS_LOGIN_BROKEN;
	}
}

/* The step cannot be taken: the server is told so, and its last word read. */
static enum ms_login_outcome
give_up(struct login *login, enum ms_sasl_status status, bool begun)
{
	struct login_answer answer;

	if (words_of(status))
		login->result->why = words_of(status);
	if (begun && login->carrier->cancel(login->probe))
		login->carrier->answer(login->probe, &answer);
	return outcome_of(status);
}

/* Challenge by challenge, to the end. */
static enum ms_login_outcome
go_on(struct login *login, enum ms_sasl_status status, struct ms_slice first,
    bool first_waits)
{
	struct login_answer answer;

	for (unsigned i = 0; i < STEPS_MAX; i++) {
		struct ms_slice out = first;

		login->carrier->answer(login->probe, &answer);
		if (answer.said == LOGIN_ACCEPTED && answer.challenge.p &&
		    status != MS_SASL_DONE) {
			status = step(login, answer.challenge, &out);
			if (status != MS_SASL_DONE)
				return give_up(login, status, false);
		}
		if (answer.said != LOGIN_CHALLENGE)
			return ended(login, &answer, status == MS_SASL_DONE);
		if (!first_waits) {
			status = step(login, answer.challenge, &out);
			if (status > MS_SASL_DONE)
				return give_up(login, status, true);
		}
		first_waits = false;
		if (!login->carrier->respond(login->probe, out))
			return MS_LOGIN_BROKEN;
		login->result->sent |= login->request.mechanism->tells;
	}
	login->result->why = "its challenges have no end";
	return give_up(login, MS_SASL_BAD_MESSAGE, true);
}

static enum ms_login_outcome
exchange(struct login *login)
{
	const struct ms_sasl_mechanism *m = login->request.mechanism;
	struct probe *probe = login->probe;
	size_t most = login->carrier->first_max(probe, m->name);
	enum ms_sasl_status status = MS_SASL_MORE;
	struct ms_slice first = ms_slice_make(NULL, 0);
	bool along;

	login->first_apart = false;
	if (m->first) {
		status = login->want->secret.p
			     ? ms_sasl_step(login->sasl, first, &first)
			     : MS_SASL_FAILED;
		login->first_apart = 4 * ((first.n + 2) / 3) > most;
		status = recall(login, status);
		if (status > MS_SASL_DONE)
			return give_up(login, status, false);
	}
	along = m->first && !login->first_apart;
	if (!login->carrier->begin(probe, m->name, along ? &first : NULL))
		return MS_LOGIN_BROKEN;
	login->result->sent |= m->tells && along;
	return go_on(login, status, first, m->first && !along);
}

/* ---- which mechanism ---- */

static bool
offers(const struct probe *probe, const char *name)
{
	const struct ms_probe_capabilities *said =
	    ms_probe_last_said(probe->result);

	for (size_t i = 0; i < said->mechanisms_n; i++)
		if (ms_slice_equal(said->mechanisms[i], ms_slice_from(name)))
			return true;
	return false;
}

/* The one that was asked for is tried though nobody announced it. */
static bool
is_wanted(const struct login *login, const struct ms_sasl_mechanism *m)
{
	if (login->want->mechanism)
		return ms_slice_equal_nocase(ms_slice_from(m->name),
			   ms_slice_from(login->want->mechanism)) &&
		       (offers(login->probe, m->name) ||
			   !login->carrier->plain_name ||
			   strcmp(m->name, "LOGIN") != 0);
	return m->token == login->token &&
	       (!m->binds || login->probe->secured) &&
	       offers(login->probe, m->name);
}

static bool
wants_plain(const struct login *login)
{
	const char *named = login->want->mechanism;

	if (!login->carrier->plain_name || login->token)
		return false;
	return named ? ms_slice_equal_nocase(ms_slice_from(named),
			   ms_slice_from(login->carrier->plain_name))
		     : login->carrier->has_plain(login->probe);
}

static void
note_try(struct login *login, const char *name)
{
	struct ms_login_result *r = login->result;

	r->mechanism = name;
	r->why = NULL;
	if (r->tried_n < MS_LOGIN_TRIES)
		r->tried[r->tried_n++] = name;
}

static enum ms_login_outcome
try_one(struct login *login, const struct ms_sasl_mechanism *m)
{
	const struct ms_tls_facts *tls = &login->probe->result->tls;
	enum ms_login_outcome outcome;

	note_try(login, m->name);
	if (m->binds && tls->version)
		login->result->binding = strcmp(tls->version, "TLSv1.3") == 0
					     ? "tls-exporter"
					     : "tls-unique";
	else
		login->result->binding = NULL;
	login->request.mechanism = m;
	login->request.exporter = tls->exporter;
	login->request.unique = tls->unique;
	login->sasl = ms_sasl_new(login->probe->arena, &login->request);
	outcome = exchange(login);
	ms_sasl_free(login->sasl);
	login->sasl = NULL;
	return login->probe->over && outcome != MS_LOGIN_OK &&
		       outcome != MS_LOGIN_IMPOSTOR
		   ? MS_LOGIN_BROKEN
		   : outcome;
}

static void
try_plain_one(struct login *login)
{
	struct login_answer answer;

	note_try(login, login->carrier->plain_name);
	login->result->sent = true;
	login->request.mechanism = NULL;
	login->carrier->plain(login->probe, &answer);
	login->result->outcome = ended(login, &answer, false);
}

/* Only where a mechanism is not taken does the next one get its turn. True: no
 * more is to be tried. */
static bool
try_mechanisms(struct login *login, bool may, bool *held_back)
{
	const struct ms_sasl_mechanism *m = ms_sasl_mechanisms();

	for (; m->name && !login->probe->over; m++) {
		if (!is_wanted(login, m))
			continue;
		if ((m->tells || m->weak) && !may) {
			*held_back = true;
			continue;
		}
		login->result->outcome = try_one(login, m);
		if (login->result->outcome != MS_LOGIN_NOT_TAKEN)
			return true;
	}
	return login->probe->over;
}

static void
try_all(struct login *login)
{
	bool may = !login->unsafe || login->want->anyhow, held_back = false;

	login->result->outcome = MS_LOGIN_NO_MECHANISM;
	if (try_mechanisms(login, may, &held_back))
		return;
	if (wants_plain(login)) {
		if (may) {
			try_plain_one(login);
			return;
		}
		held_back = true;
	}
	if (held_back && login->result->tried_n == 0)
		say_unsafe(login);
}

/* A record says it, for it says nothing of where the secret came from. */
static bool
is_token(struct probe *probe)
{
	struct ms_slice word =
	    ms_slice_from(probe->options->login->token ? "token" : "password");

	return ms_slice_is(probe_recall(probe, word), "token");
}

bool
probe_login(struct probe *probe)
{
	struct ms_login_result *r = &probe->result->login;
	struct login login = { .probe = probe,
		.want = probe->options->login,
		.result = r,
		.carrier = login_carrier(probe) };

	if (!login.want || !login.carrier || probe->reaching || probe->over ||
	    r->outcome != MS_LOGIN_UNTRIED)
		return false;
	probe_phase(probe, MS_PROBE_LOGIN);
	login.token = is_token(probe);
	r->user = login.want->user;
	login.unsafe = unsafe(probe);
	r->safe = login.unsafe == NULL;
	login.request.user = login.want->user;
	login.request.secret = login.want->secret;
	login.request.service = login.carrier->service;
	login.request.host =
	    ms_arena_string(probe->arena, probe->result->target.host);
	login.request.port = probe->result->target.port;
	login.request.rounds = (unsigned)probe->env->limits.scram_rounds;
	if (login.unsafe && !login.want->anyhow)
		login.request.rounds_least = ROUNDS_LEAST;
	probe->within = true;
	ms_wire_reader_hide(&probe->reader, veil, probe);
	probe->stepping = true;
	try_all(&login);
	probe->stepping = false;
	return r->outcome == MS_LOGIN_OK && !probe->over;
}
