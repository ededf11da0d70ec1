/* SPDX-License-Identifier: ISC
 * dkim.c - every signature of a message judged, RFC 6376 section 6
 *
 * First all that needs no key, so that the questions are on their way
 * meanwhile; then each signature by its key. What an answer means is put
 * together in one place at the end.
 */
#include "dkim_priv.h"

#include "mailsonde/codec.h"
#include "mailsonde/link.h"

#define SHORT_KEY  1024 /* RFC 8301 3.2 */
#define LOCAL_KEYS 32

/* The fields that people and programs go by (RFC 6376 5.4.1), and those that
 * say how the body is to be read (8.2). */
static const struct {
	enum ms_field_id id;
	const char *name;
} important[] = {
	{ MS_FIELD_FROM, "From" },
	{ MS_FIELD_REPLY_TO, "Reply-To" },
	{ MS_FIELD_SUBJECT, "Subject" },
	{ MS_FIELD_DATE, "Date" },
	{ MS_FIELD_TO, "To" },
	{ MS_FIELD_CC, "Cc" },
	{ MS_FIELD_MESSAGE_ID, "Message-ID" },
	{ MS_FIELD_MIME_VERSION, "MIME-Version" },
	{ MS_FIELD_CONTENT_TYPE, "Content-Type" },
	{ MS_FIELD_CONTENT_TRANSFER_ENCODING, "Content-Transfer-Encoding" },
};
#define IMPORTANT (sizeof(important) / sizeof(important[0]))

/* ---- what h= leaves open ---- */

/* Fields of that kind that were there. */
static size_t
present(const struct ms_message *message, enum ms_field_id id)
{
	const struct ms_field *first = ms_header_find(&message->header, id);

	return message->header.count[id] -
	       (first && ms_outlook_made(message->outlook, first->offset));
}

static void
find_open(const struct dkim_judge *judge, struct ms_dkim_signature *signature)
{
	const struct ms_header *header = &judge->message->header;

	signature->open =
	    MS_NEW_ARRAY(judge->arena, struct ms_dkim_open, IMPORTANT);
	for (size_t i = 0; i < IMPORTANT; i++) {
		struct ms_dkim_open open = { important[i].id, important[i].name,
			present(judge->message, important[i].id), 0, false,
			NULL };

		for (size_t k = 0; k < signature->covered_n; k++) {
			const struct ms_dkim_covered *c =
			    &signature->covered[k];

			if (c->field && c->field->id == open.id)
				open.covered++;
			else if (!c->field && ms_slice_is(c->name, open.name))
				open.sealed = true;
		}
		/* They are taken from the bottom: the first is the last. */
		if (open.covered > 0 && open.covered < open.present)
			open.added = ms_header_find(header, open.id);
		if (!open.sealed)
			signature->open[signature->open_n++] = open;
	}
}

const struct ms_part *
dkim_judge_tree(struct dkim_judge *judge)
{
	const struct ms_message *message = judge->message;
	const struct ms_mime_options options = { .bare_cr = message->bare_cr };
	struct ms_defects defects = { .limit = 1 };
	struct ms_parse parse = { judge->arena, NULL, &judge->env->limits,
		&defects, message->raw.p, message->outlook };
	struct ms_header *header;
	struct ms_mime mime;

	if (message->mime.root || judge->tree)
		return judge->tree ? judge->tree : message->mime.root;
	parse.charsets = ms_charsets_new(judge->arena);
	header = MS_NEW(judge->arena, struct ms_header);
	*header = message->header;
	ms_mime_parse(&parse, header, message->body, &options, &mime);
	ms_charsets_close(parse.charsets);
	judge->tree = mime.root;
	return mime.root;
}

/* The deepest part that holds that place. */
static const struct ms_part *
part_at(const struct ms_part *part, const unsigned char *place)
{
	const struct ms_part *found = NULL;

	for (; part; part = ms_part_next(part))
		if (part->parent && part->raw.p <= place &&
		    place < part->raw.p + part->raw.n)
			found = part;
	return found;
}

