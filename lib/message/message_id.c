/* SPDX-License-Identifier: ISC
 * message_id.c - msg-id, RFC 5322 3.6.4 and 4.5.4
 */
#include "mailsonde/buf.h"
#include "mailsonde/header.h"
#include "mailsonde/scan.h"
#include "mailsonde/utf8.h"

/* Between the first "<" and the ">" behind it; *odd unless it stands alone
 * between white space and comments. */
static struct ms_slice
bracketed(struct ms_slice value, bool *odd)
{
	struct ms_scan s = ms_scan_init(value);
	struct ms_slice out;

	(void)ms_scan_cfws(&s);
	if (ms_scan_peek(&s) != '<') {
		*odd = true;
		s = ms_scan_init(value);
		(void)ms_scan_to(&s, '<');
	}
	(void)ms_scan_try_byte(&s, '<');
	while (ms_scan_try_byte(&s, '<'))
		*odd = true;
	out = ms_scan_to(&s, '>');
	if (!ms_scan_try_byte(&s, '>'))
		*odd = true;
	(void)ms_scan_cfws(&s);
	if (!ms_scan_at_end(&s))
		*odd = true;
	return ms_slice_trim(out);
}

/* No brackets: what stands there, without comments around it. */
static struct ms_slice
bare(struct ms_slice value)
{
	struct ms_scan s = ms_scan_init(value);
	struct ms_slice rest;

	(void)ms_scan_cfws(&s);
	rest = ms_slice_trim(ms_scan_rest(&s));
	if (rest.n > 0 && rest.p[rest.n - 1] == '>')
		rest.n--;
	return rest;
}

/* White space goes, as an id is often folded; behind the domain it ends the
 * id. */
static struct ms_slice
without_space(struct ms_arena *arena, struct ms_slice id, bool *odd)
{
	struct ms_scan s = ms_scan_init(id);
	struct ms_slice part = ms_scan_until(&s, MS_C_SPACE, id.n);
	bool domain = false;
	struct ms_buf buf;

	if (part.n == id.n)
		return id;
	*odd = true;
	ms_buf_init(&buf, arena);
	(void)ms_buf_room(&buf, id.n);
	for (;;) {
		size_t at = ms_slice_find(part, 0, '@');

		ms_buf_slice(&buf, part);
		domain |= at + 1 < part.n;
		if (domain || ms_scan_at_end(&s))
			return ms_buf_get(&buf);
		(void)ms_scan_space(&s);
		domain = at < part.n;
		part = ms_scan_until(&s, MS_C_SPACE, id.n);
		if (domain) {
			ms_buf_slice(&buf, part);
			return ms_buf_get(&buf);
		}
	}
}

struct ms_slice
ms_message_id_parse(const struct ms_parse *parse, const struct ms_field *field)
{
	struct ms_slice none = { NULL, 0 }, value, id;
	bool odd = false;

	if (!field)
		return none;
	value = ms_slice_trim(field->value);
	if (ms_slice_find(value, 0, '<') < value.n) {
		id = bracketed(value, &odd);
	} else {
		id = bare(value);
		odd = true;
	}
	id = without_space(parse->arena, id, &odd);
	if (ms_slice_find(id, 0, '@') == id.n)
		odd = true;
	id = ms_utf8_clean(parse->arena, id, &odd);
	if (odd)
		ms_defect_add(parse->defects, parse->arena,
		    MS_DEFECT_MESSAGE_ID, field->offset, NULL);
	return id.n > 0 ? id : none;
}
