/* SPDX-License-Identifier: ISC
 * organisation.c - which names belong together, for judgements by eye
 */
#include "mailsonde/organisation.h"

#include "mailsonde/ip.h"

/* Second-level labels under which country registries sell names. */
static bool
registry_label(struct ms_slice label)
{
	static const char *const labels[] = { "ac", "co", "com", "edu", "go",
		"gob", "gov", "gouv", "govt", "id", "info", "ltd", "me", "mil",
		"ne", "net", "nhs", "nom", "or", "org", "plc", "police", "sch",
		"web" };

	for (size_t i = 0; i < sizeof(labels) / sizeof(*labels); i++)
		if (ms_slice_is(label, labels[i]))
			return true;
	return false;
}

/* Offset of the label before the one that begins at `at`; 0 at the start. */
static size_t
label_before(struct ms_slice host, size_t at)
{
	if (at == 0)
		return 0;
	at--;
	while (at > 0 && host.p[at - 1] != '.')
		at--;
	return at;
}

struct ms_slice
ms_organisation(struct ms_slice host)
{
	struct ms_ip ip;
	size_t top, second, third;

	while (host.n > 0 && host.p[host.n - 1] == '.')
		host.n--;
	if (host.n == 0 || ms_ip_parse_literal(host, &ip))
		return host;
	top = label_before(host, host.n + 1);
	second = label_before(host, top);
	third = label_before(host, second);
	if (host.n - top == 2 && second > 0 &&
	    registry_label(ms_slice_part(host, second, top - 1)))
		return ms_slice_part(host, third, host.n);
	return ms_slice_part(host, second, host.n);
}

bool
ms_same_organisation(struct ms_slice a, struct ms_slice b)
{
	return a.n > 0 && b.n > 0 &&
	       ms_slice_equal_nocase(ms_organisation(a), ms_organisation(b));
}

bool
ms_is_free_mail(struct ms_slice domain)
{
	static const char *const names[] = { "gmail.com", "googlemail.com",
		"outlook.com", "hotmail.com", "live.com", "msn.com",
		"yahoo.com", "ymail.com", "aol.com", "icloud.com", "me.com",
		"mac.com", "gmx.com", "gmx.net", "gmx.de", "web.de", "mail.com",
		"mail.ru", "bk.ru", "list.ru", "inbox.ru", "yandex.ru",
		"yandex.com", "proton.me", "protonmail.com", "tutanota.com",
		"zoho.com", "zohomail.com", "qq.com", "163.com", "126.com",
		"sina.com", "naver.com", "hanmail.net", "libero.it",
		"orange.fr", "laposte.net", "free.fr", "t-online.de",
		"seznam.cz", "wp.pl", "o2.pl", "uol.com.br", "rediffmail.com",
		"fastmail.com" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (ms_slice_is(domain, names[i]))
			return true;
	return ms_slice_starts(domain, "yahoo.") ||
	       ms_slice_starts(domain, "hotmail.") ||
	       ms_slice_starts(domain, "outlook.") ||
	       ms_slice_starts(domain, "live.");
}

bool
ms_name_is_within(struct ms_slice name, struct ms_slice above)
{
	if (name.n < above.n)
		return false;
	if (name.n > above.n && name.p[name.n - above.n - 1] != '.')
		return false;
	return ms_slice_equal_nocase(
	    ms_slice_part(name, name.n - above.n, name.n), above);
}