static void
find_unsigned(struct dkim_judge *judge, const struct ms_dkim_hash *hash,
    struct ms_dkim_signature *s)
{
	const struct ms_message *message = judge->message;
	const struct ms_part *root = dkim_judge_tree(judge);

	if (root && root->kind == MS_PART_MULTIPART && root->child)
		s->structure_offset =
		    (size_t)(root->preamble.p + root->preamble.n -
			     message->raw.p);
	if (hash->total <= (uint64_t)s->length)
		return;
	s->body_unsigned = hash->total - (uint64_t)s->length;
	s->unsigned_offset =
	    (size_t)(message->body.p - message->raw.p) + hash->end;
	s->unsigned_part = part_at(root, message->raw.p + s->unsigned_offset);
}

/* ---- the body ---- */

static void
judge_body(struct dkim_judge *judge, const struct ms_dkim_hashes *hashes,
    struct ms_dkim_signature *s)
{
	const struct ms_dkim_hash *hash = dkim_hash_find(hashes, s);
	size_t size = dkim_digest_size(dkim_digest_of(s->algorithm));
	unsigned char *text;

	if (!hash) {
		dkim_fail(s, MS_AUTH_NEUTRAL, MS_DKIM_LIMIT,
		    "there are too many different signatures to hash the body "
		    "for each");
		return;
	}
	text = ms_arena_bytes(judge->arena, 44);
	s->body_hash_computed = ms_slice_make(
	    text, ms_base64_encode(ms_slice_make(hash->digest, size), text));
	s->body_hashed = true;
	s->body_length = hash->total;
	s->body_hash_ok =
	    s->body_hash_stated.n == size &&
	    memcmp(s->body_hash_stated.p, hash->digest, size) == 0;
	/* RFC 6376 3.5: l= must not be larger than the body. */
	if (s->length >= 0 && hash->total < (uint64_t)s->length)
		s->body_hash_ok = false;
	if (s->length >= 0)
		find_unsigned(judge, hash, s);
}

/* ---- the key ---- */

static struct ms_slice
ascii_name(struct ms_arena *arena, struct ms_slice name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] >= 0x80) /* RFC 8616 3 */
			return ms_domain_to_ascii(arena, name);
	return name;
}

static struct ms_slice
key_name(struct ms_arena *arena, const struct ms_dkim_signature *signature)
{
	struct ms_buf buf;

	ms_buf_init(&buf, arena);
	ms_buf_slice(&buf, ascii_name(arena, signature->selector));
	ms_buf_text(&buf, "._domainkey.");
	ms_buf_slice(&buf, ascii_name(arena, signature->domain));
	return ms_buf_get(&buf);
}

/* What came of one record; a better one takes its place. */
struct outcome {
	enum {
		KEY_NONE,
		KEY_BROKEN,   /* no key record */
		KEY_UNUSABLE, /* revoked, or not for this */
		KEY_REFUSED,  /* the signature does not hold */
		KEY_HOLDS,
	} rank;
	enum ms_dkim_reason code;
	const char *why;
	struct ms_dkim_key key;
	bool archived, made_by_key;
};

/* RFC 6376 6.1.2, steps 6 to 9. */
static const char *
mismatch(const struct ms_dkim_key *key, const struct ms_dkim_signature *s)
{
	bool ed25519 = s->algorithm == MS_DKIM_ED25519_SHA256;
	size_t at = s->identity.n;

	if (key->hashes.p &&
	    !dkim_list_has(key->hashes,
		s->algorithm == MS_DKIM_RSA_SHA1 ? "sha1" : "sha256"))
		return "the key (h=) is not for the hash of this signature";
	if (ed25519 != (key->type == MS_DKIM_KEY_ED25519))
		return "the key (k=) is of another type than the signature";
	if (key->services.p && !dkim_list_has(key->services, "email") &&
	    !dkim_list_has(key->services, "*"))
		return "the key (s=) is not for mail";
	while (at > 0 && s->identity.p[at - 1] != '@')
		at--;
	if (key->strict && s->identity.p &&
	    !ms_slice_equal_nocase(
		ms_slice_part(s->identity, at, s->identity.n), s->domain))
		return "the key (t=s) is not for an identity (i=) below its "
		       "domain";
	return NULL;
}

