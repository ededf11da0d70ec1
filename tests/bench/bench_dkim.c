/* SPDX-License-Identifier: ISC
 * bench_dkim.c - signed mail, what verifying it costs at the least, and what
 * the library alone takes
 *
 * bench_dkim generate rsa|ed25519 N ZONE >MAILBOX
 * bench_dkim limit|verify MAILBOX ZONE
 *
 * `limit` hashes every byte once and does the public-key operation of each
 * signature, with keys that were read before; nothing is parsed that need not
 * be, nothing made canonical, nothing asked.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include "dkim_sign.h"
#include "mailsonde/codec.h"
#include "mailsonde/dns_zone.h"

#define DOMAINS 40

/* ---- generate ---- */

static unsigned long long seed = 1;

static unsigned
below(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)((seed >> 11) % n);
}

static void
lines_of_text(struct ms_buf *buf, size_t size)
{
	static const char *const words[] = { "the", "invoice", "meeting", "of",
		"quarter", "and", "next", "week", "please", "find", "attached",
		"report", "for", "your", "review", "in", "regards", "with",
		"order", "number", "shipment", "to", "a", "delivery" };
	size_t start = buf->n;

	while (buf->n - start < size) {
		for (unsigned i = 0, n = 6 + below(8); i < n; i++)
			ms_buf_printf(buf, "%s%s", i ? " " : "",
			    words[below(sizeof(words) / sizeof(words[0]))]);
		ms_buf_text(buf, below(6) ? "\r\n" : "\r\n\r\n");
	}
}

static struct ms_slice
one_message(struct ms_arena *arena, unsigned number, unsigned domain)
{
	struct ms_buf buf;

	ms_buf_init(&buf, arena);
	ms_buf_printf(&buf,
	    "Received: from out%u.d%u.example ([192.0.2.%u])\r\n"
	    "\tby mx.example.net with ESMTPS id %08x\r\n"
	    "\tfor <jo@example.net>; Mon, 5 Jan 2026 10:%02u:00 +0000\r\n"
	    "From: Sender %u <s%u@d%u.example>\r\n"
	    "To: Jo <jo@example.net>\r\n"
	    "Subject: message %u of the bench\r\n"
	    "Date: Mon, 5 Jan 2026 09:%02u:30 +0000\r\n"
	    "Message-ID: <%u.%u@d%u.example>\r\n"
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: multipart/alternative; boundary=\"b%u\"\r\n"
	    "X-Mailer: bench\r\n\r\n"
	    "--b%u\r\nContent-Type: text/plain\r\n\r\n",
	    below(9), domain, 1 + below(250), below(1u << 30), below(60),
	    number, below(500), domain, number, below(60), number,
	    below(1u << 30), domain, number, number);
	lines_of_text(&buf, 3000 + below(2000));
	ms_buf_printf(
	    &buf, "\r\n--b%u\r\nContent-Type: text/html\r\n\r\n<p>", number);
	lines_of_text(&buf, 5500 + below(4000));
	ms_buf_printf(&buf, "</p>\r\n--b%u--\r\n", number);
	return ms_buf_get(&buf);
}

static void
write_message(struct ms_slice message)
{
	printf("From s@example Mon Jan  5 10:00:00 2026\n");
	for (size_t i = 0; i < message.n; i++)
		if (message.p[i] != '\r')
			putchar(message.p[i]);
	putchar('\n');
}

static int
generate(const char *kind, unsigned n, const char *path)
{
	bool rsa = strcmp(kind, "rsa") == 0;
	struct dkim_signer *signers[DOMAINS];
	struct ms_arena *arena = ms_arena_new(NULL);
	FILE *zone = fopen(path, "w");

	if (!zone)
		return 1;
	for (unsigned i = 0; i < DOMAINS; i++) {
		const char *record;

		signers[i] = dkim_signer_new(
		    rsa ? DKIM_SIGNER_NEW : DKIM_SIGNER_ED25519, 2048);
		record = dkim_signer_record(arena, signers[i]);
		fprintf(zone,
		    "s._domainkey.d%u.example. IN TXT \"%.200s\" \"%s\"\n", i,
		    record, strlen(record) > 200 ? record + 200 : "");
	}
	for (unsigned i = 0; i < n; i++) {
		struct ms_arena *one = ms_arena_new(NULL);
		unsigned domain = below(DOMAINS);
		char tags[256];

		snprintf(tags, sizeof(tags),
		    "v=1; a=%s-sha256; c=relaxed/relaxed; d=d%u.example; "
		    "s=s;\r\n\tt=1767607200; h=from:to:subject:date:"
		    "message-id:mime-version:content-type",
		    kind, domain);
		write_message(dkim_sign(one, signers[domain], tags, "\r\n",
		    one_message(one, i, domain)));
		ms_arena_free(one);
	}
	return fclose(zone) == 0 && fflush(stdout) == 0 ? 0 : 1;
}

/* ---- reading ---- */

