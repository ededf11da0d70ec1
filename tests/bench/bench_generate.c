/* SPDX-License-Identifier: ISC
 * bench_generate.c - the mailbox, the messages and the addresses of the bench
 *
 * bench_generate [--seed S] --messages N | --single SIZE[K|M] | --addresses N
 *     | --mailbox-of-one SIZE | --real SIZE
 *
 * Writes to standard output, the same bytes for the same options. The default
 * of 20,000 messages is about 560 MB with 6,500 attachments: what a mailbox
 * of people, lists and newsletters looks like, in mboxrd form. --real makes
 * one of messages that are there, over and over: standard input names their
 * files, one a line.
 */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t seed = 1;
static size_t attachments, messages;

static uint64_t
next_random(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static size_t
below(size_t n)
{
	return (size_t)((next_random() >> 11) % n);
}

static size_t
between(size_t from, size_t to)
{
	return from + below(to - from + 1);
}

/* ---- text that is built up, and lines of it ---- */

struct text {
	unsigned char *p;
	size_t n, cap;
};

static void
add(struct text *text, const void *p, size_t n)
{
	if (text->cap - text->n < n) {
		text->cap = text->cap * 2 + n + 4096;
		text->p = realloc(text->p, text->cap);
		if (!text->p)
			abort();
	}
	memcpy(text->p + text->n, p, n);
	text->n += n;
}

static void say(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void
say(struct text *text, const char *format, ...)
{
	char line[2048];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof(line))
		abort();
	add(text, line, (size_t)n);
}

static const char *const words[] = { "the", "of", "and", "to", "in", "for",
	"is", "on", "that", "by", "this", "with", "you", "it", "not", "or",
	"be", "are", "from", "at", "as", "your", "all", "have", "new", "more",
	"an", "was", "we", "will", "home", "can", "us", "about", "if", "page",
	"my", "has", "search", "free", "but", "our", "one", "other", "do", "no",
	"information", "time", "they", "site", "he", "up", "may", "what",
	"which", "their", "news", "out", "use", "any", "there", "see", "only",
	"so", "his", "when", "contact", "here", "business", "who", "web",
	"also", "now", "help", "get", "view", "online", "first", "am", "been",
	"would", "how", "were", "services", "some", "these", "click", "its",
	"like", "service", "than", "find", "price", "date", "back", "top",
	"people", "list", "name", "just", "over", "state", "year", "day",
	"into", "email", "two", "health", "world", "next", "used", "go", "work",
	"last", "most", "products", "music", "buy", "data", "make", "them",
	"should", "product", "system", "post", "her", "city", "add", "policy",
	"number", "such", "please", "available", "copyright", "support",
	"message", "after", "best", "software", "then", "good", "video", "well",
	"where", "info", "rights", "public", "books", "high", "school",
	"through", "each", "links", "review", "years", "order", "very",
	"privacy", "book", "items", "company", "read", "group", "need", "many",
	"user", "said", "does", "set", "under", "general", "research",
	"university", "January", "mail", "full", "map", "reviews", "program",
	"life", "know", "games", "way", "days", "management", "part", "could",
	"great", "united", "hotel", "real", "item", "international", "center",
	"must", "store", "travel", "comments", "made", "development", "report",
	"off", "member", "details", "line", "terms", "before", "hotels", "did",
	"send", "right", "type", "because", "local" };
#define WORDS (sizeof(words) / sizeof(words[0]))

static const char *
word(void)
{
	return words[below(WORDS)];
}

static void
hex(struct text *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		say(out, "%x", (unsigned)below(16));
}

static const char base64_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* One line of at most 57 bytes, which have zeros behind them. */
static void
base64_line(struct text *out, const unsigned char *in, size_t n)
{
	char line[77];
	size_t len = 0;

	for (size_t i = 0; i < n; i += 3) {
		uint32_t v = (uint32_t)in[i] << 16 | (uint32_t)in[i + 1] << 8 |
			     in[i + 2];

		line[len++] = base64_alphabet[v >> 18];
		line[len++] = base64_alphabet[v >> 12 & 63];
		line[len++] = i + 1 < n ? base64_alphabet[v >> 6 & 63] : '=';
		line[len++] = i + 2 < n ? base64_alphabet[v & 63] : '=';
	}
	line[len++] = '\n';
	add(out, line, len);
}

/* `n` bytes, with what stands at the head of that kind of file. */
static void
base64(struct text *out, const unsigned char *head, size_t head_n, size_t n)
{
	unsigned char in[57];

	for (size_t at = 0; at < n; at += 57) {
		size_t part = n - at < 57 ? n - at : 57;

		for (size_t i = 0; i < 57; i += 8) {
			uint64_t r = next_random() * 0x2545f4914f6cdd1du;

			memcpy(in + i, &r, 57 - i < 8 ? 57 - i : 8);
		}
		if (at == 0)
			memcpy(in, head, head_n);
		memset(in + part, 0, sizeof(in) - part);
		base64_line(out, in, part);
	}
}

static void
base64_text(struct text *out, const struct text *in)
{
	unsigned char line[59] = { 0 };

	for (size_t at = 0; at < in->n; at += 57) {
		size_t part = in->n - at < 57 ? in->n - at : 57;

		memset(line, 0, sizeof(line));
		memcpy(line, in->p + at, part);
		base64_line(out, line, part);
	}
}

/* Quoted-printable of `in`: lines of at most 76, '=' and 8-bit quoted. */
static void
quoted_printable(struct text *out, const struct text *in)
{
	size_t column = 0;

	for (size_t i = 0; i < in->n; i++) {
		unsigned char c = in->p[i];
		size_t need = c == '=' || c >= 0x80 ? 3 : 1;

		if (c == '\n') {
			add(out, "\n", 1);
			column = 0;
			continue;
		}
		if (column + need > 75) {
			add(out, "=\n", 2);
			column = 0;
		}
		if (need == 3)
			say(out, "=%02X", c);
		else
			add(out, &c, 1);
		column += need;
	}
}

/* ---- bodies ---- */

static void
plain_text(struct text *out, size_t size)
{
	size_t start = out->n, column = 0;

	while (out->n - start < size) {
		const char *next = word();

		if (below(60) == 0)
			next = "caf\xc3\xa9";
		if (below(200) == 0)
			next = "\nFrom";
		if (column + strlen(next) > 70 || below(80) == 0) {
			add(out, "\n", 1);
			column = 0;
		}
		say(out, "%s ", next);
		column += strlen(next) + 1;
	}
	add(out, "\n", 1);
}

/* A newsletter: tables, styles, links with long tracking paths. */
static void
html_text(struct text *out, size_t size)
{
	size_t start = out->n;

	say(out,
	    "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\">"
	    "<title>%s %s</title>\n<style>body{font-family:Arial,"
	    "sans-serif;color:#333}td{padding:0 12px}</style></head>"
	    "<body>\n",
	    word(), word());
	while (out->n - start < size) {
		say(out, "<table width=\"600\" cellpadding=\"0\" border=\"0\" "
			 "style=\"border-collapse:collapse;margin:0 auto\">"
			 "<tr><td align=\"left\" style=\"font-size:14px;"
			 "line-height:20px\">\n");
		plain_text(out, between(200, 600));
		say(out,
		    "<a href=\"https://click.example.net/t/%s/%s?u=", word(),
		    word());
		hex(out, 48);
		say(out,
		    "&amp;m=%zu\" style=\"color:#06c\">%s %s</a>"
		    "<img src=\"https://img.example.net/o/",
		    below(100000), word(), word());
		hex(out, 24);
		say(out, ".gif\" width=\"1\" height=\"1\" alt=\"\">"
			 "</td></tr></table>\n");
	}
	say(out, "</body></html>\n");
}

static struct text scratch;

static void
part_text(struct text *out, const char *type, size_t size)
{
	static const char *const encodings[] = { "quoted-printable", "8bit",
		"base64" };
	size_t pick = below(20);
	const char *encoding = encodings[pick < 14 ? 0 : pick < 19 ? 1 : 2];

	say(out,
	    "Content-Type: text/%s; charset=\"utf-8\"\n"
	    "Content-Transfer-Encoding: %s\n\n",
	    type, encoding);
	scratch.n = 0;
	if (*type == 'h')
		html_text(&scratch, size);
	else
		plain_text(&scratch, size);
	if (*encoding == 'q')
		quoted_printable(out, &scratch);
	else if (*encoding == 'b')
		base64_text(out, &scratch);
	else
		add(out, scratch.p, scratch.n);
}

static void
boundary_make(char out[64])
{
	snprintf(out, 64, "----=_Part_%zu_%016" PRIx64, below(1000000),
	    next_random());
}

static void
alternative(struct text *out)
{
	char boundary[64];

	boundary_make(boundary);
	say(out, "Content-Type: multipart/alternative;\n boundary=\"%s\"\n\n",
	    boundary);
	say(out, "--%s\n", boundary);
	part_text(out, "plain", between(500, 4000));
	say(out, "\n--%s\n", boundary);
	part_text(out, "html", between(2000, 18000));
	say(out, "\n--%s--\n", boundary);
}

static void
attachment(struct text *out, size_t size)
{
	static const struct {
		const char *type, *extension, *head;
		size_t n;
	} kinds[] = {
		{ "application/pdf", "pdf", "%PDF-1.7\n", 9 },
		{ "image/jpeg", "jpg", "\xff\xd8\xff\xe0\0\x10JFIF", 10 },
		{ "image/png", "png", "\x89PNG\r\n\x1a\n", 8 },
		{ "application/zip", "zip", "PK\3\4\24\0\0\0\10\0", 10 },
	};
	size_t kind = below(4);

	say(out,
	    "Content-Type: %s;\n name=\"%s-%zu.%s\"\n"
	    "Content-Transfer-Encoding: base64\n"
	    "Content-Disposition: attachment;\n filename=\"%s.%s\"\n\n",
	    kinds[kind].type, word(), below(1000), kinds[kind].extension,
	    word(), kinds[kind].extension);
	base64(
	    out, (const unsigned char *)kinds[kind].head, kinds[kind].n, size);
	attachments++;
}

/* ---- header ---- */

static const char *const days[] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue",
	"Wed" };