static struct outcome
try_entry(const struct dkim_entry *entry, const struct ms_dkim_signature *s,
    const unsigned char *digest)
{
	enum ms_digest_kind kind = dkim_digest_of(s->algorithm);
	unsigned char signed_digest[32];
	struct outcome out = { KEY_UNUSABLE, MS_DKIM_BAD_KEY, entry->key.why,
		entry->key, false, false };

	if (entry->key.fault == MS_DKIM_KEY_REVOKED)
		out.code = MS_DKIM_REVOKED;
	else if (entry->key.fault != MS_DKIM_KEY_GOOD)
		out.rank = KEY_BROKEN;
	if (entry->key.fault != MS_DKIM_KEY_GOOD)
		return out;
	out.why = mismatch(&entry->key, s);
	out.code = MS_DKIM_KEY_MISMATCH;
	if (out.why)
		return out;
	out.rank = KEY_REFUSED;
	out.code = MS_DKIM_BAD_SIGNATURE;
	out.made_by_key = true;
	if (!dkim_public_verify(entry->public, kind, digest, s->signature)) {
		out.made_by_key = dkim_public_recover(
		    entry->public, kind, s->signature, signed_digest);
		return out;
	}
	out.rank = KEY_HOLDS;
	out.code = MS_DKIM_GOOD;
	return out;
}

static void
try_record(struct dkim_judge *judge, struct ms_slice text, bool archived,
    const struct ms_dkim_signature *s, const unsigned char *digest,
    struct outcome *best)
{
	const struct ms_limits *limits = &judge->env->limits;
	const struct dkim_entry *entry =
	    dkim_keys_get(judge->keys, text, limits);
	struct ms_dkim_keys *spare = NULL;
	struct outcome out;

	if (!entry) {
		spare = dkim_keys_make(1);
		entry = dkim_keys_get(spare, text, limits);
	}
	out = try_entry(entry, s, digest);
	if (out.rank > best->rank) {
		*best = out;
		best->key = dkim_key_rebase(&out.key, text);
		best->archived = archived;
	}
	ms_dkim_keys_free(spare);
}

/* RFC 6376 6.1.2: of several records each may be tried. */
static void
try_records(struct dkim_judge *judge, const struct ms_dns_answer *answer,
    bool archived, struct ms_dkim_signature *s, const unsigned char *digest,
    struct outcome *best)
{
	size_t max = judge->env->limits.key_records;

	if (answer->status != MS_DNS_FOUND)
		return;
	if (!archived)
		s->keys_n = answer->n;
	for (size_t i = 0; i < answer->n && i < max && best->rank < KEY_HOLDS;
	     i++)
		try_record(judge, answer->records[i].u.text, archived, s,
		    digest, best);
}

static void
ask_archive(struct dkim_judge *judge, struct ms_dkim_signature *s,
    const unsigned char *digest, struct outcome *best)
{
	struct ms_dns_answer answer;
	struct outcome archived = { 0 };

	if (!judge->request->archive || best->rank == KEY_HOLDS)
		return;
	ms_dns_ask(judge->request->archive, s->key_name, MS_DNS_TXT,
	    judge->arena, &answer);
	try_records(judge, &answer, true, s, digest, &archived);
	if (archived.rank > best->rank)
		*best = archived;
}

static void
key_trouble(struct dkim_judge *judge, const struct outcome *best,
    struct ms_dkim_signature *s)
{
	const struct ms_dns_answer *answer = &s->key_answer;
	const char *text = NULL;

