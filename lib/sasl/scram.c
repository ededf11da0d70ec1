/* SPDX-License-Identifier: ISC
 * scram.c - what a server says in SCRAM, before the library believes it: RFC
 * 5802 5 and 7
 */
#include "sasl_priv.h"

#include "mailsonde/scan.h"

#define SALT_MAX 1024

/* "r=…,s=…,i=…" with what may follow; "m=" announces what must be understood,
 * and nobody knows any. */
enum ms_sasl_status
sasl_scram_first(
    struct ms_sasl *sasl, struct ms_slice said, struct sasl_scram *out)
{
	struct ms_scan scan = ms_scan_init(said);
	uint64_t rounds;

	memset(out, 0, sizeof(*out));
	if (ms_slice_starts(said, "e="))
		return sasl_scram_final(sasl, said);
	if (!ms_scan_try_text(&scan, "r="))
		return MS_SASL_BAD_MESSAGE;
	(void)ms_scan_to(&scan, ',');
	if (!ms_scan_try_text(&scan, ",s="))
		return MS_SASL_BAD_MESSAGE;
	out->salt = ms_scan_to(&scan, ',');
	if (!ms_scan_try_text(&scan, ",i="))
		return MS_SASL_BAD_MESSAGE;
	rounds = ms_scan_number(&scan, 20, UINT64_MAX);
	if (scan.bad || rounds == 0 || out->salt.n == 0 ||
	    out->salt.n > SALT_MAX)
		return MS_SASL_BAD_MESSAGE;
	sasl->rounds = rounds > UINT32_MAX ? UINT32_MAX : (unsigned)rounds;
	out->rounds = sasl->rounds;
	if (rounds > sasl->request->rounds)
		return MS_SASL_TOO_COSTLY;
	return rounds < sasl->request->rounds_least ? MS_SASL_TOO_CHEAP
						    : MS_SASL_MORE;
}

/* "v=…", or "e=" with a word. */
enum ms_sasl_status
sasl_scram_final(struct ms_sasl *sasl, struct ms_slice said)
{
	struct ms_scan scan = ms_scan_init(said);
	struct ms_slice word;

	if (!ms_scan_try_text(&scan, "e="))
		return MS_SASL_MORE;
	word = ms_scan_to(&scan, ',');
	if (word.n > 100)
		word.n = 100;
	sasl->why = ms_arena_string(sasl->arena, word);
	return ms_slice_equal(word, MS_SLICE("channel-bindings-dont-match"))
		   ? MS_SASL_UNBOUND
		   : MS_SASL_REFUSED;
}