static void
date(struct text *out, size_t minute)
{
	size_t day = minute / 1440 % 28;

	say(out, "%s, %zu Jan 2026 %02zu:%02zu:%02zu +0000", days[day % 7],
	    day + 1, minute / 60 % 24, minute % 60, below(60));
}

static void
received(struct text *out, size_t minute)
{
	say(out,
	    "Received: from mx%zu.%s.example.net (mx%zu.%s.example.net "
	    "[192.0.2.%zu])\n\tby mail%zu.example.org (Postfix) with "
	    "ESMTPS id ",
	    below(90), word(), below(90), word(), below(256), below(20));
	hex(out, 10);
	say(out,
	    "\n\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 "
	    "(256/256 bits))\n\tfor <%s@example.org>; ",
	    word());
	date(out, minute);
	say(out, "\n");
}

static void
signature(struct text *out)
{
	say(out,
	    "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; "
	    "d=example.net;\n\ts=s%zu; t=1767225600; h=from:to:subject:"
	    "date:message-id:\n\tmime-version:content-type; bh=",
	    below(100));
	for (size_t i = 0; i < 43; i++)
		add(out, &base64_alphabet[below(64)], 1);
	say(out, "=;\n\tb=");
	for (size_t i = 0; i < 342; i++) {
		add(out, &base64_alphabet[below(64)], 1);
		if (i % 70 == 69)
			say(out, "\n\t ");
	}
	say(out, "==\n");
}