	if (best->rank == KEY_NONE && ms_dns_is_failure(answer->status)) {
		text = ms_arena_printf(judge->arena,
		    "the key could not be asked for: %s",
		    answer->why ? answer->why
				: ms_dns_status_name(answer->status));
		dkim_fail(s, MS_AUTH_TEMPERROR, MS_DKIM_NO_ANSWER, text);
		return;
	}
	if (best->rank == KEY_NONE) {
		text = ms_arena_printf(judge->arena,
		    "there is no key %s (any more): %s, which proves no "
		    "forgery",
		    answer->status == MS_DNS_INVALID ? "of that name"
						     : "at its place in DNS",
		    answer->status == MS_DNS_INVALID ? "no such name can exist"
		    : answer->status == MS_DNS_NODATA
			? "the name has no TXT record"
			: "the name does not exist");
		dkim_fail(s, MS_AUTH_PERMERROR, MS_DKIM_NO_KEY, text);
		return;
	}
	if (best->code == MS_DKIM_REVOKED)
		text = "the key has been revoked (p= is empty), which proves "
		       "no forgery";
	else if (best->code == MS_DKIM_BAD_KEY)
		text = ms_arena_printf(
		    judge->arena, "the key record is broken: %s", best->why);
	else
		text = best->why;
	dkim_fail(s, MS_AUTH_PERMERROR, best->code, text);
}

static void
judge_key(struct dkim_judge *judge, const unsigned char *digest,
    struct ms_dkim_signature *s)
{
	struct outcome best = { 0 };

	ms_dns_ask(judge->env->dns, s->key_name, MS_DNS_TXT, judge->arena,
	    &s->key_answer);
	try_records(judge, &s->key_answer, false, s, digest, &best);
	ask_archive(judge, s, digest, &best);
	s->key = best.key;
	s->key_archived = best.archived;
	s->key_bits = best.key.bits;
	if (s->key_bits > 0 && s->key.type == MS_DKIM_KEY_RSA &&
	    s->key_bits < SHORT_KEY && !s->policy)
		s->policy = "short-key";
	s->signature_checked = best.rank >= KEY_REFUSED;
	s->signature_ok = best.rank == KEY_HOLDS;
	s->made_by_key = best.made_by_key;
	if (best.rank < KEY_REFUSED ||
	    (best.rank == KEY_REFUSED && !best.archived &&
		ms_dns_is_failure(s->key_answer.status)))
		key_trouble(judge, &best, s);
}

/* ---- the result ---- */

static const char *
expiry_text(struct dkim_judge *judge, const struct ms_dkim_signature *s)
{
	char when[MS_TIME_TEXT];

	ms_time_format(s->expires, when);
	return ms_arena_printf(judge->arena,
	    "the signature holds, but it has expired (x=%s)", when);
}

/* Why the signature over the header does not hold, as far as one can tell. */
static const char *
header_text(const struct ms_dkim_signature *s)
{
	if (s->algorithm == MS_DKIM_ED25519_SHA256)
		return "what was signed was changed, or the signature is not "
		       "by this key";
	if (s->made_by_key)
		return s->body_hashed
			   ? "a signed header field was changed after signing"
			   : "what was signed was changed since";
	return "the signature was not made with the key that is published "
	       "(which may have been replaced since)";
}

/* RFC 6376 6.1.3. */
static void
judge_result(struct dkim_judge *judge, struct ms_dkim_signature *s)
{
	bool body = s->body_hashed && !s->body_hash_ok;

	if (body && s->signature_ok)
		dkim_fail(s, MS_AUTH_FAIL, MS_DKIM_BAD_BODY,
		    s->body_length < (uint64_t)(s->length < 0 ? 0 : s->length)
			? "the body is shorter than what was signed (l=); the "
			  "signed header fields are unchanged"
			: "the body was changed after signing (bh=); the "
			  "signed header fields are unchanged");
	else if (!s->signature_ok)
		dkim_fail(s, MS_AUTH_FAIL,
		    body ? MS_DKIM_BAD_BODY : MS_DKIM_BAD_SIGNATURE,
		    ms_arena_printf(judge->arena, "%s%s",
			body ? "the body was changed after signing (bh=), and "
			: s->body_hashed ? "the body is unchanged, but "
					 : "",
			header_text(s)));
	if (s->expired)
		dkim_fail(s, MS_AUTH_PERMERROR, MS_DKIM_EXPIRED,
		    expiry_text(judge, s));
	if (s->code == MS_DKIM_GOOD)
		s->result = MS_AUTH_PASS;
}

