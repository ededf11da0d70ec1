/* SPDX-License-Identifier: ISC
 * bench_probe.c - what a probe cannot do without, and nothing else
 *
 * bench_probe smtp|imap|pop3 SECONDS PORT...: to each port of 127.0.0.1, a
 * thread each: connect, banner, greeting, STARTTLS, handshake, the name on the
 * certificate, good-bye. One line printed. It is the floor that the program's
 * time is held against.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <openssl/ssl.h>

struct script {
	const char *name, *greet, *start, *again, *bye;
};

static const struct script scripts[] = {
	{ "smtp", "EHLO a.test\r\n", "STARTTLS\r\n", "EHLO a.test\r\n",
	    "QUIT\r\n" },
	{ "imap", NULL, "s2 STARTTLS\r\n", "s3 CAPABILITY\r\n",
	    "s4 LOGOUT\r\n" },
	{ "pop3", "CAPA\r\n", "STLS\r\n", "CAPA\r\n", "QUIT\r\n" },
};

static const struct script *script;
static SSL_CTX *ctx;
static struct timeval deadline;
static unsigned done;

static int
ask(int fd, const char *text)
{
	char room[4096];

	if (text && write(fd, text, strlen(text)) < 0)
		return 0;
	return read(fd, room, sizeof(room)) > 0;
}

static int
ask_tls(SSL *ssl, const char *text)
{
	char room[4096];

	return SSL_write(ssl, text, (int)strlen(text)) > 0 &&
	       SSL_read(ssl, room, sizeof(room)) > 0;
}

static int
shake(int fd)
{
	SSL *ssl = SSL_new(ctx);
	X509 *x;
	char name[256];
	int good;

	SSL_set_fd(ssl, fd);
	good = SSL_connect(ssl) == 1;
	x = good ? SSL_get1_peer_certificate(ssl) : NULL;
	if (x)
		X509_NAME_oneline(X509_get_subject_name(x), name, sizeof(name));
	X509_free(x);
	good = good && ask_tls(ssl, script->again) && ask_tls(ssl, script->bye);
	SSL_free(ssl);
	return good;
}

static void *
probe(void *context)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)atoi(context)) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof(deadline));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
	    ask(fd, NULL) && (!script->greet || ask(fd, script->greet)) &&
	    ask(fd, script->start) && shake(fd))
		__atomic_add_fetch(&done, 1, __ATOMIC_RELAXED);
	close(fd);
	return NULL;
}

int
main(int argc, char **argv)
{
	pthread_t *threads = calloc((size_t)argc, sizeof(*threads));
	pthread_attr_t attr;

	for (size_t i = 0; i < 3 && argc > 3; i++)
		if (strcmp(argv[1], scripts[i].name) == 0)
			script = &scripts[i];
	if (!script)
		return 64;
	deadline.tv_sec = atoi(argv[2]);
	ctx = SSL_CTX_new(TLS_client_method());
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 256 * 1024);
	for (int i = 3; i < argc; i++)
		pthread_create(&threads[i], &attr, probe, argv[i]);
	for (int i = 3; i < argc; i++)
		pthread_join(threads[i], NULL);
	printf("%u done\n", done);
	return 0;
}