static struct ms_slice
map(const char *path)
{
	int fd = open(path, O_RDONLY);
	struct stat st;
	void *p;

	if (fd < 0 || fstat(fd, &st) != 0) {
		perror(path);
		exit(1);
	}
	p = mmap(NULL, (size_t)st.st_size, PROT_READ,
	    MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (p == MAP_FAILED)
		exit(1);
	return ms_slice_make(p, (size_t)st.st_size);
}

/* The next message without its "From " line. */
static bool
next_message(struct ms_slice *rest, struct ms_slice *out)
{
	const unsigned char *p, *end;

	if (rest->n == 0)
		return false;
	p = memchr(rest->p, '\n', rest->n);
	if (!p)
		return false;
	p++;
	end = memmem(p, rest->n - (size_t)(p - rest->p), "\nFrom s@", 8);
	if (!end)
		end = rest->p + rest->n - 1;
	*out = ms_slice_make(p, (size_t)(end - p));
	*rest = ms_slice_part(*rest, (size_t)(end + 1 - rest->p), rest->n);
	return true;
}

/* ---- limit ---- */

struct limit_key {
	RSA *rsa;
	EVP_PKEY *ed25519;
};

static void
read_keys(const char *path, struct limit_key *keys)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_slice zone = map(path);
	char line[4096], record[4096];
	FILE *file = fmemopen((void *)(uintptr_t)zone.p, zone.n, "r");

	while (file && fgets(line, sizeof(line), file)) {
		unsigned domain = (unsigned)atoi(strstr(line, ".d") + 2);
		size_t n = 0;
		struct ms_slice der;
		const unsigned char *p;

		for (const char *c = strstr(line, "p="); *c; c++)
			if (*c != '"' && *c != ' ' && *c != '\n')
				record[n++] = *c;
		der = ms_codec_decode(arena, MS_ENCODING_BASE64,
		    ms_slice_make(record + 2, n - 2), NULL);
		p = der.p;
		if (der.n == 32)
			keys[domain].ed25519 = EVP_PKEY_new_raw_public_key(
			    EVP_PKEY_ED25519, NULL, der.p, 32);
		else
			keys[domain].rsa =
			    d2i_RSA_PUBKEY(NULL, &p, (long)der.n);
	}
	if (file)
		fclose(file);
}

static size_t
limit_one(const struct limit_key *keys, struct ms_slice m)
{
	unsigned char digest[32], sig[512], info[512];
	const unsigned char *end = memmem(m.p, m.n, "\n\n", 2);
	const unsigned char *b = memmem(m.p, m.n, "\tb=", 3);
	const unsigned char *d = memmem(m.p, m.n, " d=d", 4);
	struct ms_codec codec;
	struct ms_slice out;
	const struct limit_key *key;
	bool good;

	if (!end || !b || !d)
		return 0;
	key = &keys[atoi((const char *)d + 4)];
	SHA256(end + 2, (size_t)(m.p + m.n - end - 2), digest);
	SHA256(m.p, (size_t)(end - m.p), digest);
	b += 3;
	ms_codec_init(&codec, MS_ENCODING_BASE64,
	    ms_slice_make(b, (size_t)((const unsigned char *)memchr(
					  b, '\n', (size_t)(end - b)) -
				      b)));
	out.n = 0;
	unsigned char room[1024];
	ms_codec_next(&codec, room, sizeof(room), &out);
	memcpy(sig, out.p, out.n < 512 ? out.n : 512);
	if (key->rsa)
		return RSA_public_decrypt((int)out.n, sig, info, key->rsa,
			   RSA_PKCS1_PADDING) > 0;
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	good = EVP_DigestVerifyInit(context, NULL, NULL, NULL, key->ed25519) ==
		   1 &&
	       EVP_DigestVerify(context, sig, out.n, digest, 32) >= 0;
	EVP_MD_CTX_free(context);
	return good;
}

static int
limit(const char *path, const char *zone)
{
	static struct limit_key keys[DOMAINS];
	struct ms_slice rest = map(path), message;
	size_t n = 0, done = 0;

	read_keys(zone, keys);
	for (; next_message(&rest, &message); n++)
		done += limit_one(keys, message);
	printf("%zu messages, %zu signatures\n", n, done);
	return 0;
}

/* ---- verify ---- */

static int
verify(const char *path, const char *zone)
{
	struct ms_message_options options = { .mime = true };
	struct ms_slice rest = map(path), raw;
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_arena *lasting = ms_arena_new(NULL);
	struct ms_charsets *charsets = ms_charsets_new(lasting);
	struct ms_env env = { 0 };
	struct ms_dns_zone_options zones = { .paths = &zone,
		.n = 1,
		.offline = true,
		.inner = ms_dns_none(),
		.limits = &env.limits };
	struct ms_dkim_request request = { .at = 1767607300 };
	struct ms_diag diag;
	size_t n = 0, passed = 0;

	env.limits = ms_limits_fill(NULL);
	if (ms_dns_zone_open(&zones, &env.dns, &diag) != MS_OK)
		return 1;
	request.keys = ms_dkim_keys_new();
	for (; next_message(&rest, &raw); n++) {
		struct ms_message message;
		struct ms_dkim_result result;

		ms_message_parse(
		    arena, charsets, &env.limits, raw, &options, &message);
		ms_dkim_verify(&env, arena, &message, &request, &result);
		for (size_t i = 0; i < result.n; i++)
			passed += result.signatures[i].result == MS_AUTH_PASS;
		ms_arena_clear(arena);
	}
	printf("%zu messages, %zu passed\n", n, passed);
	ms_dkim_keys_free(request.keys);
	env.dns->close(env.dns);
	ms_charsets_close(charsets);
	ms_arena_free(arena);
	ms_arena_free(lasting);
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc == 5 && strcmp(argv[1], "generate") == 0)
		return generate(argv[2], (unsigned)atoi(argv[3]), argv[4]);
	if (argc == 4 && strcmp(argv[1], "limit") == 0)
		return limit(argv[2], argv[3]);
	if (argc == 4 && strcmp(argv[1], "verify") == 0)
		return verify(argv[2], argv[3]);
	fprintf(stderr, "bench_dkim generate rsa|ed25519 N ZONE >MAILBOX\n"
			"bench_dkim limit|verify MAILBOX ZONE\n");
	return 1;
}