static void
results(struct text *out)
{
	say(out,
	    "Authentication-Results: mx.example.org;\n\tdkim=pass "
	    "(2048-bit key) header.d=example.net header.i=@example.net\n"
	    "\t header.b=%s;\n\tspf=pass smtp.mailfrom=%s@example.net;\n"
	    "\tdmarc=pass (policy=reject) header.from=example.net\n",
	    word(), word());
}

static void
header(struct text *out, size_t minute)
{
	size_t hops = between(2, 8), extra = between(0, 18);

	say(out,
	    "Return-Path: <bounce-%zu@example.net>\n"
	    "Delivered-To: %s@example.org\n",
	    below(1000000), word());
	for (size_t i = 0; i < hops; i++)
		received(out, minute + hops - i);
	results(out);
	if (below(10) < 8)
		signature(out);
	say(out, "From: \"%s %s\" <%s.%s@example.net>\n", word(), word(),
	    word(), word());
	say(out, "To: %s@example.org, %s %s <%s@example.com>\n", word(), word(),
	    word(), word());
	if (below(5) == 0)
		say(out,
		    "Subject: =?utf-8?Q?%s_caf=C3=A9_%s?=\n "
		    "=?utf-8?B?w6TDtsO8IMOf?= %s\n",
		    word(), word(), word());
	else
		say(out, "Subject: %s %s %s %s\n", word(), word(), word(),
		    word());
	say(out, "Date: ");
	date(out, minute);
	say(out, "\nMessage-ID: <%016" PRIx64 ".%zu@mail.example.net>\n",
	    next_random(), messages);
	if (below(2))
		say(out,
		    "References: <%016" PRIx64 "@mail.example.net>\n"
		    "\t<%016" PRIx64 "@mail.example.org>\n",
		    next_random(), next_random());
	for (size_t i = 0; i < extra; i++)
		say(out, "X-%s-%s: %s %zu; %s=%s\n", word(), word(), word(),
		    below(100000), word(), word());
	if (below(3) == 0)
		say(out,
		    "List-Id: <%s.example.net>\nList-Unsubscribe: "
		    "<mailto:leave@example.net>,\n "
		    "<https://example.net/u/%zu>\n",
		    word(), below(1000000));
	say(out, "MIME-Version: 1.0\n");
}

