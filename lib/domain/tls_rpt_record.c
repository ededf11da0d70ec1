/* SPDX-License-Identifier: ISC
 * tls_rpt_record.c - where reports on TLS are to go, RFC 8460 3
 */
#include "record_priv.h"

#include "mailsonde/dmarc.h"
#include "mailsonde/taglist.h"

bool
ms_tls_rpt_is_record(struct ms_slice text)
{
	return record_starts(text, "v=TLSRPTv1");
}

struct reader {
	struct ms_arena *arena;
	struct ms_tls_rpt_record *out;
	size_t max;
};

static void
complain(struct reader *r, const char *fault, struct ms_slice where)
{
	if (!fault || r->out->fault)
		return;
	r->out->fault = fault;
	r->out->at = where;
}

/* tlsrpt-rua = %s"rua=" tlsrpt-uri *(*WSP "," *WSP tlsrpt-uri); "!" is to be
 * encoded in them, as in DMARC. */
static void
take_rua(struct reader *r, struct ms_slice value)
{
	struct ms_tls_rpt_record *out = r->out;
	struct ms_slice item;

	while (ms_taglist_item(&value, ',', &item)) {
		if (!ms_report_uri_valid(item)) {
			complain(r, "an address for reports is no URI", item);
			continue;
		}
		if (out->rua_n == r->max) {
			complain(
			    r, "it has more addresses than are read", item);
			return;
		}
		out->rua = ms_arena_grow(r->arena, out->rua,
		    sizeof(item) * out->rua_n, sizeof(item) * (out->rua_n + 1));
		out->rua[out->rua_n++] = item;
	}
}

void
ms_tls_rpt_record_parse(struct ms_slice text, const struct ms_limits *limits,
    struct ms_arena *arena, struct ms_tls_rpt_record *out)
{
	struct reader r = { arena, out, limits->tags };
	struct ms_slice rest = text;
	struct record_field f;

	memset(out, 0, sizeof(*out));
	if (!ms_tls_rpt_is_record(text)) {
		complain(&r, "it does not begin with v=TLSRPTv1;", text);
		return;
	}
	while (record_field(&rest, &f)) {
		if (f.fault)
			complain(&r, f.fault, f.all);
		else if (ms_slice_equal(f.name, MS_SLICE("rua")))
			take_rua(&r, f.value);
		else
			complain(&r, record_extension(&f), f.all);
	}
	if (out->rua_n == 0)
		complain(&r, "it names no address for reports (rua=)", text);
	out->valid = out->fault == NULL;
}