/* Of a message that was made of an Outlook file there is no body that was
 * signed, and who knows what became of the header. */
static void
judge_remains(struct dkim_judge *judge, struct ms_dkim_signature *s)
{
	if (s->expired)
		dkim_fail(s, MS_AUTH_PERMERROR, MS_DKIM_EXPIRED,
		    "the signature has expired (x=)");
	dkim_fail(s, MS_AUTH_NEUTRAL, MS_DKIM_NOT_KEPT,
	    ms_arena_printf(judge->arena,
		"could not tell: an Outlook file does not keep the signed "
		"octets%s",
		s->signature_ok ? "; the signature over the header fields "
				  "holds"
				: ""));
}

static void
conclude(struct dkim_judge *judge, struct ms_dkim_signature *s)
{
	if (judge->message->outlook)
		judge_remains(judge, s);
	else
		judge_result(judge, s);
}

/* ---- all of them ---- */

void
dkim_judge_start(struct dkim_judge *judge, const struct ms_env *env,
    struct ms_arena *arena, const struct ms_message *message,
    const struct ms_dkim_request *request)
{
	memset(judge, 0, sizeof(*judge));
	judge->env = env;
	judge->arena = arena;
	judge->message = message;
	judge->request = request;
	judge->keys =
	    request->keys ? request->keys : dkim_keys_make(LOCAL_KEYS);
	dkim_index_build(&judge->index, arena, &message->header);
}

void
dkim_judge_end(struct dkim_judge *judge)
{
	if (judge->keys != judge->request->keys)
		ms_dkim_keys_free(judge->keys);
}

void
dkim_judge_hint(struct dkim_judge *judge, struct ms_dkim_signature *s)
{
	if (!s->readable)
		return;
	s->key_name = key_name(judge->arena, s);
	ms_dns_hint(judge->env->dns, s->key_name, MS_DNS_TXT);
}

/* The tags, and the question for the key on its way. */
static void
read_all(struct dkim_judge *judge, struct ms_dkim_result *out)
{
	const struct ms_header *header = &judge->message->header;
	const struct ms_limits *limits = &judge->env->limits;
	const struct ms_field *field =
	    ms_header_find(header, MS_FIELD_DKIM_SIGNATURE);

	out->signatures = MS_NEW_ARRAY(judge->arena, struct ms_dkim_signature,
	    header->count[MS_FIELD_DKIM_SIGNATURE]);
	for (; field; field = ms_header_next(header, field)) {
		struct ms_dkim_signature *s = &out->signatures[out->n++];

		if (out->n > limits->signatures) {
			s->field = field;
			s->time = s->expires = s->length = -1;
			out->truncated = true;
			dkim_fail(s, MS_AUTH_NEUTRAL, MS_DKIM_LIMIT,
			    "not judged: there are too many signatures");
			continue;
		}
		dkim_signature_read(DKIM_SIGNATURE, field, limits, judge->arena,
		    judge->request->at, s);
		dkim_judge_hint(judge, s);
		if (s->header_list.p)
			dkim_cover(&judge->index, limits, judge->arena, s);
		find_open(judge, s);
	}
}

void
dkim_judge_signature(struct dkim_judge *judge,
    const struct ms_dkim_hashes *hashes, struct ms_dkim_signature *s)
{
	struct ms_arena_mark mark;
	struct ms_digests digests;
	struct ms_buf buf;
	enum ms_digest_kind kind = dkim_digest_of(s->algorithm);

	if (!s->readable)
		return;
	if (!judge->message->outlook)
		judge_body(judge, hashes, s);
	mark = ms_arena_mark(judge->arena);
	ms_buf_init(&buf, judge->arena);
	dkim_header_bytes(judge->message, s, &buf);
	ms_digest_bytes(kind, ms_buf_get(&buf), &digests);
	ms_arena_reset(judge->arena, mark);
	judge_key(
	    judge, kind == MS_DIGEST_SHA1 ? digests.sha1 : digests.sha256, s);
	conclude(judge, s);
}