/* 1 KB to 1 MB, the small ones far more often; 30 KB in the mean. */
static size_t
attachment_size(void)
{
	double u = (double)below(1000000) / 1e6;

	return (size_t)(1024 * pow(2, 10 * pow(u, 5.5) * 0.985));
}

/* Parts around `count` attachments that fill the message up to `total` bytes
 * (0: of any size). */
static void
mixed(struct text *out, size_t count, size_t total, int nested)
{
	char boundary[64];
	size_t size = 0;

	boundary_make(boundary);
	say(out,
	    "Content-Type: multipart/mixed; boundary=\"%s\"\n\n"
	    "This is a multi-part message in MIME format.\n--%s\n",
	    boundary, boundary);
	alternative(out);
	if (nested) {
		say(out, "\n--%s\nContent-Type: message/rfc822\n\n", boundary);
		header(out, below(40000));
		alternative(out);
	}
	if (total > out->n + count * 512)
		size = (total - out->n - count * 300) / count * 57 / 77;
	for (size_t i = 0; i < count; i++) {
		say(out, "\n--%s\n", boundary);
		attachment(out, size ? size : attachment_size());
	}
	say(out, "\n--%s--\n", boundary);
}

static void
message(struct text *out, size_t minute)
{
	size_t kind = below(10000);

	header(out, minute);
	messages++;
	if (kind < 1318)
		mixed(out, between(1, 4), 0, kind < 130);
	else if (kind < 1505)
		mixed(out, 0, 0, 1);
	else if (kind < 4000)
		part_text(out, "plain", between(500, 9000));
	else
		alternative(out);
}

/* ---- output ---- */

static void
put(const void *p, size_t n)
{
	if (fwrite(p, 1, n, stdout) != n) {
		perror("bench_generate");
		exit(1);
	}
}

/* mboxrd: one '>' before every line of ">*From ". */
static void
put_quoted(const struct text *text)
{
	const unsigned char *p = text->p, *end = p + text->n;

	while (p < end) {
		const unsigned char *nl = memchr(p, '\n', (size_t)(end - p));
		const unsigned char *at = p;
		size_t n = (size_t)((nl ? nl + 1 : end) - p);

		while (at < end && *at == '>')
			at++;
		if (end - at >= 5 && memcmp(at, "From ", 5) == 0)
			put(">", 1);
		put(p, n);
		p += n;
	}
}

static void
mailbox(size_t count)
{
	struct text text = { 0 };
	size_t bytes = 0;

	for (size_t i = 0; i < count; i++) {
		size_t minute = i * 2;

		text.n = 0;
		say(&text,
		    "From bounce-%zu@example.net %s Jan %2zu "
		    "%02zu:%02zu:00 2026\n",
		    below(1000000), days[minute / 1440 % 28 % 7],
		    minute / 1440 % 28 + 1, minute / 60 % 24, minute % 60);
		put(text.p, text.n);
		bytes += text.n;
		text.n = 0;
		message(&text, minute);
		put_quoted(&text);
		put("\n", 1);
		bytes += text.n + 1;
	}
	free(text.p);
	fprintf(stderr, "%zu messages, %zu attachments, %zu bytes\n", messages,
	    attachments, bytes);
}

