/* SPDX-License-Identifier: ISC
 * bench_server.c - mail servers on loopback for the rows of probe
 *
 * bench_server SMTP SILENT COMMAND: opens SMTP endpoints with STARTTLS, an IMAP
 * and a POP3 one, and SILENT ones that never say a word; then runs the command
 * by the shell with their ports in $SMTP, $IMAP, $POP3 (one each), $ALL (every
 * SMTP one) and $HANG, and ends as it ends. A thread a connection.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/ssl.h>
#include <openssl/x509.h>

static SSL_CTX *ctx;

enum kind { SMTP, IMAP, POP3, SILENT };

struct endpoint {
	enum kind kind;
	int fd;
	unsigned port;
};

struct client {
	enum kind kind;
	int fd;
};

/* What is said to the word that a line holds, and whether TLS begins then. */
struct answer {
	const char *word, *text;
	int tls, end;
};

static const struct answer smtp_answers[] = {
	{ "EHLO",
	    "250-mx.bench.test\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n"
	    "250-STARTTLS\r\n250-ENHANCEDSTATUSCODES\r\n250 8BITMIME\r\n",
	    0, 0 },
	{ "STARTTLS", "220 go\r\n", 1, 0 },
	{ "QUIT", "221 bye\r\n", 0, 1 },
	{ "", "250 ok\r\n", 0, 0 },
};

static const struct answer imap_answers[] = {
	{ "CAPABILITY", "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\ns3 OK\r\n", 0,
	    0 },
	{ "STARTTLS", "s2 OK go\r\n", 1, 0 },
	{ "LOGOUT", "* BYE\r\ns4 OK\r\n", 0, 1 },
	{ "", "* OK\r\n", 0, 0 },
};

static const struct answer pop3_answers[] = {
	{ "CAPA", "+OK\r\nSTLS\r\nUIDL\r\n.\r\n", 0, 0 },
	{ "STLS", "+OK go\r\n", 1, 0 },
	{ "QUIT", "+OK bye\r\n", 0, 1 },
	{ "", "+OK\r\n", 0, 0 },
};

static const struct answer *const answers[] = { smtp_answers, imap_answers,
	pop3_answers };

static const char *const greetings[] = { "220 mx.bench.test ESMTP\r\n",
	"* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] ready\r\n",
	"+OK ready\r\n" };

static int
take(int fd, SSL *ssl, char *room, int size)
{
	return ssl ? SSL_read(ssl, room, size)
		   : (int)read(fd, room, (size_t)size);
}

static int
say(int fd, SSL *ssl, const char *text)
{
	int n = (int)strlen(text);

	return ssl ? SSL_write(ssl, text, n) == n
		   : write(fd, text, (size_t)n) == n;
}

static void *
talk(void *context)
{
	struct client client = *(struct client *)context;
	SSL *ssl = NULL;
	char line[4096];
	int n;

	free(context);
	if (client.kind == SILENT) {
		sleep(3600);
		return NULL;
	}
	if (!say(client.fd, NULL, greetings[client.kind]))
		n = -1;
	while ((n = take(client.fd, ssl, line, sizeof(line) - 1)) > 0) {
		const struct answer *a = answers[client.kind];

		line[n] = '\0';
		while (*a->word && !strcasestr(line, a->word))
			a++;
		if (!say(client.fd, ssl, a->text) || a->end)
			break;
		if (!a->tls)
			continue;
		ssl = SSL_new(ctx);
		SSL_set_fd(ssl, client.fd);
		if (SSL_accept(ssl) != 1)
			break;
	}
	SSL_free(ssl);
	close(client.fd);
	return NULL;
}

static void *
serve(void *context)
{
	const struct endpoint *e = context;
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, 256 * 1024);
	for (;;) {
		struct client *client = malloc(sizeof(*client));
		pthread_t thread;
		int yes = 1;

		client->kind = e->kind;
		client->fd = accept(e->fd, NULL, NULL);
		setsockopt(
		    client->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
		pthread_create(&thread, &attr, talk, client);
	}
	return NULL;
}

static void
open_endpoint(struct endpoint *e, enum kind kind)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(address);
	pthread_t thread;

	e->kind = kind;
	e->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(e->fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    listen(e->fd, 512) != 0 ||
	    getsockname(e->fd, (struct sockaddr *)&address, &n) != 0)
		abort();
	e->port = ntohs(address.sin_port);
	pthread_create(&thread, NULL, serve, e);
}

static void
make_certificate(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	X509_NAME *name = X509_get_subject_name(x);

	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), 0);
	X509_gmtime_adj(X509_getm_notAfter(x), 86400L * 30);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
	    (const unsigned char *)"mx.bench.test", -1, -1, 0);
	X509_set_issuer_name(x, name);
	X509_set_pubkey(x, key);
	X509_sign(x, key, EVP_sha256());
	ctx = SSL_CTX_new(TLS_server_method());
	SSL_CTX_use_certificate(ctx, x);
	SSL_CTX_use_PrivateKey(ctx, key);
}

static void
set(const char *name, const struct endpoint *list, unsigned n)
{
	char *text = calloc(n + 1, 8);

	for (unsigned i = 0; i < n; i++)
		sprintf(text + strlen(text), "%s%u", i > 0 ? " " : "",
		    list[i].port);
	setenv(name, text, 1);
	free(text);
}

int
main(int argc, char **argv)
{
	unsigned smtp = argc > 3 ? (unsigned)atoi(argv[1]) : 0;
	unsigned silent = argc > 3 ? (unsigned)atoi(argv[2]) : 0;
	struct endpoint *list = calloc(smtp + silent + 3, sizeof(*list));
	struct endpoint *other = list + smtp;
	int status;

	if (smtp == 0)
		return 64;
	signal(SIGPIPE, SIG_IGN);
	make_certificate();
	for (unsigned i = 0; i < smtp; i++)
		open_endpoint(&list[i], SMTP);
	open_endpoint(&other[0], IMAP);
	open_endpoint(&other[1], POP3);
	for (unsigned i = 0; i < silent; i++)
		open_endpoint(&other[2 + i], SILENT);
	set("ALL", list, smtp);
	set("SMTP", list, 1);
	set("IMAP", &other[0], 1);
	set("POP3", &other[1], 1);
	set("HANG", &other[2], silent);
	status = system(argv[3]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 70;
}
