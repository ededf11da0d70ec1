/* SPDX-License-Identifier: ISC
 * client_ip.c - X-Originating-IP and kin: a claimed first hop
 *
 * Web mail and submission servers note the address of the person's machine in
 * fields of their own. Anybody can write such a field.
 */
#include "trace_priv.h"

#include <limits.h>

#include "mailsonde/scan.h"

static const char *const names[] = { "X-Originating-IP", "X-Sender-IP",
	"X-Client-IP", "X-ClientAddr", "X-Remote-IP", "X-Source-IP",
	"X-Yahoo-Post-IP", "X-AOL-IP", "X-EIP", "X-Originating-Client",
	"X-PHP-Originating-IP", "X-Client-Addr", "X-Sender-Ip-Address" };

/* The first thing in the value that is an address by itself: a bare one, or
 * one in brackets. */
static bool
address_in(struct ms_slice value, struct ms_ip *out)
{
	struct ms_scan s = ms_scan_init(value);

	while (!ms_scan_at_end(&s)) {
		struct ms_slice word;

		(void)ms_scan_space(&s);
		word = ms_scan_until(&s, MS_C_SPACE, 128);
		while (word.n > 0 &&
		       (word.p[word.n - 1] == ',' || word.p[word.n - 1] == ';'))
			word.n--;
		if (ms_ip_parse_literal(word, out))
			return true;
		if (word.n == 0)
			return false;
	}
	return false;
}

static bool
is_client_field(struct ms_slice name)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (ms_slice_is(name, names[i]))
			return true;
	return false;
}

static const char *
known_name(struct ms_slice name)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (ms_slice_is(name, names[i]))
			return names[i];
	return NULL;
}

bool
client_ip_find(const struct ms_header *header, struct ms_hop *out)
{
	for (size_t i = header->n; i > 0; i--) {
		const struct ms_field *field = &header->fields[i - 1];
		struct ms_ip ip;

		if (!is_client_field(field->name) ||
		    !address_in(field->value, &ip))
			continue;
		memset(out, 0, sizeof(*out));
		out->synthetic = true;
		out->synthetic_field = known_name(field->name);
		out->field_index = UINT_MAX;
		out->trust = MS_TRUST_CLAIMED;
		out->received.value = field->value;
		out->received.parsed = true;
		out->received.relay = true;
		out->received.ip = ip;
		return true;
	}
	return false;
}