void
dkim_judge_digest(struct dkim_judge *judge, const unsigned char *digest,
    struct ms_dkim_signature *s)
{
	if (!s->readable)
		return;
	judge_key(judge, digest, s);
	conclude(judge, s);
}

void
ms_dkim_verify(const struct ms_env *env, struct ms_arena *arena,
    const struct ms_message *message, const struct ms_dkim_request *request,
    struct ms_dkim_result *out)
{
	const struct ms_dkim_signature **list;
	struct ms_dkim_hashes local = { .n = 0 };
	struct ms_dkim_hashes *hashes =
	    request->hashes ? request->hashes : &local;
	struct dkim_judge judge;
	size_t n = 0;

	memset(out, 0, sizeof(*out));
	if (message->header.count[MS_FIELD_DKIM_SIGNATURE] == 0)
		return;
	dkim_judge_start(&judge, env, arena, message, request);
	read_all(&judge, out);
	list = MS_NEW_ARRAY(arena, const struct ms_dkim_signature *, out->n);
	for (size_t i = 0; i < out->n; i++)
		if (out->signatures[i].readable)
			list[n++] = &out->signatures[i];
	if (!message->outlook)
		dkim_hash_bodies(message, hashes, list, n);
	for (size_t i = 0; i < out->n; i++)
		dkim_judge_signature(&judge, hashes, &out->signatures[i]);
	if (request->explain && !message->outlook)
		dkim_explain(&judge, out->signatures, out->n);
	dkim_judge_end(&judge);
}

void
ms_dkim_hint(struct ms_dns_source *source, struct ms_arena *arena,
    const struct ms_message *message, const struct ms_limits *limits)
{
	static const struct {
		enum ms_field_id id;
		enum dkim_kind kind;
	} fields[] = {
		{ MS_FIELD_DKIM_SIGNATURE, DKIM_SIGNATURE },
		{ MS_FIELD_ARC_MESSAGE_SIGNATURE, DKIM_AMS },
		{ MS_FIELD_ARC_SEAL, DKIM_SEAL },
	};
	const struct ms_header *header = &message->header;

	for (size_t i = 0; source->prefetch && i < 3; i++) {
		const struct ms_field *field =
		    ms_header_find(header, fields[i].id);

		for (size_t n = 0; field && n < limits->signatures; n++) {
			struct ms_dkim_signature s;

			dkim_signature_read(
			    fields[i].kind, field, limits, arena, 0, &s);
			if (s.readable)
				ms_dns_hint(
				    source, key_name(arena, &s), MS_DNS_TXT);
			field = ms_header_next(header, field);
		}
	}
}

static struct ms_slice
canonical_body(const struct ms_message *message,
    const struct ms_dkim_signature *s, struct ms_arena *arena)
{
	unsigned char room[4096];
	struct ms_dkim_body body;
	struct ms_slice piece;
	struct ms_buf buf;

	ms_buf_init(&buf, arena);
	ms_dkim_body_init(
	    &body, s->body_canon, message->bare_cr, message->body);
	while (ms_dkim_body_next(&body, room, sizeof(room), &piece))
		ms_buf_slice(&buf, piece);
	return ms_slice_part(
	    ms_buf_get(&buf), 0, s->length < 0 ? buf.n : (size_t)s->length);
}

bool
ms_dkim_canonical(const struct ms_message *message,
    const struct ms_dkim_signature *signature, struct ms_arena *arena,
    struct ms_slice *header, struct ms_slice *body)
{
	struct ms_buf buf;

	if (!signature->readable)
		return false;
	*body = canonical_body(message, signature, arena);
	ms_buf_init(&buf, arena);
	dkim_header_bytes(message, signature, &buf);
	*header = ms_buf_get(&buf);
	return true;
}