/* ---- messages that are there ---- */

static const char from_line[] = "From someone@example.net Thu Jan  1 "
				"00:00:00 2026\n";

/* A file with the line ends of a mailbox. */
static void
read_message(const char *path, struct text *out)
{
	FILE *file = fopen(path, "r");
	int c, before = 0;

	if (!file) {
		perror(path);
		exit(1);
	}
	out->n = 0;
	while ((c = getc_unlocked(file)) != EOF) {
		unsigned char byte = (unsigned char)c;

		if (c == '\n' && before == '\r')
			out->n--;
		add(out, &byte, 1);
		before = c;
	}
	if (before != '\n')
		add(out, "\n", 1);
	fclose(file);
}

/* A mailbox ends for GMime where a message has no header. */
static int
has_header(const struct text *text)
{
	size_t i = 0;

	while (i < text->n && text->p[i] > ' ' && text->p[i] != ':')
		i++;
	return i > 0 && i < text->n &&
	       (text->p[i] == ':' || memcmp(text->p, "From ", 5) == 0);
}

static struct text *
read_messages(size_t *n)
{
	struct text *list = NULL;
	char *path = NULL;
	size_t cap = 0;
	ssize_t length;

	*n = 0;
	while ((length = getline(&path, &cap, stdin)) > 0) {
		if (path[length - 1] == '\n')
			path[length - 1] = '\0';
		list = realloc(list, (*n + 1) * sizeof(*list));
		if (!list)
			abort();
		memset(&list[*n], 0, sizeof(*list));
		read_message(path, &list[*n]);
		if (has_header(&list[*n]))
			(*n)++;
		else
			free(list[*n].p);
	}
	free(path);
	return list;
}

static void
real(size_t size)
{
	size_t n, bytes = 0;
	struct text *list = read_messages(&n);

	while (n > 0 && bytes < size)
		for (size_t i = 0; i < n && bytes < size; i++) {
			put(from_line, sizeof(from_line) - 1);
			put_quoted(&list[i]);
			put("\n", 1);
			bytes += sizeof(from_line) + list[i].n;
		}
	for (size_t i = 0; i < n; i++)
		free(list[i].p);
	free(list);
}

/* One message of about that size, its attachments equally large. */
static void
single(size_t size)
{
	struct text text = { 0 };
	size_t count = size > 1000000 ? 6 : 2;

	header(&text, 0);
	mixed(&text, count, size, 0);
	put(text.p, text.n);
	free(text.p);
}

static void
addresses(size_t count)
{
	struct text text = { 0 };

	for (size_t i = 0; i < count; i++) {
		uint32_t a = (uint32_t)(next_random() >> 16);

		text.n = 0;
		say(&text, "%u.%u.%u.%u\n", a >> 24, a >> 16 & 255,
		    a >> 8 & 255, a & 255);
		put(text.p, text.n);
	}
	free(text.p);
}

static size_t
size_of(const char *text)
{
	char *end;
	size_t n = strtoul(text, &end, 10);

	return *end == 'K' ? n * 1000 : *end == 'M' ? n * 1000000 : n;
}

int
main(int argc, char **argv)
{
	size_t mbox = 0, one = 0, ips = 0, files = 0, alone = 0;

	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--messages") == 0)
			mbox = size_of(argv[i + 1]);
		else if (strcmp(argv[i], "--single") == 0)
			one = size_of(argv[i + 1]);
		else if (strcmp(argv[i], "--mailbox-of-one") == 0)
			one = alone = size_of(argv[i + 1]);
		else if (strcmp(argv[i], "--addresses") == 0)
			ips = size_of(argv[i + 1]);
		else if (strcmp(argv[i], "--real") == 0)
			files = size_of(argv[i + 1]);
		else if (strcmp(argv[i], "--seed") == 0)
			seed = size_of(argv[i + 1]);
	}
	seed = seed * 0x9e3779b97f4a7c15u | 1;
	if (alone)
		put(from_line, sizeof(from_line) - 1);
	if (one)
		single(one);
	else if (ips)
		addresses(ips);
	else if (files)
		real(files);
	else
		mailbox(mbox ? mbox : 20000);
	free(scratch.p);
	if (fflush(stdout) != 0)
		return 1;
	return 0;
}
